import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { requestRelease } from '#commands/immobilization/requests.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { immobilizerScene, notDelivered, outputAt, type Scene, standing } from './scene.ts';

/** The process is gone; whatever it was about to do is not done. */
class Killed extends Error {}

type Place = 'before append' | 'after append' | 'before send' | 'after send';
const PLACES: readonly Place[] = ['before append', 'after append', 'before send', 'after send'];

interface Ending {
  readonly killed: boolean;
  readonly blocks: number;
  readonly status: string | undefined;
  readonly engine: string;
}

/** Has the process die the n-th time that it gets to a place, and come back with nothing but the log. */
const killAt = (scene: Scene, place: Place, n: number) => {
  let times = 0;
  let killed = false;
  const here = (at: Place): void => {
    if (at !== place || killed) return;
    times += 1;
    if (times < n) return;
    killed = true;
    throw new Killed();
  };
  scene.hooks.beforeAppend = () => here('before append');
  scene.hooks.afterAppend = async () => here('after append');
  return { here, wasKilled: () => killed };
};

/** Drives a job to its end through deaths, as the next process does. */
const throughDeath = async (scene: Scene, job: Parameters<Scene['drive']>[0], for_s: number) => {
  for (let lives = 0; lives < 3; lives += 1) {
    try {
      await scene.drive(job, for_s);
      return;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      scene.restart();
      scene.pass(10_000);
    }
  }
};

const blockThrough = async (
  place: Place,
  n: number,
  device: (scene: Scene, n: number) => ReturnType<Scene['relay']['answer']>,
): Promise<Ending> => {
  const scene = await immobilizerScene();
  standing(scene, 900);
  let blocked = false;
  let done = 0;
  const job = await scene.block();
  const { here, wasKilled } = killAt(scene, place, n);
  scene.relay.trace = () => outputAt(scene.clock.now_ms, blocked);
  scene.relay.answer = () => {
    here('before send');
    done += 1;
    const answer = device(scene, done);
    // The device carries out what the relay took, a second later, whoever hears of it.
    if (answer._tag === 'Right') blocked = true;
    here('after send');
    return answer;
  };
  await throughDeath(scene, job, 60);
  const types = await scene.types();
  const recorded = types.filter((type) => type === 'BlockDispatchStarted').length;
  expect(recorded).toBeGreaterThanOrEqual(done);
  return {
    killed: wasKilled(),
    blocks: done,
    status: (await scene.job(job)).ended?.status,
    engine: await scene.engine(),
  };
};

describe('a process killed at any step of a block', () => {
  for (const place of PLACES) {
    for (let n = 1; n <= 6; n += 1) {
      it(`${place}, time ${n}: the job ends in a true state, and is sent once at most`, async () => {
        const ending = await blockThrough(place, n, () => right(null));
        expect(ending.blocks).toBeLessThanOrEqual(1);
        // Sent is blocked here, so what was sent is completed; what was not is never told as blocked.
        if (ending.blocks === 1) {
          expect(ending).toMatchObject({ status: 'completed', engine: 'blocked' });
        } else expect(ending.status).toBe('unconfirmed');
      });

      it(`${place}, time ${n}: with a relay that refuses it is sent three times at most`, async () => {
        const ending = await blockThrough(place, n, () => notDelivered('busy', true));
        expect(ending.blocks).toBeLessThanOrEqual(3);
        expect(['failed', 'unconfirmed']).toContain(ending.status);
      });
    }
  }

  it('was met at every place', async () => {
    for (const place of PLACES) {
      expect((await blockThrough(place, 1, () => right(null))).killed).toBe(true);
    }
  });
});

describe('a process killed at any step of a release', () => {
  for (const place of PLACES) {
    for (let n = 1; n <= 5; n += 1) {
      it(`${place}, time ${n}: the engine is free in the end`, async () => {
        const scene = await immobilizerScene();
        let blocked = true;
        const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
        const { id: job } = rightOf(
          await requestRelease(scene.ledger())(requestOf('release'), wanted),
        );
        const { here } = killAt(scene, place, n);
        scene.relay.trace = () => outputAt(scene.clock.now_ms, blocked);
        let sends = 0;
        scene.relay.answer = () => {
          here('before send');
          sends += 1;
          if (sends === 3) blocked = false;
          here('after send');
          return right(null);
        };
        await throughDeath(scene, job, 120);
        expect(await scene.engine()).toBe('free');
        expect((await scene.job(job)).ended).toMatchObject({ status: 'completed' });
      });
    }
  }
});
