import { describe, expect, it } from 'vitest';
import type { Reading } from '#ingest/formats/reading.ts';
import { type Kept, sample } from '#ingest/sampling.ts';
import { NOON_US, reading, SECOND_US } from '#tests/support/telemetrySamples.ts';

const INTERVAL_US = 5 * SECOND_US;

/** At which seconds readings are kept. */
const keptOf = (
  told: readonly (Partial<Reading> & { readonly s: number })[],
): readonly number[] => {
  let last: Kept | null = null;
  const kept: number[] = [];
  for (const { s, ...rest } of told) {
    const device_time_us = NOON_US + s * SECOND_US;
    const next = sample(last, reading({ ...rest, device_time_us }), INTERVAL_US);
    last = next.last;
    if (next.keep) kept.push(s);
  }
  return kept;
};

describe('sampling', () => {
  it('keeps one reading in an interval', () => {
    const seconds = [0, 1, 4.9, 5, 9, 11, 15.9, 16];
    expect(keptOf(seconds.map((s) => ({ s })))).toEqual([0, 5, 11, 16]);
  });

  it.each<Partial<Reading>>([
    { ignition: true },
    { din: 1 },
    { dout: 0 },
    { dtcs: [] },
    { driver_tag: 'AB' },
  ])('keeps a change of %j, once', (told) => {
    const after = [1, 2, 3].map((s) => ({ s, ...told }));
    expect(keptOf([{ s: 0 }, ...after, { s: 4 }])).toEqual([0, 1]);
  });

  it('does not take silence for a change', () => {
    expect(keptOf([{ s: 0, ignition: true }, { s: 1 }, { s: 2, ignition: true }])).toEqual([0]);
  });

  it.each([
    { 'harsh.braking.event.trigger': true },
    { alarm: 'sos' },
    { event: 253 },
    { SOS: 1 },
    { 'alarm.event.trigger': 'true' },
  ])('keeps every event: %j', (rest) => {
    expect(keptOf([{ s: 0 }, { s: 1, rest }, { s: 2, rest }])).toEqual([0, 1, 2]);
  });

  it.each([{ event: 0 }, { alarm: '' }, { 'x.event.trigger': false }, { eventual: 1 }])(
    'knows what is no event: %j',
    (rest) => {
      expect(keptOf([{ s: 0 }, { s: 1, rest }])).toEqual([0]);
    },
  );

  it('leaves what is older or ahead to the store, and is not held up by it', () => {
    const ahead: Partial<Reading> = { flags: ['clock_ahead'] };
    expect(keptOf([{ s: 10 }, { s: 3 }, { s: 10 }, { s: 3_600, ...ahead }, { s: 11 }])).toEqual([
      10, 3, 10, 3_600,
    ]);
  });
});
