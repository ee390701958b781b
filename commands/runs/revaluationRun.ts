import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import { isOver } from '#commands/finance/closePeriod.ts';
import { bookIdOf } from '#commands/finance/postEntry.ts';
import { exchangeOn, type RateMissing } from '#commands/finance/rates.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readHistory } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import { type Entry, monthOfBook } from '#domain/finance/journal/events.ts';
import { lastDayOf, nextPeriod, type Period } from '#domain/finance/period.ts';
import type { Book } from '#domain/finance/postingRule.ts';
import type { ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { journalStream } from '#domain/kernel/streams.ts';
import {
  type BookInCurrency,
  needsRate,
  REVALUATION_RULE,
  REVALUATION_VERSION,
  type RevaluationLine,
  revaluationOf,
} from '#domain/runs/lines/revaluation.ts';
import { postedRun } from '#domain/runs/runState.ts';
import type { Reckoner, RunParts } from './reckoner.ts';

type Earlier = RevaluationLine & { readonly period: Period };

const postedIn = async (
  { load }: Workspace,
  tenant: Tenant,
  { park, period }: { readonly park: ParkId; readonly period: Period },
) => {
  const loaded = await load(runsOf(tenant, { kind: 'revaluation', park, period }));
  return isLeft(loaded) ? loaded : right(postedRun(loaded.right.state));
};

/** The lines of the runs that hold for the months from one up to and without another, oldest first. */
const earlierLines = async (
  workspace: Workspace,
  tenant: Tenant,
  { park, from, below }: { readonly park: ParkId; readonly from: Period; readonly below: Period },
): Promise<Either<Unavailable, readonly Earlier[]>> => {
  const lines: Earlier[] = [];
  for (let period = from; period < below; period = nextPeriod(period)) {
    const run = await postedIn(workspace, tenant, { park, period });
    if (isLeft(run)) return run;
    for (const line of run.right?.lines ?? []) {
      if (line.kind === 'revaluation') lines.push({ ...line, period });
    }
  }
  return right(lines);
};

/**
 * The entries of some months of a book, in the order in which they were posted, but for those of the rule.
 */
const entriesOf = async (
  { store }: Workspace,
  tenant: Tenant,
  book: Book,
  months: readonly Period[],
): Promise<Either<Unavailable, readonly Entry[]>> => {
  const entries: Entry[] = [];
  for (const period of months) {
    const stream = journalStream(tenant, monthOfBook({ book: bookIdOf(book), period }));
    const history = await readHistory(store)(stream);
    if (isLeft(history)) return history;
    for (const { fact } of history.right) {
      if (fact.type !== 'EntryPosted') continue;
      if (fact.data.rule?.name !== REVALUATION_RULE) entries.push(fact.data);
    }
  }
  return right(entries);
};

const foreignIn = (entries: readonly Entry[], own: Currency): readonly Currency[] =>
  [...new Set(entries.flatMap(({ lines }) => lines.map(({ amount }) => amount.currency)))]
    .filter((currency) => currency !== own)
    .sort();

const lineOf = async (
  workspace: Workspace,
  tenant: Tenant,
  { book, period }: { readonly book: BookInCurrency; readonly period: Period },
): Promise<Either<Unavailable | RateMissing, RevaluationLine | null>> => {
  if (!needsRate(book)) return right(revaluationOf(book, null));
  const pair = { from: book.currency, to: book.own };
  const rate = await exchangeOn(workspace)(tenant, pair, lastDayOf(period));
  return isLeft(rate) ? rate : right(revaluationOf(book, rate.right));
};

/**
 * Brings a month's foreign revenue and costs into the park's currency, and values what is held in foreign
 * ones, book by book, by the rate recorded of the month's last day. To be run before the month is closed: a
 * payout can share only what is in the park's currency.
 */
export const revaluationReckoner = ({ workspace, closing }: RunParts): Reckoner => ({
  version: REVALUATION_VERSION,
  reckon: async (tenant, of) => {
    const { park, period, currency: own } = of;
    if (!isOver(workspace, [of], period)) return left({ code: 'PeriodNotOver', period });
    const posted = await closing.posted();
    if (isLeft(posted)) return posted;
    const later = await postedIn(workspace, tenant, { park, period: nextPeriod(period) });
    if (isLeft(later)) return later;
    if (later.right) return left({ code: 'LaterRunPosted', run: later.right.run });
    const months = await closing.foreignMonths(tenant, { park, own, until: period });
    if (isLeft(months)) return months;
    const [first] = months.right.map((month) => month.period).sort();
    const from = first ?? period;
    const earlier = await earlierLines(workspace, tenant, { park, from, below: period });
    if (isLeft(earlier)) return earlier;
    const books = [...Map.groupBy(months.right, ({ vehicle }) => vehicle)].sort(([one], [other]) =>
      (one ?? '~') < (other ?? '~') ? -1 : 1,
    );
    const lines: RevaluationLine[] = [];
    for (const [vehicle, its] of books) {
      const sorted = [...new Set(its.map((month) => month.period))].sort();
      const entries = await entriesOf(workspace, tenant, { park, vehicle }, sorted);
      if (isLeft(entries)) return entries;
      const inputs = digestOf(
        entries.right.map(({ entry, lines: all, exchange }) => ({ entry, lines: all, exchange })),
      );
      for (const currency of foreignIn(entries.right, own)) {
        const before = earlier.right.filter(
          (line) => line.vehicle === vehicle && line.currency === currency,
        );
        const book = { vehicle, inputs, currency, own, entries: entries.right, earlier: before };
        const line = await lineOf(workspace, tenant, { book, period });
        if (isLeft(line)) return line;
        if (line.right) lines.push(line.right);
      }
    }
    return right(lines);
  },
});
