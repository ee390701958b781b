import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { JobQueue } from '#commands/immobilization/ports.ts';
import { requestRelease } from '#commands/immobilization/requests.ts';
import { runJobs } from '#commands/immobilization/runJobs.ts';
import type { JobId } from '#domain/kernel/ids.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { immobilizerScene, notDelivered, type Scene } from './scene.ts';

const RUN_S = 1_200;
/** Sixteen in the first minute, and then one a minute. */
const SENT_MIN = 25;
const SENT_MAX = 40;

/** A queue of one job, on the clock of a scene; it stops whoever drives the job in the end. */
const oneJob = (scene: Scene, job: JobId, stop: AbortController): JobQueue => {
  const end_ms = scene.clock.monotonic_ms + RUN_S * 1_000;
  let due_ms = 0;
  let isLeased = false;
  return {
    put: () => async () => right(null),
    claim: () => async () => {
      const now_ms = scene.clock.monotonic_ms;
      if (now_ms > end_ms) stop.abort();
      if (isLeased || now_ms < due_ms || stop.signal.aborted) return right([]);
      isLeased = true;
      return right([{ tenant: acme, job, version: 1, lease: 'lease' }]);
    },
    renew: () => async () => right(null),
    postpone: (_, in_s) => async () => {
      due_ms = scene.clock.monotonic_ms + in_s * 1_000;
      isLeased = false;
      return right(null);
    },
    remove: () => async () => right(null),
    size: () => async () => right(1),
  };
};

describe('a release that goes back into the queue between two sends', () => {
  it('is sent once a minute all the same', async () => {
    const scene = await immobilizerScene();
    scene.relay.answer = () => notDelivered('unreachable', true);
    const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
    const asked = await requestRelease(scene.ledger())(requestOf('release'), wanted);
    const stop = new AbortController();
    const queue = oneJob(scene, rightOf(asked).id, stop);
    const faults: unknown[] = [];
    const failed = (error: unknown) => faults.push(error);
    await runJobs({ ...scene.parts(), queue, failed }).run(stop.signal);
    expect(faults).toEqual([]);
    expect(scene.sent.length).toBeGreaterThan(SENT_MIN);
    expect(scene.sent.length).toBeLessThan(SENT_MAX);
  });
});
