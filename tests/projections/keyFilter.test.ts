import { expect, it } from 'vitest';
import { keyFilter } from '#projections/keyFilter.ts';

/** Keys that differ as those of read models do: by a few characters near the end, or in the middle. */
const keysOf = (tenant: string, count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, number) =>
      `${tenant} asset:c8965f43-21f2-894e-a5d4-${String(number % 977).padStart(12, '0')}/${String(number).padStart(19, '0')}`,
  );

it('holds every key that was added, and takes few others for one', () => {
  const filter = keyFilter(256 * 1024);
  const added = keysOf('fleet1', 200_000);
  for (const key of added) filter.add(key);
  expect(added.every(filter.mayHold)).toBe(true);
  const mistaken = keysOf('fleet2', 100_000).filter(filter.mayHold).length;
  // With 10.5 bits a key and four probes theory says 1 %.
  expect(mistaken).toBeGreaterThan(0);
  expect(mistaken / 100_000).toBeLessThan(0.02);
});
