import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import {
  type Concerned,
  consider,
  homeOf,
  type PublishedRules,
  parkOfDecision,
} from '#domain/access/consider.ts';
import type { Held, History } from '#domain/access/held.ts';
import type { Reason } from '#domain/access/reason.ts';
import { accessRulesName } from '#domain/access/rules.ts';
import {
  DecisionId,
  type DriverId,
  type ParkId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import {
  driverStream,
  rulesStream,
  type StreamName,
  standingStream,
  vehicleStream,
} from '#domain/kernel/streams.ts';
import { decisionsOf } from './aggregate.ts';
import type { HandleFailure } from './handle.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import type { Unavailable } from './ports.ts';
import { readHistory } from './readHistory.ts';
import { everywhere, followUp, type Request, type Workspace } from './workspace.ts';

/** A driver is refused a vehicle, by the decision of that id; `reasons`: all that denied or warned. */
export interface AccessDenied {
  readonly code: 'AccessDenied';
  readonly decision: DecisionId;
  readonly reasons: readonly Reason[];
}

/** How the streams are read that a decision rests on: to their ends, or as far as something was known. */
export type ReadStream = (stream: StreamName) => Promise<Either<Unavailable, History>>;

/** Reads streams of a store as far as a position of the log; null: to their ends. */
export const readUpTo =
  ({ store }: Pick<Workspace, 'store'>, position: bigint | null): ReadStream =>
  async (stream) => {
    const read = await readHistory(store)(stream);
    const isKnown = (held: Held) => position === null || held.position <= position;
    return isLeft(read) ? read : right(read.right.filter(isKnown));
  };

/** The rules that were published for a tenant and for a park. */
export const publishedRules = async (
  read: ReadStream,
  tenant: Tenant,
  park: ParkId | null,
): Promise<Either<Unavailable, PublishedRules>> => {
  const general = await read(rulesStream(tenant, accessRulesName(null)));
  if (isLeft(general)) return general;
  if (park === null) return right({ tenant: general.right, park: [] });
  const own = await read(rulesStream(tenant, accessRulesName(park)));
  return isLeft(own) ? own : right({ tenant: general.right, park: own.right });
};

/** Everything that a decision rests on, as far as it is read. */
export const readConcerned = async (
  read: ReadStream,
  tenant: Tenant,
  who: { readonly driver: DriverId; readonly vehicle: VehicleId | null },
): Promise<Either<Unavailable, Concerned>> => {
  const driver = await read(driverStream(tenant, who.driver));
  if (isLeft(driver)) return driver;
  const standing = await read(standingStream(tenant, who.driver));
  if (isLeft(standing)) return standing;
  const vehicle =
    who.vehicle === null ? right(null) : await read(vehicleStream(tenant, who.vehicle));
  if (isLeft(vehicle)) return vehicle;
  return right({ driver: driver.right, standing: standing.right, vehicle: vehicle.right });
};

/**
 * The longest time without work of a driver's 24 hours before a moment, in seconds, by what was known at a
 * position of the log (null: by now); null where that is not known. It must not fail, nor take long: rest may
 * only warn, and nobody is kept from a vehicle for want of it.
 */
export type KnownRest = (asked: {
  readonly tenant: Tenant;
  readonly driver: DriverId;
  readonly at: Instant;
  readonly known: bigint | null;
}) => Promise<number | null>;

/** Where nobody watches over rest. */
export const restUnknown: KnownRest = async () => null;

/** Whom a vehicle is to be handed to, and when; `rest_s` null: the caller does not know. */
interface Handover {
  readonly driver: DriverId;
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly at: Instant;
  readonly rest_s: number | null;
}

/**
 * Decides whether a driver may have a vehicle, and writes the decision down before anything comes of it. The
 * same request again gets the decision that was taken first, whatever has happened since.
 */
export const decideRental =
  (workspace: Workspace, knownRest: KnownRest) =>
  async (
    { origin }: Request,
    { driver, vehicle, park, at, ...handedIn }: Handover,
  ): Promise<Either<AccessDenied | HandleFailure, DecisionId>> => {
    const { tenant } = origin;
    const read = readUpTo(workspace, null);
    const concerned = await readConcerned(read, tenant, { driver, vehicle });
    if (isLeft(concerned)) return concerned;
    const keeping = parkOfDecision(concerned.right, at) ?? park;
    const published = await publishedRules(read, tenant, keeping);
    if (isLeft(published)) return published;
    const zone = homeOf(concerned.right.driver, at)?.zone ?? workspace.platformZone;
    const when = momentOf(at, zone);
    const rest_s = handedIn.rest_s ?? (await knownRest({ tenant, driver, at, known: null }));
    const about = { driver, vehicle, rest_s };
    const asked = { ...about, purpose: 'rental', at, localDate: when.localDate } as const;
    const { reasons: found, ...considered } = consider(concerned.right, published.right, asked);
    const decision = DecisionId.parse(deriveUuid('decision', origin.command));
    const aggregate = decisionsOf(tenant, driver);
    const effect = 'rental' as const;
    const named = { ...about, decision, park: keeping, effect };
    const recorded = await workspace.submit({
      origin: followUp(origin, 'decide'),
      aggregate,
      command: {
        type: 'RecordDecision',
        decided: { ...named, ...considered, reasons: [...found] },
        when,
      },
      authorize: everywhere,
    })();
    if (isLeft(recorded)) return recorded;
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const taken = loaded.right.state.decisions.get(decision);
    if (!taken) throw new Error(`decision ${decision} was written down and is not there`);
    const { verdict, reasons } = taken;
    return verdict === 'denied'
      ? left({ code: 'AccessDenied', decision, reasons })
      : right(decision);
  };
