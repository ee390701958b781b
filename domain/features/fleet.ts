import type { ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { type Evaluated, evaluated, exactRatio, type Formula } from './feature.ts';
import {
  coveringAt,
  type Interval,
  type IntervalKind,
  type Known,
  knownAt,
  stepAt,
} from './interval.ts';
import type { LogPosition } from './stored.ts';

/**
 * A trip within that time, or an engine that idled, makes a vehicle active. Source: the definition of
 * fleet_active_count.
 */
export const ACTIVE_WITHIN_MS = 60 * 60_000;
/** A vehicle without a trip for that long has no route. Source: the definition of idle_rate. */
export const ROUTE_WITHIN_MS = 24 * 3_600_000;

/**
 * How many vehicles of a park are what. Those without a driver or route are counted among those in service
 * only, and may be both. Of those unheard no device tells anything, so that less is known of them.
 */
type FleetCount =
  | 'fleet'
  | 'active'
  | 'unheard'
  | 'in_repair'
  | 'in_service'
  | 'without_driver'
  | 'without_route'
  | 'idle';

const ratio = (part: number, whole: number) => exactRatio(BigInt(part), BigInt(whole));

/** The features of a fleet, by park. */
export const fleetFormulas: readonly Formula<FleetCount>[] = [
  {
    name: 'fleet_size',
    version: 1,
    unit: 'vehicles',
    window: 'instant',
    kinds: ['membership', 'lifecycle'],
    inputs: ['fleet'],
    value: ({ fleet }) => String(fleet),
  },
  {
    name: 'fleet_active_count',
    version: 2,
    unit: 'vehicles',
    window: '60 min',
    kinds: ['membership', 'lifecycle', 'trip', 'idling', 'fitting', 'offline'],
    inputs: ['fleet', 'active', 'unheard'],
    value: ({ active }) => String(active),
  },
  {
    name: 'repair_rate',
    version: 1,
    unit: 'ratio',
    window: 'instant',
    kinds: ['membership', 'lifecycle', 'repair'],
    inputs: ['fleet', 'in_repair'],
    value: ({ in_repair, fleet }) => ratio(in_repair, fleet),
  },
  {
    name: 'idle_rate',
    version: 2,
    unit: 'ratio',
    window: '24 h',
    kinds: [
      'membership',
      'lifecycle',
      'commissioned',
      'hold',
      'repair',
      'defect',
      'rental',
      'trip',
      'idling',
      'fitting',
      'offline',
    ],
    inputs: ['fleet', 'in_service', 'without_driver', 'without_route', 'unheard', 'idle'],
    value: ({ idle, fleet }) => ratio(idle, fleet),
  },
];

/** Which fleet, at which instant of true time, by what was known at which position. */
export interface FleetMoment {
  readonly park: ParkId;
  readonly at: Instant;
  readonly asOf: LogPosition;
}

/** What was the case with a vehicle of the fleet; `standing` are the intervals that say so. */
interface VehicleMoment {
  readonly standing: readonly Known[];
  readonly active: boolean;
  readonly unheard: boolean;
  readonly inRepair: boolean;
  readonly inService: boolean;
  readonly hasDriver: boolean;
  readonly hasRoute: boolean;
}

/**
 * What shares a moment with the time from `within_ms` before an instant, without it, up to and with it.
 */
const sinceBefore = (
  intervals: readonly Interval[],
  { at, asOf }: FleetMoment,
  within_ms: number,
): readonly Known[] => {
  const since = instantOf(epochMs(at) - within_ms);
  return intervals
    .map((interval) => knownAt(interval, asOf))
    .filter((known) => known !== null)
    .filter(
      ({ version: { from, to } }) => from <= at && from !== to && (to === null || to > since),
    );
};

/** Whether devices are there, and every one of them tells nothing. */
const isUnheard = (fittings: readonly Known[], offline: readonly Known[]): boolean =>
  fittings.length > 0 &&
  fittings.every((fitting) =>
    offline.some(({ interval: { ident } }) => ident === null || ident === fitting.interval.ident),
  );

/** What was the case with one vehicle; null if it was not in the fleet. */
const vehicleMoment = (
  intervals: readonly Interval[],
  moment: FleetMoment,
): VehicleMoment | null => {
  const of = (kind: IntervalKind) => intervals.filter((interval) => interval.kind === kind);
  const membership = stepAt(of('membership'), moment);
  const lifecycle = coveringAt(of('lifecycle'), moment);
  if (membership?.version.park !== moment.park || lifecycle.length === 0) return null;
  const commissioned = coveringAt(of('commissioned'), moment);
  const hold = stepAt(of('hold'), moment);
  const repairs = coveringAt(of('repair'), moment);
  const defects = coveringAt(of('defect'), moment);
  const rentals = coveringAt(of('rental'), moment);
  const trips = sinceBefore(of('trip'), moment, ROUTE_WITHIN_MS);
  const idling = sinceBefore(of('idling'), moment, ACTIVE_WITHIN_MS);
  const fittings = coveringAt(of('fitting'), moment);
  const offline = coveringAt(of('offline'), moment);
  const isHeld = hold?.version.status === 'withdrawn';
  const isWhole = repairs.length === 0 && defects.length === 0;
  return {
    standing: [
      membership,
      ...lifecycle,
      ...commissioned,
      ...(hold ? [hold] : []),
      ...repairs,
      ...defects,
      ...rentals,
      ...trips,
      ...idling,
      ...fittings,
      ...offline,
    ],
    active: idling.length > 0 || sinceBefore(of('trip'), moment, ACTIVE_WITHIN_MS).length > 0,
    unheard: isUnheard(fittings, offline),
    inRepair: repairs.length > 0,
    inService: commissioned.length > 0 && !isHeld && isWhole,
    hasDriver: rentals.length > 0,
    hasRoute: trips.length > 0,
  };
};

const byVehicle = (intervals: readonly Interval[]): ReadonlyMap<VehicleId, Interval[]> => {
  const grouped = new Map<VehicleId, Interval[]>();
  for (const interval of intervals) {
    if (interval.vehicle === null) continue;
    const own = grouped.get(interval.vehicle);
    if (own) own.push(interval);
    else grouped.set(interval.vehicle, [interval]);
  }
  return grouped;
};

/** Somebody drives what is active, whether or not it is known who. */
const isIdle = ({ inService, active, hasDriver, hasRoute }: VehicleMoment): boolean =>
  inService && !active && !(hasDriver && hasRoute);

const countsOf = (fleet: readonly VehicleMoment[]): Readonly<Record<FleetCount, number>> => {
  const count = (holds: (vehicle: VehicleMoment) => boolean) => fleet.filter(holds).length;
  return {
    fleet: fleet.length,
    active: count(({ active }) => active),
    unheard: count(({ unheard }) => unheard),
    in_repair: count(({ inRepair }) => inRepair),
    in_service: count(({ inService }) => inService),
    without_driver: count(({ inService, hasDriver }) => inService && !hasDriver),
    without_route: count(({ inService, hasRoute }) => inService && !hasRoute),
    idle: count(isIdle),
  };
};

/**
 * The features of a park's fleet at an instant. The intervals may be of any vehicles and times; needed are
 * those of vehicles that were ever in the park. In the fleet is who is in the park, registered and not
 * retired; active, who drove or whose engine ran lately; in service, who is also commissioned, not on hold,
 * not in repair and without a critical defect; idle, who is in service, not active, and has no driver or no
 * route. Who is unheard is counted beside: a device may sleep while the vehicle is parked.
 */
export const fleetFeatures = (
  intervals: readonly Interval[],
  moment: FleetMoment,
): readonly Evaluated[] => {
  const fleet = [...byVehicle(intervals).values()]
    .map((own) => vehicleMoment(own, moment))
    .filter((vehicle) => vehicle !== null);
  const counts = countsOf(fleet);
  const standing = fleet.flatMap((vehicle) => vehicle.standing);
  return fleetFormulas.map((formula) => evaluated(formula, counts, standing));
};
