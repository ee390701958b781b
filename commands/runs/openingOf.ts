import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { journalOf, runsOf } from '#commands/aggregate.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import { lastDayOf, type Period, previousPeriod } from '#domain/finance/period.ts';
import { type TermsState, termsAt } from '#domain/investors/agreement.ts';
import { BookId, type ParkId, type Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import type { Carried } from '#domain/runs/events.ts';
import { postedRun, type Run } from '#domain/runs/runState.ts';

/** How many months without any entry are passed over in search of the last payout. */
const MONTHS_PASSED_MAX = 120;

/** What an asset opens with that no payout handed anything on to. */
const NOTHING: Carried = { reserve: '0', advanced: '0', remainder: '0' };

/** A month that was shared by nobody, or is not over, stands before the one that is to be shared. */
export type OpeningRefusal =
  | { readonly code: 'EarlierPeriodOpen'; readonly period: Period }
  | { readonly code: 'EarlierRunMissing'; readonly period: Period };

/** The posted payouts of months and parks, each looked up once. */
const postedPayouts = ({ load }: Pick<Workspace, 'load'>, tenant: Tenant) => {
  const known = new Map<string, Run | null>();
  return async (park: ParkId, period: Period): Promise<Either<Unavailable, Run | null>> => {
    const key = `${park} ${period}`;
    const before = known.get(key);
    if (before !== undefined) return right(before);
    const loaded = await load(runsOf(tenant, { kind: 'payout', park, period }));
    if (isLeft(loaded)) return loaded;
    const run = postedRun(loaded.right.state);
    known.set(key, run);
    return right(run);
  };
};

/**
 * What an asset hands on to a month: the closing of its last payout before it. Months in which nothing
 * happened may have none; one in which something did, under terms, must have been paid out first.
 */
export const openingOf = (workspace: Workspace, tenant: Tenant) => {
  const posted = postedPayouts(workspace, tenant);
  return async (
    vehicle: VehicleId,
    of: { readonly period: Period; readonly terms: TermsState },
  ): Promise<Either<Unavailable | OpeningRefusal, Carried>> => {
    let period = of.period;
    for (let month = 0; month < MONTHS_PASSED_MAX; month += 1) {
      period = previousPeriod(period);
      if (termsAt(of.terms, lastDayOf(period)) === null) return right(NOTHING);
      const book = BookId.parse(vehicle);
      const loaded = await workspace.load(journalOf(tenant, { book, period }));
      if (isLeft(loaded)) return loaded;
      const { state, revision } = loaded.right;
      if (revision === null) return right(NOTHING);
      if (state.closedIn === null) return left({ code: 'EarlierPeriodOpen', period });
      const run = await posted(state.closedIn, period);
      if (isLeft(run)) return run;
      const closing = run.right?.closing.get(vehicle);
      if (closing) return right(closing);
      if (state.entries.size > 0) return left({ code: 'EarlierRunMissing', period });
    }
    return right(NOTHING);
  };
};
