import { isLeft, left } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { AssetCommand, AssetRefusal } from '#domain/assets/asset.ts';
import type { ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { assetOf } from './aggregates.ts';

/** Why a step in the life of an asset may be refused. */
export type AssetFailure =
  | AssetRefusal
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId };

/** What every command about an asset says besides its own words. */
interface Said {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly currency: Currency;
  readonly when: Moment;
}

/** Takes a step in the life of a vehicle of the caller's as an asset, in the currency of its park. */
export const onAsset =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle, at }: { readonly vehicle: VehicleId; readonly at: Instant },
    commandOf: (said: Said) => AssetCommand,
  ): Outcome<VehicleId, AssetFailure> => {
    const { origin } = request;
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const { park, currency, zone } = known;
    return submitAs(workspace)(vehicle, {
      origin,
      aggregate: assetOf(origin.tenant, vehicle),
      command: commandOf({ vehicle, park, currency, when: momentOf(at, zone) }),
      authorize: () => scope(request)(park),
    })();
  };
