import type { LedgerFact } from '#domain/events.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type {
  DriverId,
  FineId,
  IncidentId,
  RentalId,
  RepairId,
  TripId,
} from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { type Currency, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import {
  type Repair,
  type Vehicle,
  type VehicleEvent,
  type VehicleState,
  vehicleStatus,
} from '#domain/registry/vehicleState.ts';
import type { VehicleStatus } from '#domain/registry/vehicleStatus.ts';
import type { TripMeasure } from '#domain/trips/events.ts';
import { isVehicular } from './vehicular.ts';

/** Later than anything: "as things stand by all that is known". */
const FOR_EVER = '9999-12-31T23:59:59.999Z';

interface Trip {
  readonly driver: DriverId | null;
  readonly rental: RentalId | null;
  readonly from: Instant;
  readonly to: Instant | null;
  readonly measure: TripMeasure | null;
}

/**
 * What is known of an asset. What was amended or voided stays so, whatever is told of it later. Of an
 * incident its beginning is known.
 */
export interface Known {
  state: VehicleState;
  readonly trips: Map<TripId, Trip>;
  readonly amendedTrips: Set<TripId>;
  readonly fines: Map<FineId, Money>;
  readonly incidents: Map<IncidentId, Instant>;
  readonly voided: Set<FineId | IncidentId | TripId>;
  readonly costs: Map<RepairId, Money[]>;
}

const learnVehicle = (known: Known, fact: LedgerFact & VehicleEvent): void => {
  known.state = vehicleDecider.evolve(known.state, fact);
  if (fact.type !== 'RepairCostAdded') return;
  const { repair, line } = fact.data;
  known.costs.set(repair, [...(known.costs.get(repair) ?? []), line.amount]);
};

type TripFact = Extract<LedgerFact, { type: `Trip${string}` }>;

const learnTrip = (known: Known, fact: TripFact): void => {
  const { at } = fact.when;
  const { trip, driver, rental } = fact.data;
  const who = { driver, rental };
  // What was amended stays so: a start that moved back lies before the start that was told first.
  const isAmended = known.amendedTrips.has(trip);
  switch (fact.type) {
    case 'TripStarted':
      if (isAmended) return;
      known.trips.set(trip, { ...who, from: at, to: null, measure: null });
      return;
    case 'TripEnded': {
      const { startedAt: from, measure } = fact.data;
      if (!isAmended) known.trips.set(trip, { ...who, from, to: at, measure });
      return;
    }
    case 'TripRecorded': {
      const { endedAt: to, measure } = fact.data;
      if (!isAmended) known.trips.set(trip, { ...who, from: at, to, measure });
      return;
    }
    case 'TripAmended': {
      const { startedAt, endedAt: to, measure } = fact.data;
      const from = startedAt ?? known.trips.get(trip)?.from ?? at;
      known.trips.set(trip, { ...who, from, to, measure });
      known.amendedTrips.add(trip);
      return;
    }
    case 'TripVoided':
      known.voided.add(trip);
      return;
    default:
      unreachable(fact);
  }
};

const learn = (known: Known, fact: LedgerFact): void => {
  switch (fact.type) {
    case 'TripStarted':
    case 'TripEnded':
    case 'TripRecorded':
    case 'TripAmended':
    case 'TripVoided':
      learnTrip(known, fact);
      return;
    case 'FineIssued':
      known.fines.set(fact.data.fine, fact.data.amount);
      return;
    case 'FineVoided':
      known.voided.add(fact.data.fine);
      return;
    case 'IncidentRecorded':
      if (!known.incidents.has(fact.data.incident)) {
        known.incidents.set(fact.data.incident, fact.when.at);
      }
      return;
    case 'IncidentAmended':
      known.incidents.set(fact.data.incident, fact.data.startedAt);
      return;
    case 'IncidentVoided':
      known.voided.add(fact.data.incident);
      return;
    default:
      if (isVehicular(fact)) learnVehicle(known, fact);
  }
};

/**
 * What facts, in the order of true time, tell of an asset. Those that do not bear on its state change
 * nothing.
 */
export const learned = (facts: Iterable<LedgerFact>): Known => {
  const known: Known = {
    state: vehicleDecider.initial,
    trips: new Map(),
    amendedTrips: new Set(),
    fines: new Map(),
    incidents: new Map(),
    voided: new Set(),
    costs: new Map(),
  };
  for (const fact of facts) learn(known, fact);
  return known;
};

/** Sums of money, one per currency, in order of currency. */
const sums = (amounts: Iterable<Money>): readonly Money[] => {
  const byCurrency = new Map<Currency, bigint>();
  for (const money of amounts) {
    const before = byCurrency.get(money.currency) ?? 0n;
    byCurrency.set(money.currency, before + minorUnits(money));
  }
  return [...byCurrency]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, minor_units]) => moneyOf(minor_units, currency));
};

/** What all that had happened came to; voided fines, incidents, trips and rentals do not count. */
interface Totals {
  readonly trips: number;
  readonly distance_m: number;
  readonly duration_s: number;
  readonly rentals: number;
  readonly incidents: number;
  readonly fines: number;
  readonly fined: readonly Money[];
  readonly repairs: number;
  readonly repairCosts: readonly Money[];
}

/**
 * An asset at a moment of true time. `custody` and `openTrip` are null where nobody had it and it stood
 * still.
 */
export interface AssetState {
  readonly vehicle: Vehicle;
  readonly status: VehicleStatus;
  readonly custody: {
    readonly driver: DriverId;
    readonly rental: RentalId;
    readonly since: Instant;
  } | null;
  readonly openTrip: {
    readonly trip: TripId;
    readonly driver: DriverId | null;
    readonly since: Instant;
  } | null;
  readonly openRepairs: readonly Repair[];
  readonly totals: Totals;
}

/** A vehicle as it was when the ends that lay ahead had not come yet. */
const clipped = (vehicle: Vehicle, at: string): Vehicle => ({
  ...vehicle,
  rentals: new Map(
    [...vehicle.rentals].map(([id, rental]) => [
      id,
      rental.to !== null && rental.to > at ? { ...rental, to: null } : rental,
    ]),
  ),
});

const totalsOf = (known: Known, vehicle: Vehicle, at: string): Totals => {
  const ended = [...known.trips]
    .filter(([id, { to }]) => !known.voided.has(id) && to !== null && to <= at)
    .map(([, trip]) => trip);
  const total = (of: (measure: TripMeasure) => number) =>
    ended.reduce((sum, { measure }) => sum + (measure ? of(measure) : 0), 0);
  const fines = [...known.fines].filter(([id]) => !known.voided.has(id)).map(([, money]) => money);
  const repairs = [...vehicle.repairs.values()];
  return {
    trips: ended.length,
    distance_m: total(({ distance_m }) => distance_m),
    duration_s: total(({ duration_s }) => duration_s),
    rentals: [...vehicle.rentals.values()].filter(({ voided }) => !voided).length,
    incidents: [...known.incidents].filter(([id, from]) => !known.voided.has(id) && from <= at)
      .length,
    fines: fines.length,
    fined: sums(fines),
    repairs: repairs.filter(({ phase }) => phase === 'completed').length,
    repairCosts: sums([...known.costs.values()].flat()),
  };
};

const openTripAt = ({ trips, voided }: Known, at: string): AssetState['openTrip'] => {
  for (const [trip, { driver, from, to }] of trips) {
    if (!voided.has(trip) && from <= at && (to === null || at < to))
      return { trip, driver, since: from };
  }
  return null;
};

/**
 * The asset that some knowledge speaks of, at a moment of true time (null: now); null before it is
 * registered.
 */
export const assetAt = (known: Known, trueAt: Instant | null): AssetState | null => {
  if (known.state.vehicle === null) return null;
  const at = trueAt ?? FOR_EVER;
  const vehicle = clipped(known.state.vehicle, at);
  const rental = [...vehicle.rentals.values()].find(
    ({ from, to, voided }) => !voided && from <= at && to === null,
  );
  return {
    vehicle,
    status: vehicleStatus(vehicle),
    custody: rental ? { driver: rental.driver, rental: rental.rental, since: rental.from } : null,
    openTrip: openTripAt(known, at),
    openRepairs: [...vehicle.repairs.values()].filter(
      ({ phase }) => phase === 'requested' || phase === 'open',
    ),
    totals: totalsOf(known, vehicle, at),
  };
};
