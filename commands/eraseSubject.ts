import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { DriverRefusal } from '#domain/drivers/driver.ts';
import type { PartyRefusal } from '#domain/investors/party.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { ErasureSubject } from '#domain/privacy/events.ts';
import type { VehicleRefusal } from '#domain/registry/vehicle.ts';
import { driverOf, vehicleOf } from './aggregate.ts';
import { onDriver } from './drivers.ts';
import type { Done, HandleFailure } from './handle.ts';
import { partyOf } from './investors/aggregates.ts';
import { onParty } from './investors/parties.ts';
import type { ErasureHold } from './ports.ts';
import { onVehicle } from './vehicles.ts';
import { type OutsideScope, type Request, scope, type Workspace } from './workspace.ts';

/** What an erasure came to; `held` is erased by itself once its retention ends. */
export interface Erased {
  readonly erased: readonly PiiClass[];
  readonly held: readonly ErasureHold[];
  readonly done: Done;
}

type Failure = DriverRefusal | VehicleRefusal | PartyRefusal | HandleFailure | OutsideScope;

/**
 * Keys are destroyed before anything is appended, so whether the caller may is asked first. A party belongs
 * to no park: whoever is let in to erase one may.
 */
const isThere =
  ({ load }: Workspace) =>
  async (request: Request, subject: ErasureSubject): Promise<Either<Failure, null>> => {
    const { tenant } = request.origin;
    switch (subject.kind) {
      case 'driver': {
        const loaded = await load(driverOf(tenant, subject.id));
        if (isLeft(loaded)) return loaded;
        const { state } = loaded.right;
        const known = state.phase !== 'unknown' && !isLeft(scope(request)(state.park));
        return known ? right(null) : left({ code: 'DriverUnknown', driver: subject.id });
      }
      case 'vehicle': {
        const loaded = await load(vehicleOf(tenant, subject.id));
        if (isLeft(loaded)) return loaded;
        const { vehicle } = loaded.right.state;
        const known = vehicle !== null && !isLeft(scope(request)(vehicle.park));
        return known ? right(null) : left({ code: 'VehicleUnknown', vehicle: subject.id });
      }
      case 'party': {
        const loaded = await load(partyOf(tenant, subject.id));
        if (isLeft(loaded)) return loaded;
        const known = loaded.right.state.phase !== 'unknown';
        return known ? right(null) : left({ code: 'PartyUnknown', party: subject.id });
      }
      default:
        return unreachable(subject);
    }
  };

const log =
  (workspace: Workspace) =>
  async (
    request: Request,
    subject: ErasureSubject,
    { erased, held, at }: { erased: PiiClass[]; held: ErasureHold[]; at: Instant },
  ): Promise<Either<Failure, Done>> => {
    switch (subject.kind) {
      case 'driver': {
        const { id: driver } = subject;
        return onDriver(workspace)(request, { driver, id: driver, at }, (when) => ({
          type: 'EraseDriver',
          driver,
          erased,
          held,
          when,
        }));
      }
      case 'vehicle': {
        const { id: vehicle } = subject;
        return onVehicle(workspace)(request, { vehicle, id: vehicle, at }, (_, when) => ({
          type: 'EraseVehicleIdentity',
          vehicle,
          erased,
          held,
          when,
        }));
      }
      case 'party': {
        const { id: party } = subject;
        return onParty(workspace)(request, { party, at }, (when) => ({
          type: 'EraseParty',
          party,
          erased,
          held,
          when,
        }));
      }
      default:
        return unreachable(subject);
    }
  };

/**
 * Makes the personal data of a driver, vehicle or party unreadable, but for what a retention hold covers, and
 * logs that. The keys go first: should the log be away then, asking again logs what was done.
 */
export const eraseSubject =
  (workspace: Workspace) =>
  async (
    request: Request,
    { subject, at }: { readonly subject: ErasureSubject; readonly at: Instant },
  ): Promise<Either<Failure, Erased>> => {
    const { tenant } = request.origin;
    const there = await isThere(workspace)(request, subject);
    if (isLeft(there)) return there;
    // Holds are reckoned by our own clock: a caller's date must not get around them.
    const now = workspace.now();
    const gone = await workspace.vault.erase({ tenant, subject: subject.id, at: now })();
    if (isLeft(gone)) return gone;
    const erased = [...gone.right.erased];
    const held = [...gone.right.held];
    const logged = await log(workspace)(request, subject, { erased, held, at });
    return isLeft(logged) ? logged : right({ erased, held, done: logged.right });
  };
