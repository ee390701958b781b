import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '#ingest/formats/reading.ts';
import { judge, nothingKnown } from '#ingest/judge.ts';
import { NOON_US, reading, SECOND_US } from '#tests/support/telemetrySamples.ts';

const LIVE = { received_at_us: NOON_US, live: true };

/** What is remarked about readings, one after another. */
const remarksOn = (told: readonly Partial<Reading>[], arrival = LIVE) => {
  let known = nothingKnown;
  return told.map((each) => {
    const judged = judge(known, reading(each), arrival);
    known = judged.known;
    return judged.remarks;
  });
};

const at = (after_s: number, lat: number, more: Partial<Reading> = {}): Partial<Reading> => ({
  device_time_us: NOON_US + after_s * SECOND_US,
  lat,
  lon: 7,
  ...more,
});

describe('judging', () => {
  it('has nothing to say about a drive', () => {
    expect(remarksOn([at(0, 45), at(10, 45.002), at(20, 45.004), at(400, 45.1)])).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('notices a position that cannot have been reached, and that the next one is right', () => {
    expect(remarksOn([at(0, 45), at(10, 46), at(20, 45.002)])).toEqual([[], ['position_jump'], []]);
  });

  it('believes a vehicle that was carried away from its second reading on', () => {
    expect(remarksOn([at(0, 45), at(10, 50), at(20, 50.001), at(30, 50.002), at(40, 45)])).toEqual([
      [],
      ['position_jump'],
      [],
      [],
      ['position_jump'],
    ]);
  });

  it('allows for time, for the error of receivers, and for the date line', () => {
    expect(remarksOn([at(0, 45), at(3_600, 48)])).toEqual([[], []]);
    expect(remarksOn([at(0, 45), at(0, 45.004)])).toEqual([[], []]);
    const line = [179.9999, -179.9999].map((lon, n) => at(n, 0, { lon }));
    expect(remarksOn(line)).toEqual([[], []]);
  });

  it('compares only with positions that are some, in the order of time', () => {
    const outdated: Partial<Reading> = { flags: ['fix_outdated'] };
    expect(remarksOn([at(0, 45), at(10, 60, { valid: false }), at(20, 60, outdated)])).toEqual([
      [],
      [],
      [],
    ]);
    expect(remarksOn([at(0, 45), at(-10, 60), at(10, 45.001)])).toEqual([[], [], []]);
  });

  it('does not remember a clock that is wrong', () => {
    const ahead: Partial<Reading> = { flags: ['clock_ahead'] };
    expect(remarksOn([at(0, 45), at(3_600, 60, ahead), at(10, 50)])).toEqual([
      [],
      [],
      ['position_jump'],
    ]);
  });

  it('notices an odometer that goes back or leaps', () => {
    const odometer = (after_s: number, odometer_m: number) => ({
      device_time_us: NOON_US + after_s * SECOND_US,
      odometer_m,
    });
    expect(
      remarksOn([
        odometer(0, 50_000),
        odometer(10, 50_100),
        odometer(20, 10),
        odometer(30, 90_000),
      ]),
    ).toEqual([[], [], ['odometer_back'], ['odometer_jump']]);
  });

  it('notices what comes long after its time without saying so', () => {
    const late = { device_time_us: NOON_US - 3_600 * SECOND_US };
    expect(remarksOn([late])).toEqual([['arrived_late']]);
    expect(remarksOn([{ ...late, buffered: true }])).toEqual([[]]);
    expect(remarksOn([late], { ...LIVE, live: false })).toEqual([[]]);
  });

  it('judges anything, in any order, without failing', () => {
    const told = fc.record({
      device_time_us: fc.integer({ min: 0, max: 4e15 }),
      lat: fc.option(fc.double({ min: -90, max: 90, noNaN: true })),
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
      odometer_m: fc.option(fc.integer({ min: 0, max: 5e9 })),
    });
    fc.assert(
      fc.property(fc.array(told), (list) => {
        expect(remarksOn(list)).toHaveLength(list.length);
      }),
    );
  });
});
