import type { DeviceIdent } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { DeviceOrder } from '#ingest/deviceLine.ts';
import { type Actuator, idleActuator, obey } from './actuator.ts';
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
  readonly actuator: Actuator;
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
  actuator: idleActuator,
});

/** A vehicle that stands does not set off while its starter is cut; one that drives goes on. */
const held = ({ vehicle, actuator }: DeviceState): VehicleState =>
  actuator.dout === 0 || vehicle.trip !== null
    ? vehicle
    : { ...vehicle, parked_until_s: Math.max(vehicle.parked_until_s, vehicle.at_s + 2) };

/** The device after an order; it tells of its output with the next reading, which is then due. */
export const ordered = (before: DeviceState, order: DeviceOrder, now: Instant): DeviceState => {
  const { speed_kmh } = before.vehicle;
  const actuator = obey(before.actuator, order, { now, speed_kmh, hasFix: true });
  return actuator === before.actuator ? before : { ...before, actuator, told_s: 0 };
};

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
  for (let second = 0; second < interval_s; second += 1) {
    vehicle = secondLater(nature, held({ ...before, vehicle }));
  }
  const ignition = vehicle.trip !== null;
  const speaks =
    ignition || ignition !== before.ignition || vehicle.at_s >= before.told_s + PARKED_EVERY_S;
  if (!speaks) return { state: { ...before, vehicle }, transmissions: [] };
  const seq = vehicle.at_s;
  const reading = readingOf(nature, vehicle, {
    ...{ ident: nature.ident, seq },
    dout: before.actuator.dout,
  });
  const { held: kept, transmissions } = send(nature, before.held, reading);
  const { actuator } = before;
  const state = { vehicle, held: kept, seq, told_s: vehicle.at_s, ignition, actuator };
  return { state, transmissions };
};

/** What a device that is switched off in order still sends. */
export const lastWords = ({ held }: DeviceState): readonly Transmission[] => release(held);
