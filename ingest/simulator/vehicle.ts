import { chance } from '#ingest/demo/chance.ts';
import {
  BLOCK_M,
  type City,
  type Crossing,
  homeOf,
  isGreen,
  limitBetween,
  placeIn,
  wayFrom,
} from './city.ts';

/** How somebody drives: as a share of the limit, and for how long it stands before it sets off. */
interface Trip {
  readonly way: readonly [Crossing, Crossing, ...Crossing[]];
  readonly share_of_limit: number;
}

/**
 * A vehicle at a second. `street`: which street of its way it is on, `along_m` from its beginning. Parked: it
 * stands, its engine off, until then.
 */
export interface VehicleState {
  readonly at_s: number;
  readonly trips: number;
  readonly trip: Trip | null;
  readonly parked_until_s: number;
  readonly crossing: Crossing;
  readonly street: number;
  readonly along_m: number;
  readonly speed_kmh: number;
  readonly odometer_m: number;
  readonly fuel_l: number;
}

/** What does not change about a vehicle: where it drives, and the seed of all that chance decides for it. */
export interface VehicleNature {
  readonly city: City;
  readonly seed: string;
}

const KMH_PER_MPS = 3.6;
const ACCELERATION_MPS2 = 1.6;
const BRAKING_MPS2 = 2.2;
const TURNING_KMH = 18;
const STOP_LINE_M = 0.5;
/** Whoever moves less in a second stands. */
const STANDS_BELOW_M = 0.1;
/** Who would have to brake half as hard again goes on when a light turns red. */
const AMBER_SHARE = 1.5;
/** The tank of a small car, and when it is filled up. */
export const TANK_L = 45;
const REFUEL_BELOW_L = 8;
const FUEL_L_PER_KM = 0.065;
const IDLE_LPH = 0.8;
const SECONDS_PER_HOUR = 3_600;
/** One trip in so many is driven above the limit. */
const SPEEDING_SHARE = 0.15;

/** A vehicle that has stood since before, and sets off within a few minutes. */
export const newVehicle = ({ city, seed }: VehicleNature, at_s: number): VehicleState => {
  const draw = chance(`${seed}:start`);
  return {
    at_s,
    trips: 0,
    trip: null,
    parked_until_s: at_s + draw.whole(1, 240),
    crossing: homeOf(city, seed),
    street: 0,
    along_m: 0,
    speed_kmh: 0,
    odometer_m: draw.whole(5_000, 150_000) * 1_000,
    fuel_l: draw.whole(REFUEL_BELOW_L, TANK_L),
  };
};

const setOff = ({ city, seed }: VehicleNature, state: VehicleState): VehicleState => {
  const draw = chance(`${seed}:trip:${state.trips}`);
  const way = wayFrom(city, state.crossing, `${seed}:${state.trips}`);
  const percent = draw.happens(SPEEDING_SHARE) ? draw.whole(112, 140) : draw.whole(80, 99);
  const trip = { way, share_of_limit: percent / 100 };
  return { ...state, trip, street: 0, along_m: 0, trips: state.trips + 1 };
};

const park = ({ seed }: VehicleNature, state: VehicleState, crossing: Crossing): VehicleState => {
  const draw = chance(`${seed}:park:${state.trips}`);
  const parked = { ...state, trip: null, crossing, street: 0, along_m: 0, speed_kmh: 0 };
  const fuel_l = state.fuel_l < REFUEL_BELOW_L ? TANK_L : state.fuel_l;
  return { ...parked, fuel_l, parked_until_s: state.at_s + draw.whole(150, 1_500) };
};

const streetOf = (
  { way }: Trip,
  street: number,
): readonly [Crossing, Crossing, Crossing | null] => [
  way[street] ?? way[0],
  way[street + 1] ?? way[1],
  way[street + 2] ?? null,
];

const turns = (from: Crossing, at: Crossing, to: Crossing): boolean =>
  (from.east === at.east) !== (at.east === to.east);

/** The speed at which one can go on for a second, and still brake down to another within the distance. */
const brakedFrom_kmh = (end_kmh: number, distance_m: number): number => {
  const end_mps = end_kmh / KMH_PER_MPS;
  const square = BRAKING_MPS2 ** 2 + 2 * BRAKING_MPS2 * distance_m + end_mps ** 2;
  return (Math.sqrt(square) - BRAKING_MPS2) * KMH_PER_MPS;
};

/**
 * How fast one may be at the end of the street, null where that does not matter: at a destination not at all,
 * nor at a red light, unless it has turned red when it was too late to brake.
 */
const speedAtEnd_kmh = (trip: Trip, { street, at_s, speed_kmh }: VehicleState, left_m: number) => {
  const [from, at, to] = streetOf(trip, street);
  if (to === null) return 0;
  const stopsFrom_kmh = brakedFrom_kmh(0, left_m) + AMBER_SHARE * BRAKING_MPS2 * KMH_PER_MPS;
  if (!isGreen(from, at, at_s) && speed_kmh <= stopsFrom_kmh) return 0;
  return turns(from, at, to) ? TURNING_KMH : null;
};

/** A second of driving. */
const drive = (nature: VehicleNature, state: VehicleState, trip: Trip): VehicleState => {
  const [from, at, to] = streetOf(trip, state.street);
  const left_m = Math.max(0, BLOCK_M - STOP_LINE_M - state.along_m);
  const end_kmh = speedAtEnd_kmh(trip, state, left_m);
  const slower_kmh = state.speed_kmh - BRAKING_MPS2 * KMH_PER_MPS;
  const wanted_kmh = Math.max(limitBetween(from, at) * trip.share_of_limit, slower_kmh);
  const braked_kmh = end_kmh === null ? wanted_kmh : brakedFrom_kmh(end_kmh, left_m);
  const faster_kmh = state.speed_kmh + ACCELERATION_MPS2 * KMH_PER_MPS;
  const speed_kmh = Math.min(faster_kmh, wanted_kmh, braked_kmh);
  const reach_m = end_kmh === 0 ? left_m : Number.POSITIVE_INFINITY;
  const went_m = Math.min(speed_kmh / KMH_PER_MPS, reach_m);
  const burnt_l = (went_m / 1_000) * FUEL_L_PER_KM + IDLE_LPH / SECONDS_PER_HOUR;
  const moved = {
    ...state,
    speed_kmh: went_m < STANDS_BELOW_M ? 0 : speed_kmh,
    along_m: state.along_m + went_m,
    odometer_m: state.odometer_m + went_m,
    fuel_l: Math.max(0, state.fuel_l - burnt_l),
  };
  if (to === null && moved.speed_kmh === 0) return park(nature, moved, at);
  if (moved.along_m < BLOCK_M) return moved;
  return { ...moved, street: state.street + 1, along_m: moved.along_m - BLOCK_M };
};

/** The vehicle a second later. */
export const secondLater = (nature: VehicleNature, before: VehicleState): VehicleState => {
  const state = { ...before, at_s: before.at_s + 1 };
  if (state.trip) return drive(nature, state, state.trip);
  return state.at_s >= state.parked_until_s ? setOff(nature, state) : state;
};

/** Where a vehicle is, which way it looks, and what limit is posted there. */
export const whereabouts = ({ city }: VehicleNature, state: VehicleState) => {
  const { trip, crossing, along_m } = state;
  const [from, to] = trip ? streetOf(trip, state.street) : [crossing, crossing];
  const [east, north] = [to.east - from.east, to.north - from.north];
  const east_m = from.east * BLOCK_M + east * along_m;
  const north_m = from.north * BLOCK_M + north * along_m;
  const course_deg = (Math.atan2(east, north) * 180) / Math.PI;
  return {
    ...placeIn(city, east_m, north_m),
    course_deg: trip ? (course_deg + 360) % 360 : null,
    limit_kmh: trip ? limitBetween(from, to) : null,
  };
};
