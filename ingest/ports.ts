import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { ElementReject, Reading } from './formats/reading.ts';

/** By which listener a message came in. */
export const Listener = z.enum(['mqtt', 'http', 'osmand', 'ips_tcp', 'ips_udp', 'import']);
export type Listener = z.infer<typeof Listener>;

/** Whose device, as its sender proved it, and what the device calls itself. */
export interface Device {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent;
}

/**
 * A vehicle that a device was in, from a moment (with it) to another (without it; null: it still is), in
 * microseconds since 1970.
 */
export interface Binding {
  readonly vehicle: VehicleId;
  readonly from_us: number;
  readonly to_us: number | null;
}

/** Every binding of a device that is known. No two of them share a moment. */
export type BindingsOfDevice = (device: Device) => TaskEither<Unavailable, readonly Binding[]>;

/** What is known of some devices, by device. */
export type KnownBindings = (device: Device) => readonly Binding[];

/** Which vehicles devices were in, and are. */
export interface Bindings {
  readonly ofDevices: (devices: readonly Device[]) => TaskEither<Unavailable, KnownBindings>;
}

/**
 * A message of a device that proved who it is, read: what it tells, and what of it could not be read.
 * `received_at_us`: microseconds since 1970, by our clock. `ident` is null where one message speaks for many
 * devices. `raw` can be read again later without the connection it came over.
 */
export interface Arrival {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent | null;
  readonly listener: Listener;
  readonly format: string;
  readonly received_at_us: number;
  readonly readings: readonly Reading[];
  readonly rejects: readonly ElementReject[];
  readonly raw: Buffer;
}

/**
 * What became of an arrival, once it is durable. `stored` new readings; `repeated` readings that were there
 * already; `sampled` readings left out by the device's interval; `quarantined` readings and rejects that wait
 * for an operator or for a binding. Together they are all that came in.
 */
export interface Stored {
  readonly stored: number;
  readonly repeated: number;
  readonly sampled: number;
  readonly quarantined: number;
}

/**
 * Why an arrival was not taken: the database is away, or more waits than may. Nothing of it counts as
 * received, and its sender has to send it again.
 */
export interface NotTaken {
  readonly code: 'Unavailable' | 'Overloaded';
  readonly detail: string;
}

/** Where listeners hand over what came in. Answers only when everything of it is durable. */
export interface Intake {
  readonly take: (arrival: Arrival) => () => Promise<Either<NotTaken, Stored>>;
}
