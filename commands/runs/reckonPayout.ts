import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { booksOf } from '#commands/aggregate.ts';
import type { Closing } from '#commands/finance/closePeriod.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { lastDayOf, type Period } from '#domain/finance/period.ts';
import { Digest, type ParkId, type Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import type { Currency } from '#domain/kernel/money.ts';
import type { PayoutTotals } from '#domain/runs/events.ts';
import {
  type AssetPayout,
  noTotals,
  PAYOUT_VERSION,
  payoutOf,
  withLine,
} from '#domain/runs/payout.ts';
import { type GatheredInputs, gatherInputs, type InputsRefusal } from './payoutInputs.ts';

/** So many assets are read together, while those before them are reckoned. */
const ASSETS_AT_ONCE = 8;

/** Which month of which park is to be paid out, in the currency of the park. */
export interface PayoutOf {
  readonly park: ParkId;
  readonly period: Period;
  readonly currency: Currency;
}

/** Why a payout cannot be reckoned. */
export type PayoutRefusal =
  | InputsRefusal
  | { readonly code: 'PeriodOpen'; readonly period: Period }
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency };

/** What payouts are reckoned with. */
export interface PayoutParts extends RegisterParts {
  readonly closing: Pick<Closing, 'booksOf'>;
}

/** A payout that was reckoned: its totals, and the digest of all it rests on. */
export interface Reckoned {
  readonly totals: PayoutTotals;
  readonly inputs: Digest;
}

/** The payout of one asset with what it rests on. */
export interface ReckonedAsset extends GatheredInputs {
  readonly payout: AssetPayout;
}

/** What is read of each of some groups, in their order, and of the next while one is worked on. */
async function* readAhead<Group, Read>(
  groups: readonly Group[],
  read: (group: Group) => Promise<Read>,
): AsyncGenerator<Read> {
  const begin = (group: Group): Promise<Read> => {
    const coming = read(group);
    coming.catch(() => {});
    return coming;
  };
  const [first, ...later] = groups;
  if (first === undefined) return;
  let coming = begin(first);
  for (const next of later) {
    const current = await coming;
    coming = begin(next);
    yield current;
  }
  yield await coming;
}

/**
 * Reckons the payout of a closed month of a park, asset by asset in the order of their ids, and shows each
 * to `visit`. However many there are, only two groups of a few assets are held at a time. The month must be
 * closed for the whole tenant.
 */
export const reckonPayout =
  (parts: PayoutParts) =>
  async <Failure>(
    tenant: Tenant,
    of: PayoutOf,
    visit: (asset: ReckonedAsset) => Promise<Either<Failure, unknown>>,
  ): Promise<Either<Failure | PayoutRefusal | Unavailable, Reckoned>> => {
    const { park, period, currency } = of;
    const books = await parts.workspace.load(booksOf(tenant, period));
    if (isLeft(books)) return books;
    if (!books.right.state.closed) return left({ code: 'PeriodOpen', period });
    const found = await parts.closing.booksOf(tenant, lastDayOf(period));
    if (isLeft(found)) return found;
    const vehicles: VehicleId[] = found.right.flatMap(({ vehicle }) => (vehicle ? [vehicle] : []));
    const groups = inGroups(vehicles.sort(), ASSETS_AT_ONCE);
    const gather = gatherInputs(parts, tenant, of);
    const hash = createHash('sha256').update(`payout ${PAYOUT_VERSION} ${park} ${period}\n`);
    let totals = noTotals(currency);
    for await (const group of readAhead(groups, gather)) {
      if (isLeft(group)) return group;
      for (const gathered of group.right) {
        if (isLeft(gathered)) return gathered;
        if (gathered.right === null) continue;
        const payout = payoutOf(gathered.right.inputs);
        if (!payout) return left({ code: 'ForeignCurrency', expected: currency });
        const { line } = payout;
        hash.update(`${line.vehicle} ${line.inputs}\n`);
        totals = withLine(totals, line);
        const visited = await visit({ ...gathered.right, payout });
        if (isLeft(visited)) return visited;
      }
    }
    return right({ totals, inputs: Digest.parse(hash.digest('hex')) });
  };
