import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { digestOfTexts } from '#commands/digest.ts';
import { isOver } from '#commands/finance/closePeriod.ts';
import type { Unavailable } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import { assetDecider } from '#domain/assets/asset.ts';
import type { AssetState } from '#domain/assets/assetState.ts';
import { isAssetEvent, VehicleValued } from '#domain/assets/events.ts';
import { decodeFact } from '#domain/events.ts';
import { lastDayOf } from '#domain/finance/period.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { Digest, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import { valuationStream } from '#domain/kernel/streams.ts';
import { DEPRECIATION_VERSION, depreciationLine } from '#domain/runs/lines/depreciation.ts';
import type { Reckoner, RunParts } from './reckoner.ts';

const READ_AT_ONCE = 16;

interface ReadAsset {
  readonly vehicle: VehicleId;
  readonly state: AssetState;
  readonly inputs: Digest;
}

/** A vehicle as an asset, with the digest of what its depreciation rests on: a valuation moves nothing. */
const readAsset =
  ({ store }: Workspace, tenant: Tenant) =>
  async (vehicle: VehicleId): Promise<Either<Unavailable, ReadAsset>> => {
    const found = await readWhole(store)(valuationStream(tenant, vehicle));
    if (isLeft(found)) return found;
    const texts: string[] = [];
    let state = assetDecider.initial;
    for (const { text } of found.right) {
      const fact = decodeFact(parseEvent(text));
      if (!isAssetEvent(fact)) throw new Error(`${fact.type} is nothing of an asset`);
      state = assetDecider.evolve(state, fact);
      if (fact.type !== VehicleValued.type) texts.push(text);
    }
    return right({ vehicle, state, inputs: digestOfTexts(texts) });
  };

/**
 * Says what a month that is over writes off each vehicle of a park, and makes up for the months before it. It
 * may come before the month is closed or after: then it is booked in the first that is open.
 */
export const depreciationReckoner = ({ workspace, closing }: RunParts): Reckoner => ({
  version: DEPRECIATION_VERSION,
  reckon: async (tenant, of) => {
    const { park, period, currency } = of;
    if (!isOver(workspace, [of], period)) return left({ code: 'PeriodNotOver', period });
    const posted = await closing.posted();
    if (isLeft(posted)) return posted;
    const books = await closing.booksOf(tenant, lastDayOf(period));
    if (isLeft(books)) return books;
    const vehicles = books.right
      .flatMap((book) => (book.park === park && book.vehicle !== null ? [book.vehicle] : []))
      .sort();
    const lines = [];
    for (const group of inGroups(vehicles, READ_AT_ONCE)) {
      const read = await Promise.all(group.map(readAsset(workspace, tenant)));
      for (const asset of read) {
        if (isLeft(asset)) return asset;
        const { vehicle, state, inputs } = asset.right;
        const line = depreciationLine(state, { vehicle, period, inputs });
        if (!line) continue;
        const isForeign = state.acquisition?.cost.currency !== currency;
        if (isForeign) return left({ code: 'ForeignCurrency', expected: currency });
        lines.push(line);
      }
    }
    return right(lines);
  },
});
