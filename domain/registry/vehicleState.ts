import type { z } from 'zod';
import { type DeviceEvent, evolveFittings, type Fittings } from '#domain/devices/fittingState.ts';
import { type ImmobilizationEvent, isImmobilizationEvent } from '#domain/immobilization/events.ts';
import {
  evolveImmobilization,
  type Immobilization,
  notImmobilized,
} from '#domain/immobilization/state.ts';
import type { Attribution } from '#domain/kernel/attribution.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type {
  CommandId,
  Digest,
  DocumentId,
  DriverId,
  ParkId,
  PartyId,
  RentalId,
  RepairId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { covers, type Instant, type Interval, type Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import type { Fact } from '#domain/kernel/registry.ts';
import type { maintenanceEvents, RepairReason, Severity } from '#domain/maintenance/events.ts';
import type { SubjectErased } from '#domain/privacy/events.ts';
import type { rentalEvents } from '#domain/rentals/events.ts';
import type { registryEvents } from './events.ts';
import { statusOf, type VehicleStatus } from './vehicleStatus.ts';

/** Every event that a vehicle's stream may hold. */
export type VehicleEvent =
  | Fact<(typeof registryEvents)[number]>
  | Fact<(typeof rentalEvents)[number]>
  | Fact<(typeof maintenanceEvents)[number]>
  | DeviceEvent
  | ImmobilizationEvent
  | Fact<typeof SubjectErased>;

export interface Rental extends Interval {
  readonly rental: RentalId;
  readonly driver: DriverId;
  readonly park: ParkId;
  /** The plan in the operator's price list that was agreed on; null where none was. */
  readonly plan: string | null;
  /** The zone in which its days are counted. */
  readonly zone: Zone;
  readonly voided: boolean;
}

export type RepairPhase = 'requested' | 'open' | 'completed' | 'cancelled';

export interface Repair {
  readonly repair: RepairId;
  readonly park: ParkId;
  readonly phase: RepairPhase;
  readonly reason: z.infer<typeof RepairReason>;
  readonly severity: z.infer<typeof Severity>;
  readonly openedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly costLines: number;
}

export interface Vehicle {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  /** Every park that kept it, each from a moment on, in the order in which that became known. */
  readonly parks: readonly { readonly park: ParkId; readonly from: Instant }[];
  readonly zone: Zone;
  readonly currency: Currency;
  readonly owner: PartyId;
  readonly make: string;
  readonly model: string;
  readonly year: number;
  readonly registeredAt: Instant;
  readonly commissioned: boolean;
  readonly withdrawn: boolean;
  readonly retiredAt: Instant | null;
  readonly odometer: { readonly odometer_m: number; readonly at: Instant };
  /** The command that took the claim on the plate the vehicle now carries. */
  readonly plateOperation: CommandId;
  readonly documents: ReadonlyMap<DocumentId, Digest>;
  readonly rentals: ReadonlyMap<RentalId, Rental>;
  readonly repairs: ReadonlyMap<RepairId, Repair>;
  readonly fittings: Fittings;
  readonly immobilization: Immobilization;
}

/** `vehicle` is null until one is registered; `abandoned` are operations that must not begin any more. */
export interface VehicleState {
  readonly vehicle: Vehicle | null;
  readonly abandoned: ReadonlySet<CommandId>;
}

/** The rental that has begun and not ended, if any. */
export const openRental = (vehicle: Vehicle): Rental | null =>
  [...vehicle.rentals.values()].find(({ to, voided }) => to === null && !voided) ?? null;

/** Whether a defect is known that keeps the vehicle from being rented. */
export const hasCriticalDefect = (vehicle: Vehicle): boolean =>
  [...vehicle.repairs.values()].some(
    ({ phase, severity }) => severity === 'critical' && (phase === 'requested' || phase === 'open'),
  );

/** The one status of a vehicle, by what is known of it. */
export const vehicleStatus = (vehicle: Vehicle): VehicleStatus =>
  statusOf({
    retired: vehicle.retiredAt !== null,
    commissioned: vehicle.commissioned,
    withdrawn: vehicle.withdrawn,
    inRepair: [...vehicle.repairs.values()].some(({ phase }) => phase === 'open'),
    rented: openRental(vehicle) !== null,
    criticalDefect: hasCriticalDefect(vehicle),
  });

/**
 * Who had a vehicle at a moment of true time, by all that is known of its rentals; null where nobody had it.
 */
export const custodyAt = (vehicle: Vehicle, at: Instant): Rental | null =>
  [...vehicle.rentals.values()].find((rental) => !rental.voided && covers(rental, at)) ?? null;

/** At whose door something is laid that happened to a vehicle at a moment of true time. */
export const attributionAt = (vehicle: Vehicle, at: Instant): Attribution => {
  const custody = custodyAt(vehicle, at);
  return { driver: custody?.driver ?? null, rental: custody?.rental ?? null };
};

/** A copy of a map with one entry put in. */
const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);

const withRental = (vehicle: Vehicle, rental: Rental): Vehicle => ({
  ...vehicle,
  rentals: withEntry(vehicle.rentals, rental.rental, rental),
});

const changeRental = (vehicle: Vehicle, id: RentalId, change: Partial<Rental>): Vehicle => {
  const rental = vehicle.rentals.get(id);
  return rental ? withRental(vehicle, { ...rental, ...change }) : vehicle;
};

const withRepair = (vehicle: Vehicle, repair: Repair): Vehicle => ({
  ...vehicle,
  repairs: withEntry(vehicle.repairs, repair.repair, repair),
});

const changeRepair = (vehicle: Vehicle, id: RepairId, change: Partial<Repair>): Vehicle => {
  const repair = vehicle.repairs.get(id);
  return repair ? withRepair(vehicle, { ...repair, ...change }) : vehicle;
};

const withOdometer = (vehicle: Vehicle, odometer_m: number | null, at: Instant): Vehicle =>
  odometer_m === null || at < vehicle.odometer.at
    ? vehicle
    : { ...vehicle, odometer: { odometer_m, at } };

type Registered = Extract<VehicleEvent, { type: 'VehicleRegistered' }>;

const registered = ({ data, when }: Registered): Vehicle => ({
  vehicle: data.vehicle,
  park: data.park,
  parks: [{ park: data.park, from: when.at }],
  zone: when.zone,
  currency: data.currency,
  owner: data.owner,
  make: data.make,
  model: data.model,
  year: data.year,
  registeredAt: when.at,
  commissioned: false,
  withdrawn: false,
  retiredAt: null,
  odometer: { odometer_m: data.odometer_m, at: when.at },
  plateOperation: data.operation,
  documents: new Map(),
  rentals: new Map(),
  repairs: new Map(),
  fittings: new Map(),
  immobilization: notImmobilized,
});

const evolveVehicle = (vehicle: Vehicle, event: Exclude<VehicleEvent, Registered>): Vehicle => {
  const { at, zone } = event.when;
  if (isImmobilizationEvent(event)) {
    return { ...vehicle, immobilization: evolveImmobilization(vehicle.immobilization, event) };
  }
  switch (event.type) {
    case 'VehicleDocumentRecorded': {
      const { document, digest } = event.data;
      return { ...vehicle, documents: withEntry(vehicle.documents, document, digest) };
    }
    case 'OdometerRead':
      return withOdometer(vehicle, event.data.odometer_m, at);
    case 'VehicleMoved':
      return {
        ...vehicle,
        park: event.data.to,
        parks: [...vehicle.parks, { park: event.data.to, from: at }],
        currency: event.data.currency,
        zone,
      };
    case 'VehicleOwnerChanged':
      return { ...vehicle, owner: event.data.to };
    case 'VehicleCommissioned':
      return { ...vehicle, commissioned: true };
    case 'VehicleWithdrawn':
      return { ...vehicle, withdrawn: true };
    case 'VehicleReinstated':
      return { ...vehicle, withdrawn: false };
    case 'VehicleRetired':
      return { ...vehicle, retiredAt: at };
    case 'RentalStarted': {
      const { rental, driver, park, plan, odometer_m } = event.data;
      const begun = withRental(vehicle, {
        rental,
        driver,
        park,
        plan,
        zone,
        from: at,
        to: null,
        voided: false,
      });
      return withOdometer(begun, odometer_m, at);
    }
    case 'RentalEnded': {
      const ended = changeRental(vehicle, event.data.rental, { to: at });
      return withOdometer(ended, event.data.odometer_m, at);
    }
    case 'RentalRecorded': {
      const { rental, driver, park, plan, endedAt } = event.data;
      const span = { from: at, to: endedAt };
      return withRental(vehicle, { rental, driver, park, plan, zone, ...span, voided: false });
    }
    case 'RentalVoided':
      return changeRental(vehicle, event.data.rental, { voided: true });
    case 'RepairRequested': {
      const { repair, park, reason, severity } = event.data;
      const phase = 'requested' as const;
      const times = { openedAt: null, closedAt: null, costLines: 0 };
      return withRepair(vehicle, { repair, park, phase, reason, severity, ...times });
    }
    case 'RepairOpened': {
      const { repair, park, reason, severity } = event.data;
      const phase = 'open' as const;
      const times = { openedAt: at, closedAt: null, costLines: 0 };
      return withRepair(vehicle, { repair, park, phase, reason, severity, ...times });
    }
    case 'RepairCostAdded': {
      const { repair } = event.data;
      const costLines = (vehicle.repairs.get(repair)?.costLines ?? 0) + 1;
      return changeRepair(vehicle, repair, { costLines });
    }
    case 'RepairCompleted': {
      const { repair, odometer_m } = event.data;
      const done = changeRepair(vehicle, repair, { phase: 'completed', closedAt: at });
      return withOdometer(done, odometer_m, at);
    }
    case 'RepairCancelled':
      return changeRepair(vehicle, event.data.repair, { phase: 'cancelled', closedAt: at });
    case 'VehiclePlateChanged':
      return { ...vehicle, plateOperation: event.data.operation };
    case 'DeviceFitted':
    case 'DeviceRemoved':
    case 'DeviceFittingVoided':
      return { ...vehicle, fittings: evolveFittings(vehicle.fittings, event) };
    case 'VehicleClaimAbandoned':
    case 'SubjectErased':
      return vehicle;
    default:
      return unreachable(event);
  }
};

/** Folds one event of a vehicle's stream into its state. */
export const evolve = (state: VehicleState, event: VehicleEvent): VehicleState => {
  if (event.type === 'VehicleRegistered') return { ...state, vehicle: registered(event) };
  if (event.type === 'VehicleClaimAbandoned') {
    return { ...state, abandoned: new Set(state.abandoned).add(event.data.operation) };
  }
  return state.vehicle === null
    ? state
    : { ...state, vehicle: evolveVehicle(state.vehicle, event) };
};
