import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { journalOf, runsOf } from '#commands/aggregate.ts';
import { readOn, unread } from '#commands/load.ts';
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
 * happened may have none; one in which something did, under terms, must have been paid out first. Where the
 * asset was in the same park, the payout alone tells; else the month's book says where it was. Books are
 * read past the cache, which so many would empty of all else.
 */
export const openingOf = (workspace: Workspace, tenant: Tenant) => {
  const posted = postedPayouts(workspace, tenant);
  const read = readOn(workspace.store);
  return async (
    vehicle: VehicleId,
    of: { readonly park: ParkId; readonly period: Period; readonly terms: TermsState },
  ): Promise<Either<Unavailable | OpeningRefusal, Carried>> => {
    let { period } = of;
    for (let month = 0; month < MONTHS_PASSED_MAX; month += 1) {
      period = previousPeriod(period);
      if (termsAt(of.terms, lastDayOf(period)) === null) return right(NOTHING);
      const here = await posted(of.park, period);
      if (isLeft(here)) return here;
      const closing = here.right?.closing.get(vehicle);
      if (closing) return right(closing);
      const journal = journalOf(tenant, { book: BookId.parse(vehicle), period });
      const loaded = await read(journal, unread(journal));
      if (isLeft(loaded)) return loaded;
      const { state, revision } = loaded.right;
      if (revision === null) return right(NOTHING);
      if (state.closedIn === null) return left({ code: 'EarlierPeriodOpen', period });
      const there = await posted(state.closedIn, period);
      if (isLeft(there)) return there;
      const handedOn = there.right?.closing.get(vehicle);
      if (handedOn) return right(handedOn);
      if (state.entries.size > 0) return left({ code: 'EarlierRunMissing', period });
    }
    return right(NOTHING);
  };
};
