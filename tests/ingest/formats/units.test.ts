import { describe, expect, it } from 'vitest';
import { AT, AT_S, flespi, forwarded, IDENT, native, phone, query } from './samples.ts';
import { only, readingWith, rejectsOf, us } from './support.ts';

describe('every format gives the same reading', () => {
  const expected = readingWith({ lat: 45.5, lon: 7.25, speed_kmh: 90, limit_kmh: 50 });
  const knots = 90 / 1.852;

  it.each([
    [
      'flespi',
      flespi({
        'position.latitude': 45.5,
        'position.longitude': 7.25,
        'position.speed': 90,
        'custom.speed_limit': 50,
      }),
    ],
    ['native', native({ lat: 45.5, lon: 7.25, speed_kmh: 90, limit_kmh: 50 })],
    ['osmand', query({ lat: '45.5', lon: '7.25', speed: String(knots), speedLimit: '26.9978402' })],
    [
      'wialon-ips',
      `${IDENT}#D#020326;115958;4530.0;N;00715.0;E;90;NA;NA;NA;NA;NA;NA;;NA;limit_kmh:1:50`,
    ],
  ])('%s', (_format, message) => {
    expect(only(message)).toEqual(expected);
  });

  it('traccar, which also says that the fix is valid', () => {
    const message = forwarded({ speed: knots }, { speedLimit: 50 / 1.852 });
    expect(only(message)).toEqual({ ...expected, valid: true });
  });

  it('traccar-client, which knows no limits', () => {
    expect(only(phone({ speed: 25 }))).toEqual({ ...expected, limit_kmh: null });
  });
});

describe('speeds', () => {
  it('are km/h in flespi and in our own format', () => {
    expect(only(flespi({ 'position.speed': 63.5 })).speed_kmh).toBe(63.5);
    expect(only(native({ speed_kmh: 63.5 })).speed_kmh).toBe(63.5);
  });

  it('are knots from Traccar and in queries', () => {
    expect(only(forwarded({ speed: 10 })).speed_kmh).toBe(18.52);
    expect(only(query({ speed: '10' })).speed_kmh).toBe(18.52);
  });

  it('are metres per second from phones, and -1 is unknown', () => {
    expect(only(phone({ speed: 10 })).speed_kmh).toBe(36);
    const unknown = only(
      phone({ speed: -1, heading: -1, accuracy: -1 }, { battery: { level: -1 }, odometer: -1 }),
    );
    expect(unknown).toEqual(readingWith({ lat: 45.5, lon: 7.25, rest: { battery: {} } }));
  });

  it('that no vehicle drives are flagged, and kept as they were sent', () => {
    expect(only(flespi({ 'position.speed': 1_023 }))).toEqual(
      readingWith({ rest: { 'position.speed': 1_023 }, flags: ['speed_kmh_impossible'] }),
    );
    expect(only(native({ speed_kmh: 'fast' }))).toEqual(
      readingWith({ rest: { speed_kmh: 'fast' }, flags: ['speed_kmh_unreadable'] }),
    );
    expect(only(flespi({ 'position.speed': -1 })).flags).toEqual(['speed_kmh_impossible']);
  });

  it('that another protocol of Traccar gives in either unit are left as they are', () => {
    expect(only(forwarded({}, { obdSpeed: 50, hours: 7_200_000, io239: 1 })).rest).toEqual({
      obdSpeed: 50,
      hours: 7_200_000,
      io239: 1,
    });
  });
});

describe('times', () => {
  const timeOf = (timestamp: unknown) => only(flespi({ timestamp })).device_time_us;

  it('are seconds with microseconds, which are kept', () => {
    expect(timeOf(1_772_452_798.123456)).toBe(1_772_452_798_123_456);
    expect(timeOf('1772452798.123456')).toBe(1_772_452_798_123_456);
  });

  it('are milliseconds, microseconds or ISO 8601 with an offset and any fraction', () => {
    expect(timeOf(1_772_452_798_123)).toBe(1_772_452_798_123_000);
    expect(timeOf(1_772_452_798_123_456)).toBe(1_772_452_798_123_456);
    expect(timeOf('2026-03-02T11:59:58.123456789Z')).toBe(us(AT) + 123_456);
    expect(timeOf('2026-03-02T13:29:58.5+01:30')).toBe(us(AT) + 500_000);
    expect(timeOf('2026-03-02T06:59:58-0500')).toBe(us(AT));
    expect(only(query({ timestamp: '1772452798123' })).device_time_us).toBe(1_772_452_798_123_000);
    expect(only(query({ timestamp: AT })).device_time_us).toBe(us(AT));
    const unescaped = `id=${IDENT}&timestamp=2026-03-02T12:59:58+01:00`;
    expect(only(unescaped).device_time_us).toBe(us(AT));
  });

  it('without a zone are taken as UTC, flagged', () => {
    expect(only(flespi({ timestamp: '2026-03-02 11:59:58' }))).toEqual(
      readingWith({ flags: ['zone_assumed'] }),
    );
  });

  it('of a clock that was never set are kept and flagged', () => {
    const reading = only(flespi({ timestamp: 946_684_840 }));
    expect(reading.device_time_us).toBe(us('2000-01-01T00:00:40.000Z'));
    expect(reading.flags).toEqual(['clock_unset']);
    expect(only(flespi({ timestamp: 0 })).flags).toEqual(['clock_unset']);
  });

  it('ahead of ours are flagged beyond two minutes', () => {
    expect(only(flespi({ timestamp: AT_S + 3_600 })).flags).toEqual(['clock_ahead']);
    expect(only(flespi({ timestamp: AT_S + 100 })).flags).toEqual([]);
  });

  it('that cannot be are rejects', () => {
    const codeOf = (timestamp: unknown) => rejectsOf(flespi({ timestamp }))[0]?.code;
    expect(codeOf(null)).toBe('TimeMissing');
    expect(codeOf('yesterday')).toBe('TimeUnreadable');
    expect(codeOf('2026-02-30T00:00:00Z')).toBe('TimeUnreadable');
    expect(codeOf('2026-02-28T24:00:00Z')).toBe('TimeUnreadable');
    expect(codeOf({})).toBe('TimeUnreadable');
    expect(codeOf(-5)).toBe('TimeImpossible');
    expect(codeOf(1e300)).toBe('TimeImpossible');
    expect(codeOf('2150-01-01T00:00:00Z')).toBe('TimeImpossible');
  });

  it('may be missing only where the format says so', () => {
    const assumed = only(`id=${IDENT}&lat=45.5&lon=7.25`);
    expect(assumed.device_time_us).toBe(us('2026-03-02T12:00:00.000Z'));
    expect(assumed.flags).toEqual(['time_assumed']);
  });

  it('of a fix that is older than the message stay beside it', () => {
    const reading = only(forwarded({ outdated: true, fixTime: '2026-03-02T09:00:00.000+00:00' }));
    expect(reading.device_time_us).toBe(us(AT));
    expect(reading.flags).toEqual(['fix_outdated']);
    expect(reading.rest).toEqual({ 'position.fixTime': '2026-03-02T09:00:00.000+00:00' });
  });
});

describe('positions', () => {
  it('of 0, 0 are none, even if the device calls them valid', () => {
    const zero = { 'position.latitude': 0, 'position.longitude': 0, 'position.valid': true };
    expect(only(flespi(zero))).toEqual(readingWith({ valid: false, flags: ['zero_fix'] }));
    expect(only(forwarded({ latitude: 0, longitude: 0 }))).toEqual(
      readingWith({ speed_kmh: 0, valid: false, flags: ['zero_fix'] }),
    );
  });

  it('on the equator or the meridian are positions', () => {
    expect(only(native({ lat: 0, lon: 7.25 }))).toEqual(readingWith({ lat: 0, lon: 7.25 }));
    expect(only(native({ lat: -0, lon: -180 }))).toEqual(readingWith({ lat: 0, lon: -180 }));
  });

  it('that the device does not vouch for are kept as such', () => {
    const told = { 'position.latitude': 45.5, 'position.longitude': 7.25, 'position.valid': false };
    expect(only(flespi(told))).toEqual(readingWith({ lat: 45.5, lon: 7.25, valid: false }));
  });

  it('that cannot be are rejects, and so are halves', () => {
    const codeOf = (lat: unknown, lon: unknown) => rejectsOf(native({ lat, lon }))[0]?.code;
    expect(codeOf(90.1, 7)).toBe('PositionImpossible');
    expect(codeOf(45, -180.5)).toBe('PositionImpossible');
    expect(codeOf(45, 'east')).toBe('PositionUnreadable');
    expect(codeOf(45, null)).toBe('PositionIncomplete');
    expect(rejectsOf(query({ location: '45.5' }))[0]?.code).toBe('PositionIncomplete');
    expect(rejectsOf(query({ location: '45.5,7,1' }))[0]?.code).toBe('PositionUnreadable');
  });

  it('in queries may stand in one field', () => {
    expect(only(query({ location: '45.5,7.25' }))).toEqual(readingWith({ lat: 45.5, lon: 7.25 }));
  });

  it('that an app made up are flagged', () => {
    const reading = only(phone({}, { mock: true, is_moving: true }));
    expect(reading.flags).toEqual(['fix_mocked']);
    expect(reading.rest).toEqual({ mock: true, is_moving: true });
  });
});
