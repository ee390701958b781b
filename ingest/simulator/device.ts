import type { DeviceIdent } from '#domain/kernel/ids.ts';
import {
  type Held,
  nothingHeld,
  type Rates,
  release,
  send,
  type Transmission,
} from './mischief.ts';
import { PARKED_EVERY_S, readingOf } from './tracker.ts';
import { newVehicle, secondLater, type VehicleNature, type VehicleState } from './vehicle.ts';

/** A tracker and the vehicle it is in, at a moment. `told_s`: when it made its last reading. */
export interface DeviceState {
  readonly vehicle: VehicleState;
  readonly held: Held;
  readonly seq: number;
  readonly told_s: number;
  readonly ignition: boolean;
}

/** What does not change about a device. */
export interface DeviceNature extends VehicleNature {
  readonly ident: DeviceIdent;
  readonly rates: Rates;
}

interface Later {
  readonly state: DeviceState;
  readonly transmissions: readonly Transmission[];
}

/** A device in a vehicle that stands. */
export const newDevice = (nature: DeviceNature, at_s: number): DeviceState => ({
  vehicle: newVehicle(nature, at_s),
  held: nothingHeld,
  seq: at_s,
  told_s: 0,
  ignition: false,
});

/**
 * The device some seconds later, and what it sends then: a reading while the vehicle is on its way or its
 * ignition has changed, and now and then while it stands, with all that happens to readings on their way.
 * Counts go up with time, so that a device that begins again does not use them twice.
 */
export const intervalLater = (
  nature: DeviceNature,
  before: DeviceState,
  interval_s: number,
): Later => {
  let { vehicle } = before;
  for (let second = 0; second < interval_s; second += 1) vehicle = secondLater(nature, vehicle);
  const ignition = vehicle.trip !== null;
  const speaks =
    ignition || ignition !== before.ignition || vehicle.at_s >= before.told_s + PARKED_EVERY_S;
  if (!speaks) return { state: { ...before, vehicle }, transmissions: [] };
  const seq = vehicle.at_s;
  const reading = readingOf(nature, vehicle, { ident: nature.ident, seq });
  const { held, transmissions } = send(nature, before.held, reading);
  return { state: { vehicle, held, seq, told_s: vehicle.at_s, ignition }, transmissions };
};

/** What a device that is switched off in order still sends. */
export const lastWords = ({ held }: DeviceState): readonly Transmission[] => release(held);
