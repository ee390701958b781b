import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { holding } from '#commands/aggregate.ts';
import { momentOf, plusDays } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readHistory } from '#commands/readHistory.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { Exchange } from '#domain/finance/journal/events.ts';
import type { Rate } from '#domain/finance/rate.ts';
import { ExchangeRateRecorded, type Pair, pairName } from '#domain/finance/rates/events.ts';
import { type RateRefusal, ratesDecider } from '#domain/finance/rates/rates.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { ratesStream } from '#domain/kernel/streams.ts';

/**
 * A rate counts for so many days after its own while there is no other: banks publish none on weekends and
 * holidays, of which no more than four or five come together.
 */
const RATE_HOLDS_DAYS = 7;

/** Why something cannot be exchanged: no rate is recorded of the day, nor of the seven before it. */
export interface RateMissing {
  readonly code: 'RateMissing';
  readonly from: Currency;
  readonly to: Currency;
  readonly date: LocalDate;
}

/** A recorded rate that no other has taken the place of, and the event that recorded it. */
export interface RecordedRate {
  readonly date: LocalDate;
  readonly rate: Rate;
  readonly source: string;
  readonly event: EventId;
}

const isRateEvent = holding([ExchangeRateRecorded]);
const yearOf = (date: LocalDate): number => Number(date.slice(0, 4));

const ratesOf = (tenant: Tenant, pair: Pair, year: number) => ({
  decider: ratesDecider,
  streamOf: () => ratesStream(tenant, pairName(pair), year),
  owns: isRateEvent,
});

/** Records a rate of a day. It belongs to the tenant, and to no park. */
export const recordRate =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    asked: Pair & {
      readonly date: LocalDate;
      readonly rate: Rate;
      readonly source: string;
      readonly at: Instant;
    },
  ): Outcome<string, RateRefusal> => {
    const { at, ...said } = asked;
    const when = momentOf(at, workspace.platformZone);
    return submitAs(workspace)(pairName(said), {
      origin,
      aggregate: ratesOf(origin.tenant, said, yearOf(said.date)),
      command: { type: 'RecordRate', ...said, when },
      authorize: everywhere,
    })();
  };

/** The rates in force of a pair on some days, both included, in the order of their days. */
export const ratesBetween =
  ({ store }: Workspace) =>
  async (
    tenant: Tenant,
    pair: Pair,
    { from, to }: { readonly from: LocalDate; readonly to: LocalDate },
  ): Promise<Either<Unavailable, readonly RecordedRate[]>> => {
    const rates = new Map<LocalDate, RecordedRate>();
    for (let year = yearOf(from); year <= yearOf(to); year += 1) {
      const history = await readHistory(store)(ratesStream(tenant, pairName(pair), year));
      if (isLeft(history)) return history;
      for (const { id: event, fact } of history.right) {
        if (!isRateEvent(fact)) throw new Error('a stream of rates holds something else');
        const { date, rate, source } = fact.data;
        if (from <= date && date <= to) rates.set(date, { date, rate, source, event });
      }
    }
    return right([...rates.values()].sort((one, other) => (one.date < other.date ? -1 : 1)));
  };

/**
 * At what rate two currencies are exchanged on a day, whichever of them is told in the other: the day's own,
 * or the last one of the seven days before.
 */
export const exchangeOn =
  (workspace: Workspace) =>
  async (
    tenant: Tenant,
    { from, to }: Pick<Exchange, 'from' | 'to'>,
    date: LocalDate,
  ): Promise<Either<Unavailable | RateMissing, Exchange>> => {
    const span = { from: plusDays(date, -RATE_HOLDS_DAYS), to: date };
    let found: (Exchange & { readonly date: LocalDate }) | null = null;
    for (const [base, quote] of [[from, to] as const, [to, from] as const]) {
      const rates = await ratesBetween(workspace)(tenant, { base, quote }, span);
      if (isLeft(rates)) return rates;
      const last = rates.right.at(-1);
      const isNewer = last !== undefined && (found === null || last.date > found.date);
      if (isNewer) found = { from: base, to: quote, ...last, source: last.event };
    }
    if (found === null) return left({ code: 'RateMissing', from, to, date });
    const { rate, source } = found;
    return right({ from: found.from, to: found.to, rate, source });
  };
