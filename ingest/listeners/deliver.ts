import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { DeviceAccess } from '#ingest/deviceAccess.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import type { Arrival, Intake, Listener, NotTaken, Stored } from '#ingest/ports.ts';
import type { Outcome, Sight } from './sighting.ts';

/** What listeners work with. */
export interface ListenerParts {
  readonly intake: Intake;
  readonly access: DeviceAccess;
  readonly sight: Sight;
}

/** A message and what is known of it besides its bytes. `ident` null: it speaks for many devices. */
export interface Received {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent | null;
  readonly listener: Listener;
  readonly raw: Buffer;
}

/** What a message is called of which no format could be made out. */
const UNKNOWN_FORMAT = 'unknown';

/** Microseconds since 1970 by our clock. */
export const now_us = (): number => Date.now() * 1_000;

/** A message read. One of which nothing could be made is one reject, which goes into quarantine whole. */
export const arrivalOf = (received: Received): Arrival => {
  const received_at_us = now_us();
  const read = readTelemetry(received.raw, { received_at_us, ident: received.ident });
  if (isLeft(read)) {
    const rejects = [{ index: 0, ...read.left }];
    return { ...received, received_at_us, format: UNKNOWN_FORMAT, readings: [], rejects };
  }
  return { ...received, received_at_us, ...read.right };
};

const outcomeOf = ({ code }: NotTaken): Outcome =>
  code === 'Overloaded' ? 'overloaded' : 'unavailable';

/**
 * Hands an arrival over and waits until it is durable, or not taken. An intake that throws has a bug; that
 * must not end every other connection with it, so it is told, and the arrival counts as not taken.
 */
export const deliver =
  ({ intake, sight }: ListenerParts) =>
  async (arrival: Arrival): Promise<Either<NotTaken, Stored>> => {
    const { listener } = arrival;
    const begun_ms = performance.now();
    try {
      const taken = await intake.take(arrival)();
      sight({ type: 'handed_over', listener, ms: performance.now() - begun_ms });
      const outcome = isLeft(taken) ? outcomeOf(taken.left) : 'taken';
      sight({ type: 'message', listener, outcome });
      return taken;
    } catch (error) {
      sight({ type: 'fault', listener, error });
      sight({ type: 'message', listener, outcome: 'fault' });
      return left({ code: 'Unavailable', detail: 'fault' });
    }
  };
