import type { Either } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { DeviceIdent, ElementReject, Reading } from './formats/reading.ts';

/** By which listener a message came in. */
export const Listener = z.enum(['mqtt', 'http', 'osmand', 'ips_tcp', 'ips_udp', 'import']);
export type Listener = z.infer<typeof Listener>;

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
