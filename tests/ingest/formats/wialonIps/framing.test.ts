import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressedBlock } from '#ingest/formats/wialonIps/encode.ts';
import {
  LINE_MAX_BYTES,
  newFraming,
  push,
  STRANGER_LINE_MAX_BYTES,
  take,
} from '#ingest/formats/wialonIps/framing.ts';
import { latin1 } from '#tests/ingest/formats/support.ts';
import { framesOf, lineBytes } from './dialogue.ts';

const BOUND = 2_048;

const shown = (chunks: readonly Buffer[], bound = BOUND) =>
  framesOf(chunks, bound).frames.map((frame) => {
    const text = frame.bytes.toString('latin1');
    return frame.type === 'broken' ? `broken ${frame.code}` : `${frame.type} ${text}`;
  });

const photo = (size: number) =>
  Buffer.concat([lineBytes(`#I#${size};0;0;NA;NA;a.jpg`), noise(size)]);
/** Bytes in which lines, blocks and photos seem to begin. */
const noise = (size: number) =>
  Buffer.from(
    Array.from({ length: size }, (_, index) => [0xff, 0x0a, 0x23, 0x49, 0x23][index % 5] ?? 0),
  );

const STREAM = Buffer.concat([
  lineBytes('#L#imei;password', '#P#'),
  compressedBlock(latin1('#SD#one\r\n#SD#two')),
  lineBytes('', 'noise', '#D#in full'),
  photo(23),
  lineBytes('#P#'),
  compressedBlock(latin1('#M#packed\r\n')),
  lineBytes(''),
  compressedBlock(photo(9)),
  latin1('#T#7;5;0;ABCD\r\n12345#P#\n#SD#unfinished'),
]);

const FRAMES = [
  'line #L#imei;password',
  'line #P#',
  'line #SD#one',
  'line #SD#two',
  'line noise',
  'line #D#in full',
  'binary #I#23;0;0;NA;NA;a.jpg',
  'line #P#',
  'line #M#packed',
  'binary #I#9;0;0;NA;NA;a.jpg',
  'binary #T#7;5;0;ABCD',
  'line #P#',
];

describe('a stream of Wialon IPS', () => {
  it('is lines, compressed blocks, and binary data that is passed over', () => {
    expect(shown([STREAM])).toEqual(FRAMES);
  });

  it('is the same wherever it is cut', () => {
    for (let at = 0; at <= STREAM.length; at += 1) {
      expect(shown([STREAM.subarray(0, at), STREAM.subarray(at)])).toEqual(FRAMES);
    }
    expect(shown(Array.from(STREAM, (byte) => Buffer.from([byte])))).toEqual(FRAMES);
  });

  it('is the same wherever it is cut, whatever it holds', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...['#P#\r\n', '#I#3;0;0\r\nabc', '#T#1;2;0\r\nxy', '\r\n', '#I#x\r\n', '\xff'],
      ),
      fc.string({ unit: 'binary' }).map((text) => `${text}\n`),
      fc.string().map((text) => `#M#${text}\r\n`),
      fc.constant(`${'long '.repeat(20)}\r\n`),
      fc
        .constantFrom('#P#', '#SD#a\r\n#SD#b\r\n', '\xff\x00\x00', '#I#3;0;0\r\nabc', '')
        .map((text) => compressedBlock(Buffer.from(text, 'latin1')).toString('latin1')),
    );
    const stream = fc
      .array(piece, { maxLength: 12 })
      .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });
    fc.assert(
      fc.property(stream, cuts, (bytes, places) => {
        const marks = [0, ...places, bytes.length].sort((left, right) => left - right);
        const chunks = marks.map((mark, index) => bytes.subarray(mark, marks[index + 1]));
        expect(shown(chunks, 64)).toEqual(shown([bytes], 64));
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends where a line does not', () => {
    const endless = Buffer.alloc(BOUND + 1, 0x61);
    expect(shown([endless, lineBytes('#P#')])).toEqual(['broken LineTooLong']);
    expect(shown([endless.subarray(1), Buffer.from('\n')])).toEqual([
      `line ${endless.subarray(1).toString()}`,
    ]);
    expect(shown([endless.subarray(1), endless.subarray(0, 1)])).toEqual(['broken LineTooLong']);
  });

  it('ends where the size of binary data cannot be told or is too large', () => {
    expect(shown([lineBytes('#I#many;0;0', '#P#')])).toEqual(['broken BinaryUnbounded']);
    expect(shown([lineBytes('#I#1048577;0;0', '#P#')])).toEqual(['broken BinaryUnbounded']);
    expect(shown([lineBytes('#T#5', '#P#')])).toEqual(['broken BinaryUnbounded']);
    expect(shown([lineBytes('#I#0;0;0', '#P#')])).toEqual(['binary #I#0;0;0', 'line #P#']);
  });

  it('ends where a block is broken, holds a block, or is larger inside than a line may be', () => {
    const block = compressedBlock(latin1('#P#'));
    block[5] = (block[5] ?? 0) ^ 0xff;
    expect(shown([block])).toEqual(['broken CompressionBroken']);
    expect(shown([Buffer.from([0xff, 0, 0])])).toEqual(['broken CompressionBroken']);
    const nested = compressedBlock(compressedBlock(latin1('#P#')));
    expect(shown([nested])).toEqual(['broken CompressionBroken']);
    const bomb = compressedBlock(Buffer.alloc(LINE_MAX_BYTES + 1));
    expect(shown([bomb], LINE_MAX_BYTES)).toEqual(['broken InflatedTooLarge']);
    const huge = Buffer.from([0xff, 0xff, 0xff]);
    expect(shown([huge], STRANGER_LINE_MAX_BYTES)).toEqual(['broken LineTooLong']);
  });

  it('unpacks the example of the protocol', () => {
    const example = 'FF180078DA53F651CECC4DCDB42E482C2E2ECF2F4A01002D1C05E5';
    expect(shown([Buffer.from(example, 'hex')])).toEqual(['line #L#imei;password']);
    const second = 'FF1B00780153F65136D233B0CECC4DCDB4F673B476B4343602002FF404E6';
    expect(shown([Buffer.from(second, 'hex')])).toEqual(['line #L#2.0;imei;NA;A932']);
  });

  it('keeps no more of itself than what waits', () => {
    const { framing } = framesOf(
      [Buffer.concat([STREAM, Buffer.alloc(60_000, 0x0a), latin1('#')])],
      BOUND,
    );
    const kept = framing.parts.reduce((sum, part) => sum + part.length, 0);
    expect(kept).toBe(1);
    const { framing: done } = framesOf([lineBytes('#P#')], BOUND);
    expect(done.parts).toEqual([]);
  });

  it('takes a long block that comes byte by byte', () => {
    const text = `#M#${'a'.repeat(60_000)}`;
    const data = deflateSync(Buffer.from(text), { level: 0 });
    const block = Buffer.concat([Buffer.from([0xff, data.length & 0xff, data.length >> 8]), data]);
    expect(
      shown(
        Array.from(block, (byte) => Buffer.from([byte])),
        LINE_MAX_BYTES,
      ),
    ).toEqual([`line ${text}`]);
  });

  it('takes a long line that comes byte by byte in the time it takes to read it', () => {
    let framing = newFraming;
    let parts_max = 0;
    const byte = Buffer.from('a');
    for (let sent = 0; sent < 200_000; sent += 1) {
      framing = take(push(framing, byte), LINE_MAX_BYTES).framing;
      parts_max = Math.max(parts_max, framing.parts.length);
    }
    expect(framing.bytes).toBe(200_000);
    expect(parts_max).toBeLessThan(20);
  });
});

describe('a block', () => {
  it('is deflated data behind a mark and a length that begins with the low byte', () => {
    const content = latin1('#P#\r\n');
    const data = deflateSync(content);
    const head = Buffer.from([0xff, data.length & 0xff, data.length >> 8]);
    expect(compressedBlock(content)).toEqual(Buffer.concat([head, data]));
  });
});
