import { isUtf8 } from 'node:buffer';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import {
  type Context,
  type ElementReject,
  type Harvest,
  MESSAGE_MAX_BYTES,
  READINGS_MAX,
  type Reading,
  type Reject,
  reject,
} from './reading.ts';
import { type Fields, isFields } from './values.ts';

/**
 * A message, looked at once for all formats: its bytes; its text where it is no JSON (null where it is, or
 * where it is no UTF-8); and the elements of its JSON, where it is some: of a list, of lines, or the one it
 * is. A line that is no JSON stands as `brokenLine`.
 */
export interface Message {
  readonly bytes: Buffer;
  readonly text: string | null;
  readonly elements: readonly unknown[];
}

/**
 * A wire format: whether a message is of it, by its shape alone, and what it says. Both are pure and take
 * any bytes whatever.
 */
export interface Format {
  readonly name: string;
  readonly recognises: (message: Message) => boolean;
  readonly read: (message: Message, context: Context) => Either<Reject, Harvest>;
}

/** A format whose messages are objects of JSON: how one of them is recognised and read. */
interface JsonShape {
  readonly name: string;
  readonly recognises: (element: Fields) => boolean;
  readonly readOne: (element: Fields, context: Context) => Either<Reject, Reading>;
}

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Stands for a line of newline-delimited JSON that is none. */
const brokenLine = Symbol('a line that is no JSON');

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return brokenLine;
  }
};

/** The elements of a text of JSON, or of lines each of which is JSON; null if nothing of it is. */
const elementsOf = (text: string): readonly unknown[] | null => {
  const whole = parsed(text);
  if (whole !== brokenLine) return Array.isArray(whole) ? whole : [whole];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return null;
  const elements = lines.flatMap(parsed);
  return elements.some(isFields) ? elements : null;
};

/** The first byte that is no blank and no byte order mark. */
const firstByte = (bytes: Buffer): number => {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return byte;
  }
  return 0;
};

/** Looks at the bytes of a message once, within its bounds. */
export const messageOf = (bytes: Buffer): Either<Reject, Message> => {
  if (bytes.length > MESSAGE_MAX_BYTES) return reject('MessageTooLarge');
  const first = firstByte(bytes);
  if (first !== BRACE && first !== BRACKET) {
    const text = isUtf8(bytes) ? bytes.toString('utf8') : null;
    return right({ bytes, text, elements: [] });
  }
  if (!isUtf8(bytes)) return reject('NotText');
  const text = bytes.toString('utf8');
  const elements = elementsOf(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (elements === null) return reject('NotJson');
  if (elements.length > READINGS_MAX) return reject('TooManyReadings');
  return right({ bytes, text: null, elements });
};

/** The reject of one element. */
export const rejectAt = (index: number, { code, field }: Reject): ElementReject => ({
  index,
  code,
  field,
});

/**
 * Makes a format of a shape of JSON. A message is of it as soon as one of its elements is; every element is
 * then either a reading or a reject.
 */
export const jsonFormat = ({ name, recognises, readOne }: JsonShape): Format => ({
  name,
  recognises: ({ elements }) =>
    elements.some((element) => isFields(element) && recognises(element)),
  read: ({ elements }, context) => {
    const readings: Reading[] = [];
    const rejects: ElementReject[] = [];
    elements.forEach((element, index) => {
      if (!isFields(element)) {
        const code = element === brokenLine ? 'NotJson' : 'ElementMalformed';
        rejects.push({ index, code, field: null });
        return;
      }
      const read = readOne(element, context);
      if (isLeft(read)) rejects.push(rejectAt(index, read.left));
      else readings.push(read.right);
    });
    return right({ readings, rejects });
  },
});

/** What the bytes of a message say, read in a format that is known. */
export const readAs =
  (format: Format) =>
  (bytes: Buffer, context: Context): Either<Reject, Harvest> => {
    const message = messageOf(bytes);
    return isLeft(message) ? message : format.read(message.right, context);
  };
