import { z } from 'zod';
import { fractionOf, Rate } from '#domain/finance/rate.ts';
import { Code } from '#domain/kernel/fields.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { rateKey, subjects } from '#domain/kernel/subjects.ts';

/** What one of `base` is in `quote`; more than nothing. */
const ExchangeRate = Rate.refine((rate) => fractionOf(rate).numerator > 0n);

/** Which currency is told in which other. */
export interface Pair {
  readonly base: Currency;
  readonly quote: Currency;
}

/** The name of a pair in streams and keys: `usd-eur`. */
export const pairName = ({ base, quote }: Pair): string => `${base}-${quote}`.toLowerCase();

export const ExchangeRateRecorded = eventType({
  type: 'ExchangeRateRecorded',
  about:
    'One of `base` was that much in `quote` on a day, by a source. `supersedes` is what was recorded of the day before, which was wrong; null: nothing was.',
  data: z.strictObject({
    base: Currency,
    quote: Currency,
    date: LocalDate,
    rate: ExchangeRate,
    source: Code,
    supersedes: ExchangeRate.nullable(),
  }),
  subjects: (pair) => subjects(rateKey(pairName(pair))),
});
export type RateEvent = Fact<typeof ExchangeRateRecorded>;
