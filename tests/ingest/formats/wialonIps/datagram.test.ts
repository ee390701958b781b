import { describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { crcText } from '#ingest/formats/wialonIps/crc16.ts';
import { datagramOf } from '#ingest/formats/wialonIps/datagram.ts';
import { compressedBlock } from '#ingest/formats/wialonIps/encode.ts';
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
} from '#tests/ingest/formats/support.ts';

const BODY = '020326;115958;4530.0;N;00715.0;E;36;90;120;8';
const expected = readingWith({
  lat: 45.5,
  lon: 7.25,
  speed_kmh: 36,
  course_deg: 90,
  altitude_m: 120,
  satellites: 8,
});
const checked = (body: string) => `${body}${crcText(Buffer.from(body))}`;
const codes = (message: unknown, context = anybody) =>
  rejectsOf(message, context).map(({ index, code }) => `${index} ${code}`);

describe('a datagram', () => {
  it('names its sender, in either version', () => {
    expect(only(`${ident}#SD#${BODY}`)).toEqual(expected);
    expect(only(`2.0;${ident}#SD#${checked(`${BODY};`)}\r\n`)).toEqual(expected);
    expect(codes(`2.0;${ident}#SD#${BODY}`)).toEqual(['0 ChecksumWrong']);
    expect(codes(`2.0;${ident}#SD#${BODY};0000`)).toEqual(['0 ChecksumWrong']);
  });

  it('must come from whom it is known to come from, if that is known', () => {
    expect(only(`#SD#${BODY}`, known)).toEqual(expected);
    expect(only(`${ident}#SD#${BODY}`, known)).toEqual(expected);
    expect(codes(`#SD#${BODY}`)).toEqual(['0 IdentMissing']);
    expect(codes(`other#SD#${BODY}`, known)).toEqual(['0 IdentForeign']);
    expect(codes(`a+b#SD#${BODY}`)).toEqual(['0 IdentMalformed']);
  });

  it('may hold several lines, and loses none of their records', () => {
    const box = `${BODY}|020326;115957;bad|${BODY}|`;
    const lines = [`${ident}#SD#${BODY}`, `#B#${box}`, '#P#', 'noise', `#L#${ident};NA`];
    const { readings, rejects } = understood(lines.join('\r\n'));
    expect(readings).toEqual([
      expected,
      { ...expected, buffered: true },
      { ...expected, buffered: true },
    ]);
    expect(rejects.map(({ index, code }) => [index, code])).toEqual([
      [2, 'FrameMalformed'],
      [4, 'FrameMalformed'],
      [5, 'FrameUnsupported'],
    ]);
  });

  it('with a message of the driver is a reading of the moment it came', () => {
    expect(only(`${ident}#M#flat tyre, waiting`)).toEqual(
      readingWith({
        device_time_us: anybody.received_at_us,
        rest: { driver_message: 'flat tyre, waiting' },
        flags: ['time_assumed'],
      }),
    );
  });

  it('may be compressed', () => {
    expect(only(compressedBlock(bytesOf(`${ident}#SD#${BODY}\r\n`)))).toEqual(expected);
    const block = compressedBlock(bytesOf(`${ident}#SD#${BODY}`));
    expect(only(Buffer.concat([block, Buffer.from('\r\n')]))).toEqual(expected);
    const broken = (bytes: Buffer) => rejection(readTelemetry(bytes, anybody));
    expect(broken(block.subarray(0, block.length - 1))).toBe('CompressionBroken');
    expect(broken(Buffer.concat([block, block]))).toBe('CompressionBroken');
    expect(broken(Buffer.from([0xff]))).toBe('CompressionBroken');
    const bomb = compressedBlock(Buffer.alloc(40_000_000, 0x23));
    expect(bomb.length).toBeLessThan(65_000);
    expect(broken(bomb)).toBe('InflatedTooLarge');
  });

  it('is what a frame of a connection becomes in quarantine', () => {
    const frame = Buffer.from(`#SD#${checked(`${BODY};`)}`);
    const kept = datagramOf({ version: '2.0', ident: DeviceIdent.parse('a.b') }, frame);
    expect(only(kept).ident).toBe('a.b');
    expect(only(datagramOf({ version: '1.1', ident }, Buffer.from(`#SD#${BODY}`)))).toEqual(
      expected,
    );
  });

  it('holds no more records than a black box may', () => {
    const many = `${ident}#B#${Array.from({ length: 5_000 }, () => BODY).join('|')}`;
    expect(understood(many).readings).toHaveLength(5_000);
    expect(codes(`${many}|${BODY}`)).toEqual(['0 TooManyReadings']);
    expect(codes(`${ident}#B#`)).toEqual(['0 FrameMalformed']);
  });
});
