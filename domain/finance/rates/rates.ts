import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Rate } from '#domain/finance/rate.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ExchangeRateRecorded, type Pair, type RateEvent } from './events.ts';

/** Records what one of `base` is in `quote` on a day, or corrects what was recorded of it. */
export interface RecordRate extends Pair {
  readonly type: 'RecordRate';
  readonly date: LocalDate;
  readonly rate: Rate;
  readonly source: string;
  readonly when: Moment;
}

/** Why not: nobody exchanges a currency for itself. */
export type RateRefusal = { readonly code: 'CurrenciesSame' };

/** The rates of a pair in a year, by their days. */
export type RatesState = ReadonlyMap<LocalDate, { readonly rate: Rate; readonly source: string }>;

const decide = (
  { base, quote, date, rate, source, when }: RecordRate,
  state: RatesState,
): Either<RateRefusal, readonly RateEvent[]> => {
  if (base === quote) return left({ code: 'CurrenciesSame' });
  const held = state.get(date);
  if (held?.rate === rate && held.source === source) return right([]);
  const supersedes = held?.rate ?? null;
  const recorded = { base, quote, date, rate, source, supersedes };
  return right([fact(ExchangeRateRecorded, when, recorded)]);
};

/** The rates of a pair of currencies in a year. */
export const ratesDecider: Decider<RecordRate, RateEvent, RatesState, RateRefusal> = {
  initial: new Map(),
  decide,
  evolve: (state, { data: { date, rate, source } }) => new Map(state).set(date, { rate, source }),
};
