import fc from 'fast-check';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { began, immobilizerScene } from './scene.ts';

const SECOND_MS = 1_000;
const RUN_S = 90;

interface Told {
  readonly every_s: number;
  readonly count: number;
  readonly from_s: number;
  readonly delay_s: number;
  readonly sighting: Omit<Sighting, 'at' | 'receivedAt'>;
}

const still = fc.record({
  buffered: fc.constant(false),
  valid: fc.constant(true),
  speed_kmh: fc.constantFrom(0, 1, 2),
  ignition: fc.constant(false),
  moved: fc.constantFrom(null, false),
  dout: fc.constant(null),
  zone: fc.constant(null),
});
const anything = fc.record({
  buffered: fc.boolean(),
  valid: fc.boolean(),
  speed_kmh: fc.constantFrom(null, 0, 2, 2.1, 3, 50),
  ignition: fc.constantFrom(null, true, false),
  moved: fc.constantFrom(null, true, false),
  dout: fc.constant(null),
  zone: fc.constantFrom(null, 'bridge', 'unknown'),
});

/** A stretch of readings that come one after another, all alike, prompt or late. */
const stretch = (sighting: fc.Arbitrary<Told['sighting']>): fc.Arbitrary<Told> =>
  fc.record({
    every_s: fc.integer({ min: 1, max: 70 }),
    count: fc.integer({ min: 1, max: 30 }),
    from_s: fc.integer({ min: -300, max: RUN_S }),
    delay_s: fc.constantFrom(0, 0, 0, 1, 5, 29, 31, 120, -1, -3),
    sighting,
  });

const calm = fc.record({
  every_s: fc.integer({ min: 1, max: 60 }),
  count: fc.integer({ min: 30, max: 120 }),
  from_s: fc.integer({ min: -300, max: -80 }),
  delay_s: fc.constantFrom(0, 1, 5),
  sighting: still,
});

const script = fc.record({
  base: fc.array(calm, { maxLength: 2 }),
  trouble: fc.array(stretch(fc.oneof(anything, still)), { maxLength: 3 }),
  append_ms: fc.array(fc.constantFrom(0, 1, 5, 50, 700, 1_600, 6_000), {
    minLength: 1,
    maxLength: 8,
  }),
  answers: fc.array(fc.constantFrom('taken', 'again', 'ambiguous'), { minLength: 1, maxLength: 4 }),
  jump_s: fc.constantFrom(0, 0, 0, 40, -40, 4_000, -4_000),
  jump_at: fc.integer({ min: 1, max: 8 }),
});

const readingsOf = (told: readonly Told[]): Sighting[] =>
  told
    .flatMap(({ every_s, count, from_s, delay_s, sighting }) =>
      Array.from({ length: count }, (_, n) => {
        const at_ms = epochMs(began) + (from_s + n * every_s) * SECOND_MS;
        return {
          ...sighting,
          at: instantOf(at_ms),
          receivedAt: instantOf(at_ms + delay_s * SECOND_MS),
        };
      }),
    )
    .slice(0, 400);

/**
 * What is wrong with sending a block at a moment, in the plainest words there are, from all that had
 * arrived by then: written without looking at the judge.
 */
const wrongs = (readings: readonly Sighting[], sent_ms: number): string[] => {
  const arrived = readings.filter(({ receivedAt }) => epochMs(receivedAt) <= sent_ms);
  const live = arrived.filter(
    ({ at, receivedAt, buffered }) => !buffered && epochMs(receivedAt) - epochMs(at) <= 30_000,
  );
  const age = (at: string) => sent_ms - Date.parse(at);
  const still2 = ({ valid, speed_kmh, ignition, moved }: Sighting) =>
    valid && speed_kmh !== null && speed_kmh <= 2 && (ignition === false || moved === false);
  const newest_ms = Math.max(...live.map(({ at }) => epochMs(at)));
  const found: string[] = [];
  if (!live.some((each) => age(each.at) <= 30_000 && still2(each)))
    found.push('no fresh standing fix');
  if (!(sent_ms - newest_ms <= 30_000)) found.push('stale');
  const recent = arrived.filter(({ at }) => epochMs(at) >= newest_ms - 60_000);
  for (const { speed_kmh, ignition, moved, zone } of recent) {
    if (speed_kmh !== null && speed_kmh > 2) found.push('moved lately');
    if (ignition === true) found.push('engine ran lately');
    if (moved === true) found.push('shaken lately');
    if (zone === 'bridge') found.push('on a bridge');
  }
  if (
    !live.some(
      (each) =>
        still2(each) && newest_ms - epochMs(each.at) >= 0 && age(each.at) >= 60_000 - 30_000,
    )
  ) {
    found.push('not held');
  }
  return found;
};

describe('a block is never sent on moving or stale evidence', () => {
  it('whatever devices tell, late, early, buffered or not at all, and whatever stalls', async () => {
    let dispatched = 0;
    let held = 0;
    await fc.assert(
      fc.asyncProperty(script, async (played) => {
        const scene = await immobilizerScene();
        const readings = readingsOf([...played.base, ...played.trouble]);
        scene.readings.push(...readings);
        let appends = 0;
        const latency = (): number => played.append_ms[appends % played.append_ms.length] ?? 0;
        scene.hooks.afterAppend = async () => {
          appends += 1;
          scene.pass(latency());
          if (appends === played.jump_at) scene.clock.now_ms += played.jump_s * SECOND_MS;
        };
        const judged: string[][] = [];
        scene.relay.answer = (order, n) => {
          if (order.action === 'block') judged.push(wrongs(readings, scene.clock.now_ms));
          const answer = played.answers[n % played.answers.length];
          if (answer === 'again') {
            return { _tag: 'Left', left: { code: 'NotDelivered', reason: 'busy', again: true } };
          }
          return answer === 'taken'
            ? right(null)
            : { _tag: 'Left', left: { code: 'Ambiguous', reason: 'timeout' } };
        };
        const job = await scene.block();
        await scene.drive(job, RUN_S);
        dispatched += judged.length > 0 ? 1 : 0;
        held += judged.length === 0 ? 1 : 0;
        expect(judged.flat()).toEqual([]);
        expect(judged.length).toBeLessThanOrEqual(3);
        const types = await scene.types();
        expect(
          types.filter((type) => type === 'BlockDispatchStarted').length,
        ).toBeGreaterThanOrEqual(judged.length);
      }),
      { seed: 20_260_302, numRuns: 400 },
    );
    expect(dispatched).toBeGreaterThan(60);
    expect(held).toBeGreaterThan(60);
  }, 120_000);
});
