import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { flespi } from './flespi.ts';
import { type Format, messageOf } from './format.ts';
import { native } from './native.ts';
import { osmAnd } from './osmAnd.ts';
import { type Context, type Harvest, type Reject, reject } from './reading.ts';
import { traccarClient } from './traccarClient.ts';
import { traccarForward } from './traccarForward.ts';
import { wialonIps } from './wialonIps/datagram.ts';

/** What a message came to, and the name of the format it was in. */
export interface Recognised extends Harvest {
  readonly format: string;
}

/**
 * The formats that are understood, in the order in which a message is held against them. One more is one
 * file and one line here: nothing else knows them by name.
 */
export const formats: readonly Format[] = [
  flespi,
  native,
  traccarForward,
  traccarClient,
  wialonIps,
  osmAnd,
];

/**
 * Reads a message in the first of the formats that recognises its shape. Left: nothing could be made of the
 * message as a whole. Right: every element is a reading or a reject. It never throws, whatever the bytes.
 */
export const telemetryReader =
  (known: readonly Format[]) =>
  (bytes: Buffer, context: Context): Either<Reject, Recognised> => {
    const message = messageOf(bytes);
    if (isLeft(message)) return message;
    const format = known.find(({ recognises }) => recognises(message.right));
    if (!format) return reject('FormatUnknown');
    const harvest = format.read(message.right, context);
    return isLeft(harvest) ? harvest : right({ ...harvest.right, format: format.name });
  };

/** What a message says, in whichever of our formats it is. */
export const readTelemetry = telemetryReader(formats);
