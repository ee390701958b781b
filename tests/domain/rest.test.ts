import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DriverDays, restOf, SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import { epochMs, type Interval, instantOf } from '#domain/kernel/instant.ts';
import { instant } from '#tests/support/samples.ts';

const HOUR_S = 3_600;
const at = instant('2026-03-04T12:00:00.000Z');

/** From so many hours before noon of 4 March to so many hours before it. */
const span = (from_h: number, to_h: number): Interval => {
  const before = (hours: number) => instantOf(epochMs(at) - hours * HOUR_S * 1_000);
  return { from: before(from_h), to: before(to_h) };
};

const days = (said: Partial<DriverDays>): DriverDays => ({
  at,
  driving: [],
  otherWork: [],
  unknown: [],
  nights: [],
  unattributedTrips: 0,
  overhead_s: SLEEP_OVERHEAD_S,
  ...said,
});

/** Hours of work up to now, after a gap of so many hours, and work without end before that. */
const after = (gap_h: number, work_h = 1) =>
  restOf(days({ driving: [span(48, work_h + gap_h), span(work_h, 0)] }));

describe('the opportunity to rest', () => {
  it.each([
    { gap_h: 9, index: 100 },
    { gap_h: 8.99, index: 77 },
    { gap_h: 8, index: 77 },
    { gap_h: 7.99, index: 53 },
    { gap_h: 7, index: 53 },
    { gap_h: 6.99, index: 23 },
    { gap_h: 6, index: 23 },
    { gap_h: 5.99, index: 9 },
    { gap_h: 1, index: 9 },
  ])('after a gap of $gap_h h, two of them no sleep, is $index', ({ gap_h, index }) => {
    expect(after(gap_h)).toMatchObject({
      index,
      sleep_max_s: Math.max(0, Math.round((gap_h - 2) * HOUR_S)),
    });
  });

  it('counts all of a gap as sleep but for the time that is said to be none', () => {
    const driving = [span(48, 9), span(1, 0)];
    const index = (overhead_h: number) =>
      restOf(days({ driving, overhead_s: overhead_h * HOUR_S })).index;
    expect([0, 1, 2, 3, 9].map(index)).toEqual([100, 100, 77, 53, 9]);
  });

  it('is worked out by hand for two days', () => {
    // Drove 47 to 41, 40.9 to 36, 22 to 14 and 3 to 0.5 hours ago; sat idling from 0.5 on until now.
    const rest = restOf(
      days({
        driving: [span(47, 41), span(40.9, 36), span(22, 14), span(3, 0.5)],
        otherWork: [span(0.5, 0)],
        nights: [span(36, 30), span(12, 6), span(16, 13)],
      }),
    );
    expect(rest).toEqual({
      // The gap from 36 to 22 ended within the last day: 14 hours, less two, at most ten.
      index: 100,
      sleep_max_s: 10 * HOUR_S,
      continuous_driving_s: 3 * HOUR_S,
      driving_24h_s: 10.5 * HOUR_S,
      night_driving_24h_s: 2 * HOUR_S,
      since_rest_end_s: 22 * HOUR_S,
      // 48 to 47, 36 to 22 and 14 to 3; the six minutes after 41 are none.
      rest_48h_s: 26 * HOUR_S,
      // 14 to 3; of 36 to 22 only two hours lie within the last day.
      longest_rest_24h_s: 11 * HOUR_S,
      known_s: 48 * HOUR_S,
      look_back_s: 48 * HOUR_S,
    });
  });

  it('has a longest rest of the last day, which is no more than that day', () => {
    const longest = (...driving: Interval[]) =>
      restOf(days({ driving })).longest_rest_24h_s / HOUR_S;
    expect(longest()).toBe(24);
    expect(longest(span(48, 26), span(10, 0))).toBe(14);
    expect(longest(span(20, 19), span(9, 8))).toBe(10);
    expect(longest(span(48, 0))).toBe(0);
  });

  it('counts no gap that ended before the last day, and one that goes on', () => {
    expect(restOf(days({ driving: [span(34, 24), span(24, 0)] }))).toMatchObject({
      index: 9,
      sleep_max_s: 0,
      since_rest_end_s: 48 * HOUR_S,
    });
    expect(restOf(days({ driving: [span(48, 8.5)] }))).toMatchObject({
      index: 77,
      continuous_driving_s: 0,
      since_rest_end_s: 0,
    });
    expect(restOf(days({}))).toMatchObject({
      index: 100,
      driving_24h_s: 0,
      rest_48h_s: 48 * HOUR_S,
    });
  });

  it('takes a gap of less than a quarter of an hour for work, now as well', () => {
    const quarter = restOf(days({ driving: [span(3, 2), span(1.75, 0.2)] }));
    expect(quarter.continuous_driving_s).toBe(1.55 * HOUR_S);
    const less = restOf(days({ driving: [span(3, 2), span(1.76, 0.2)] }));
    expect(less.continuous_driving_s).toBe(2.8 * HOUR_S);
    expect(restOf(days({ driving: [span(3, 0.25)] })).continuous_driving_s).toBe(0);
  });

  it('is not known where less than four fifths of the time are, or a trip may have been theirs', () => {
    const unknown = (hours: number) => restOf(days({ unknown: [span(60, 48 - hours)] }));
    expect(unknown(9.6)).toMatchObject({ index: 100, known_s: 38.4 * HOUR_S });
    expect(unknown(9.7).index).toBeNull();
    // Told twice it is not unknown twice.
    const twice = days({ unknown: [span(20, 12), span(16, 11)] });
    expect(restOf(twice)).toMatchObject({ index: 100, known_s: 39 * HOUR_S });
    expect(restOf(days({ unattributedTrips: 1 }))).toMatchObject({
      index: null,
      rest_48h_s: 48 * HOUR_S,
    });
  });

  it('only shrinks with more work, whatever it is and however it is told', () => {
    const anySpan = fc
      .tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 600 }))
      .map(([end, length]) => span((end + length) / 60, end / 60));
    const anyWork = fc.array(anySpan, { maxLength: 8 });
    fc.assert(
      fc.property(anyWork, anySpan, (driving, more) => {
        const before = restOf(days({ driving }));
        const now = restOf(days({ driving: [...driving, more] }));
        expect(now.sleep_max_s).toBeLessThanOrEqual(before.sleep_max_s);
        expect(now.rest_48h_s).toBeLessThanOrEqual(before.rest_48h_s);
        expect(now.driving_24h_s).toBeGreaterThanOrEqual(before.driving_24h_s);
        expect(restOf(days({ driving: driving.toReversed() }))).toEqual(before);
        const twice = restOf(days({ driving: [...driving, ...driving] }));
        expect(twice).toEqual(before);
      }),
    );
  });
});
