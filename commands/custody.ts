import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Attribution } from '#domain/kernel/attribution.ts';
import type { DriverId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { attributionAt, type Vehicle } from '#domain/registry/vehicleState.ts';
import { driverOf, vehicleOf } from './aggregate.ts';
import type { Unavailable } from './ports.ts';
import { type Request, scope, type Workspace } from './workspace.ts';

/** Why a fact about a vehicle cannot be laid at anybody's door. */
export type CustodyRefused =
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId }
  | { readonly code: 'FactBeforeRegistration'; readonly registeredAt: Instant }
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId }
  | { readonly code: 'FactBeforeDriver'; readonly registeredAt: Instant }
  | { readonly code: 'DriverNotInCustody'; readonly inCustody: DriverId | null };

/** The vehicle a fact is about, and who had it at that moment of true time. */
interface Attributed extends Attribution {
  readonly vehicle: Vehicle;
}

interface Asked {
  readonly vehicle: VehicleId;
  readonly at: Instant;
  /** Whom the teller of the fact names; null where nobody is named. */
  readonly named: DriverId | null;
}

/**
 * Finds who had a vehicle at the time of a fact, which is not who has it today. A driver who is named must
 * have existed then and must be the one who had it.
 */
export const attribute =
  ({ load }: Workspace) =>
  async (
    request: Request,
    { vehicle: id, at, named }: Asked,
  ): Promise<Either<CustodyRefused | Unavailable, Attributed>> => {
    const { tenant } = request.origin;
    const loaded = await load(vehicleOf(tenant, id));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    if (!vehicle || isLeft(scope(request)(vehicle.park))) {
      return left({ code: 'VehicleUnknown', vehicle: id });
    }
    const { registeredAt } = vehicle;
    if (at < registeredAt) return left({ code: 'FactBeforeRegistration', registeredAt });
    const { driver, rental } = attributionAt(vehicle, at);
    if (named !== null) {
      const file = await load(driverOf(tenant, named));
      if (isLeft(file)) return file;
      const { state } = file.right;
      if (state.phase === 'unknown') return left({ code: 'DriverUnknown', driver: named });
      if (at < state.registeredAt) {
        return left({ code: 'FactBeforeDriver', registeredAt: state.registeredAt });
      }
      if (driver !== named) return left({ code: 'DriverNotInCustody', inCustody: driver });
    }
    return right({ vehicle, driver, rental });
  };
