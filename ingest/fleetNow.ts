import type { VehicleId } from '#domain/kernel/ids.ts';
import type { VehicleNow } from './vehicleNow.ts';

/** What a vehicle told longer ago says nothing of this moment: two readings of a tracker at rest. */
const HEARD_MAX_US = 600_000_000;
/** Below it the speed of a receiver at rest is noise, as for detectors. */
const MOVING_MIN_KMH = 2;

/**
 * How many vehicles of a fleet do what at a moment, each counted once: `moving`; `idling`, at rest with the
 * ignition on; `standing`; `silent`, of which nothing was heard for ten minutes, or ever.
 */
export interface FleetNow {
  readonly vehicles: number;
  readonly moving: number;
  readonly idling: number;
  readonly standing: number;
  readonly silent: number;
}

const doingOf = (
  state: VehicleNow | undefined,
  at_us: number,
): Exclude<keyof FleetNow, 'vehicles'> => {
  const isFresh = (told_us: number | null): boolean =>
    told_us !== null && told_us >= at_us - HEARD_MAX_US;
  if (!state || !isFresh(state.seen_at_us)) return 'silent';
  if (isFresh(state.speed_at_us) && (state.speed_kmh ?? 0) >= MOVING_MIN_KMH) return 'moving';
  return isFresh(state.ignition_at_us) && state.ignition === true ? 'idling' : 'standing';
};

/** What the vehicles of a fleet do at a moment, by what is known of them; microseconds since 1970. */
export const fleetNow = (
  fleet: Iterable<VehicleId>,
  states: readonly VehicleNow[],
  at_us: number,
): FleetNow => {
  const known = new Map(states.map((state) => [state.vehicle, state]));
  const counts = { vehicles: 0, moving: 0, idling: 0, standing: 0, silent: 0 };
  for (const vehicle of fleet) {
    counts.vehicles += 1;
    counts[doingOf(known.get(vehicle), at_us)] += 1;
  }
  return counts;
};
