import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '#ingest/fingerprint.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { reading } from '#tests/support/telemetrySamples.ts';

const LEAST = -(2n ** 63n);

const different: readonly Partial<Reading>[] = [
  {},
  { lat: 1, lon: 2 },
  { lat: 2, lon: 1 },
  { speed_kmh: 0 },
  { limit_kmh: 0 },
  { valid: false },
  { ignition: false },
  { dtcs: [] },
  { dtcs: ['P0301'] },
  { driver_tag: 'null' },
  { driver_tag: '' },
  { rest: { a: 1 } },
  { rest: { a: '1' } },
  { rest: { b: 1 } },
];

describe('the fingerprint', () => {
  it('is the count of the device where it has one', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (seq) => {
        expect(fingerprintOf(reading({ seq, speed_kmh: 5 }))).toBe(BigInt(seq));
      }),
    );
  });

  it('is negative otherwise, and differs with everything that was told', () => {
    const prints = different.map((told) => fingerprintOf(reading(told)));
    expect(new Set(prints).size).toBe(different.length);
    for (const print of prints) {
      expect(print < 0n).toBe(true);
      expect(print >= LEAST).toBe(true);
    }
  });

  it('does not depend on how or when it came, nor on the order of fields', () => {
    const told = { speed_kmh: 5, rest: { a: 1, b: 2 } };
    const print = fingerprintOf(reading(told));
    expect(fingerprintOf(reading({ ...told, rest: { b: 2, a: 1 } }))).toBe(print);
    expect(fingerprintOf(reading({ ...told, flags: ['clock_ahead'], buffered: true }))).toBe(print);
  });

  it('stays what it is: stored rows are told apart by it', () => {
    expect(
      fingerprintOf(reading({ lat: 45.5, lon: 7.25, rest: { note: 'x' } })),
    ).toMatchInlineSnapshot(`-1127878586158780092n`);
  });
});
