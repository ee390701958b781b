import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type Format, readAs } from '#ingest/formats/format.ts';
import { MESSAGE_MAX_BYTES, READINGS_MAX, REST_KEYS_MAX } from '#ingest/formats/reading.ts';
import { formats, readTelemetry, telemetryReader } from '#ingest/formats/recognise.ts';
import {
  anybody,
  bytesOf,
  ident,
  known,
  only,
  readingWith,
  rejection,
  rejectsOf,
  understood,
} from './support.ts';

const AT_S = 1_772_452_798;
const FORMATS = join(import.meta.dirname, '..', '..', '..', 'ingest', 'formats');
const refused = (message: unknown) =>
  rejection(readTelemetry(Buffer.isBuffer(message) ? message : bytesOf(message), anybody));

describe('a message', () => {
  it.each([
    ['flespi', { ident, timestamp: AT_S }],
    ['flespi', [{ ident, timestamp: AT_S }]],
    ['native', { ident, device_time: AT_S }],
    ['traccar', { position: { deviceTime: AT_S }, device: { uniqueId: ident } }],
    ['traccar-client', { device_id: ident, location: { timestamp: AT_S, coords: {} } }],
    ['osmand', `id=${ident}&lat=1&lon=2`],
    ['osmand', `/?deviceid=${ident}&lat=1&lon=2`],
    ['osmand', `lat=1&lon=2&id=${ident}\n`],
    ['wialon-ips', `${ident}#SD#020326;115958;NA;NA;NA;NA;NA;NA;NA;NA`],
    ['wialon-ips', `${ident}#M#?id=5&lat=3`],
  ])('is recognised by its shape: %s', (format, message) => {
    const found = understood(message);
    expect([found.format, found.readings.length]).toEqual([format, 1]);
  });

  it.each([
    ['FormatUnknown', ''],
    ['FormatUnknown', 'hello'],
    ['FormatUnknown', '[]'],
    ['FormatUnknown', '{}'],
    ['FormatUnknown', '[1,2]'],
    ['NotJson', '{'],
    ['NotJson', '[1,2]\n[3'],
    ['NotText', Buffer.from('{"ident":"\xe9"}', 'latin1')],
    ['MessageTooLarge', Buffer.alloc(MESSAGE_MAX_BYTES + 1)],
    ['MessageTooLarge', `id=1&${'x'.repeat(20_000)}`],
    ['TooManyReadings', `[${Array(READINGS_MAX + 1).fill('{}')}]`],
  ])('is refused as a whole: %s', (code, message) => {
    expect(refused(message)).toBe(code);
  });

  it('may begin with a byte order mark and blanks', () => {
    expect(only(`\ufeff  {"ident":"${ident}","timestamp":${AT_S}}`)).toEqual(readingWith({}));
  });

  it('whose list is partly bad gives what is good, and says what is not', () => {
    const fine = { ident, timestamp: AT_S };
    const list = [1, fine, { ident }, null, { ...fine, ident: 'a/b' }, fine, { timestamp: AT_S }];
    const { readings, rejects } = understood(list);
    expect(readings).toEqual([readingWith({}), readingWith({})]);
    expect(rejects).toEqual([
      { index: 0, code: 'ElementMalformed', field: null },
      { index: 2, code: 'TimeMissing', field: 'timestamp' },
      { index: 3, code: 'ElementMalformed', field: null },
      { index: 4, code: 'IdentMalformed', field: 'ident' },
      { index: 6, code: 'IdentMissing', field: 'ident' },
    ]);
  });

  it('may be a line for each element', () => {
    const line = JSON.stringify({ ident, timestamp: AT_S });
    const { readings, rejects } = understood(`${line}\r\n\n[${line},${line}]\n{"broken\n${line}\n`);
    expect(readings).toHaveLength(4);
    expect(rejects).toEqual([{ index: 3, code: 'NotJson', field: null }]);
  });

  it('must be from whom it is known to be', () => {
    expect(only({ timestamp: AT_S }, known)).toEqual(readingWith({}));
    expect(only({ ident: 17, device_time: AT_S }).ident).toBe('17');
    const codes = (message: unknown) => rejectsOf(message, known).map(({ code }) => code);
    expect(
      codes([
        { timestamp: AT_S, ident: 'x' },
        { timestamp: AT_S, ident },
      ]),
    ).toEqual(['IdentForeign']);
    expect(codes({ position: { deviceTime: AT_S }, device: { uniqueId: 'x' } })).toEqual([
      'IdentForeign',
    ]);
    expect(codes('id=x&lat=1&lon=2')).toEqual(['IdentForeign']);
  });
});

describe('the list of formats', () => {
  it('is all there is to add to for one more', () => {
    const beacon: Format = {
      name: 'beacon',
      recognises: ({ text }) => text?.startsWith('beacon ') ?? false,
      read: (_message, { received_at_us }) =>
        right({ readings: [readingWith({ device_time_us: received_at_us })], rejects: [] }),
    };
    const read = telemetryReader([...formats, beacon]);
    expect(read(bytesOf('beacon 1'), anybody)).toMatchObject({ right: { format: 'beacon' } });
    expect(refused('beacon 1')).toBe('FormatUnknown');
  });

  it('is the only file that knows the formats', () => {
    const shared = ['draft', 'values', 'deviceTime', 'rest', 'dtcs', 'reading', 'format'];
    const names = formats.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const file of shared) {
      const text = readFileSync(join(FORMATS, `${file}.ts`), 'utf8');
      const others = [...text.matchAll(/from '\.\/(\w+)\.ts'/g)].map(([, name]) => name ?? '');
      expect(others.filter((name) => !shared.includes(name))).toEqual([]);
    }
    const files = readdirSync(FORMATS).filter((name) => name.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(shared.length);
  });

  it('holds formats that read their own messages alone', () => {
    for (const format of formats) {
      const found = readAs(format)(bytesOf('{"nothing":1}'), anybody);
      expect(found).not.toMatchObject({ right: { readings: [{}] } });
    }
  });
});

describe('what has no column', () => {
  const restOf = (fields: Readonly<Record<string, unknown>>) =>
    only(bytesOf({ ident, device_time: AT_S, ...fields }));

  it('is kept within bounds, and what is cut is remarked upon', () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`k${n}`, n]));
    expect(Object.keys(restOf(many).rest)).toHaveLength(REST_KEYS_MAX);
    expect(restOf(many).flags).toEqual(['rest_trimmed']);
    const long = restOf({ text: 'x'.repeat(2_000) });
    expect([long.rest, long.flags]).toEqual([{ text: 'x'.repeat(1_344) }, ['rest_trimmed']]);
    expect(restOf({ ['k'.repeat(65)]: 1 })).toMatchObject({ rest: {}, flags: ['rest_trimmed'] });
    const large = restOf({ list: Array.from({ length: 9_000 }, () => 1), more: 1 });
    expect([large.rest, large.flags]).toEqual([{ more: 1 }, ['rest_trimmed']]);
    const deep = restOf({ deep: { a: { b: { c: { d: { e: { f: { g: { h: { i: 1 } } } } } } } } } });
    expect(deep.flags).toEqual(['rest_trimmed']);
  });

  it('has no keys that need an escape, which would not be read the same each time', () => {
    const { rest, flags } = restOf({ 'a"b': 1, 'c\\d': { 'e\n': 2 } });
    expect([rest, flags]).toEqual([{ a_b: 1, c_d: { e_: 2 } }, ['text_mended']]);
  });

  it('cannot break the database or the object it lies in', () => {
    const text = `{"ident":"${ident}","device_time":${AT_S},"a\\u0000":"\\u0000\\ud800","__proto__":{"x":1},"n":1e999}`;
    const reading = only(text);
    expect(reading.rest).toEqual({ a_: '\ufffd\ufffd', n: null });
    expect(reading.flags.toSorted()).toEqual(['rest_trimmed', 'text_mended']);
    expect(Object.getPrototypeOf(reading.rest)).toBe(Object.prototype);
    expect(
      only(`{"ident":"${ident}","device_time":${AT_S},"o":{"__proto__":{"x":1}}}`).rest,
    ).toEqual({
      o: {},
    });
  });
});
