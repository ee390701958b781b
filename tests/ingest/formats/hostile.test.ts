import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readAs } from '#ingest/formats/format.ts';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import { formats, readTelemetry } from '#ingest/formats/recognise.ts';
import { anybody, bytesOf, ident } from './support.ts';

/** Most take milliseconds, more on a busy machine; time that grows with the square takes minutes. */
const EACH_MAX_MS = 5_000;
const SHORT = '020326;115958;4530.0;N;00715.0;E;36;90;120;8;0;0;0;;NA;';
const filled = (head: string, piece: string, tail = ''): string => {
  const room = MESSAGE_MAX_BYTES - Buffer.byteLength(head) - Buffer.byteLength(tail);
  return head + piece.repeat(Math.floor(room / Buffer.byteLength(piece))) + tail;
};
const keyed = (head: string, tail: string): string => {
  const pairs = Array.from({ length: 90_000 }, (_, n) => `"${n.toString(36)}":0`);
  return `${head}${pairs.join(',')}${tail}`;
};
const json = `{"ident":"${ident}","device_time":1772452798,"x":`;

const hostile: Readonly<Record<string, string>> = {
  'semicolons in a record': filled(`${ident}#D#${SHORT}x:3:`, ';', 'x'),
  'bars in a black box': filled(`${ident}#B#`, '|'),
  'commas in a parameter': filled(`${ident}#D#${SHORT}x:3:`, ','),
  'parameters without end': filled(`${ident}#D#${SHORT}`, 'x:3:y,', 'x:3:y'),
  'digits of a minute': filled(`${ident}#SD#020326;115958;4530.`, '1', ';N;00715.0;E;36;90;120;8'),
  'ends of lines': filled(`${ident}#P#`, '\n'),
  'pings in one datagram': filled(`${ident}#P#\n`, '#P#\n'),
  'question marks': filled('', '?', 'id=1'),
  ampersands: filled('', '&', 'id=1'),
  'question marks and ampersands': filled('', '?&', 'id=1').slice(0, 16_000),
  blanks: filled('', ' ', 'id=1'),
  'percent signs': filled('id=1&x=', '%', '').slice(0, 16_000),
  'keys of a query': filled('id=1', '&a=1').slice(0, 16_000),
  brackets: filled('', '[', ''),
  'nested lists': `[${json}${'['.repeat(400_000)}${']'.repeat(400_000)}}]`,
  'nested objects': `${json}${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
  'keys of an element': keyed(`${json}0,`, '}'),
  'keys of an object inside': keyed(`${json}{`, '}}'),
  'items of a list inside': filled(`${json}[`, '1,', '1]}'),
  'empty texts in a list': filled(`${json}[`, '"",', '""]}'),
  'fault codes': filled(`{"ident":"${ident}","device_time":1772452798,"dtcs":"`, 'P0301 ', '"}'),
  'lines of JSON': filled('{}\n', '[]\n'),
  'a long ident': filled('{"device_time":1772452798,"ident":"', 'a', '"}'),
};

describe('a message of a megabyte takes no more time than it is long, whatever it is full of', () => {
  it.each(Object.entries(hostile))('%s', (_name, text) => {
    const bytes = bytesOf(text);
    expect(bytes.length).toBeLessThanOrEqual(MESSAGE_MAX_BYTES);
    const before_ms = performance.now();
    const found = readTelemetry(bytes, anybody);
    for (const format of formats) readAs(format)(bytes, anybody);
    expect(performance.now() - before_ms).toBeLessThan(EACH_MAX_MS);
    if (isLeft(found)) return;
    for (const reading of found.right.readings) {
      expect(JSON.stringify(reading).length).toBeLessThan(40_000);
    }
  });
});
