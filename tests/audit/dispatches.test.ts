import { isLeft, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { requestRelease } from '#commands/immobilization/requests.ts';
import type { EventStore, RecordedEvent } from '#commands/ports.ts';
import { heldEvent } from '#commands/readHistory.ts';
import { blockedAt } from '#domain/access/blocked.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { auditLog } from '#main/auditLog.ts';
import {
  ambiguous,
  immobilizerScene,
  notDelivered,
  outputAt,
  type Scene,
  standing,
} from '#tests/commands/immobilization/scene.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

const audited = (store: EventStore) =>
  auditLog(store, { tenant: acme, json: false, say: () => {} });

/** A log in which somebody has changed the texts of some events. */
const falsified = (store: EventStore, change: (text: string) => string): EventStore => {
  const changed = (records: readonly RecordedEvent[]) =>
    records.map((record) =>
      record.type === 'BlockDispatchStarted' ? { ...record, text: change(record.text) } : record,
    );
  return {
    ...store,
    readAll: (asked) => async () => {
      const page = await store.readAll(asked)();
      return isLeft(page) ? page : right(changed(page.right));
    },
    readStream: (asked) => async () => {
      const page = await store.readStream(asked)();
      return isLeft(page) ? page : right(changed(page.right));
    },
  };
};

const blocked = async (): Promise<Scene> => {
  const scene = await immobilizerScene();
  standing(scene);
  scene.relay.trace = () => outputAt(scene.clock.now_ms, scene.sent.length > 0);
  await scene.drive(await scene.block(), 20);
  return scene;
};

describe('the decision to send a block', () => {
  it('comes out the same when it is taken again', async () => {
    const { store } = await blocked();
    expect(await audited(store)).toEqual({ taken: 1, different: 0 });
  });

  it.each([
    ['the vehicle moved', (text: string) => text.replaceAll('"speed_kmh":0', '"speed_kmh":30')],
    [
      'the ignition was on',
      (text: string) => text.replaceAll('"ignition":false', '"ignition":true'),
    ],
    [
      'readings are missing',
      (text: string) => text.replace(/"sightings":\[[^\]]*\]/, '"sightings":[]'),
    ],
    ['it was another attempt', (text: string) => text.replace('"attempt":1', '"attempt":2')],
    [
      'it was laxer rules than were asked by',
      (text: string) => text.replace('"still_hold_s":60', '"still_hold_s":10'),
    ],
  ])('comes out differently where %s', async (_, change) => {
    const { store } = await blocked();
    expect(await audited(falsified(store, change))).toEqual({ taken: 1, different: 1 });
  });
});

describe('whether a vehicle is blocked, by its stream', () => {
  const told = async (scene: Scene): Promise<string> => {
    const asked = { stream: vehicleStream(acme, scene.vehicle), from: 0n, limit: 5_000 };
    const history = rightOf(await scene.store.readStream(asked)()).map(heldEvent);
    return blockedAt(history, instantOf(scene.clock.now_ms)).state;
  };
  const released = async (scene: Scene): Promise<void> => {
    const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
    const job = rightOf(await requestRelease(scene.ledger())(requestOf('release'), wanted)).id;
    scene.relay.trace = () => outputAt(scene.clock.now_ms, false);
    await scene.drive(job, 60);
  };

  it('is what the vehicle itself says', async () => {
    const scene = await blocked();
    expect([await told(scene), await scene.engine()]).toEqual(['blocked', 'blocked']);
    await released(scene);
    expect([await told(scene), await scene.engine()]).toEqual(['not_blocked', 'free']);
  });

  it.each([
    ['failed', notDelivered('access_denied', false), 'not_blocked', 'free'],
    ['unconfirmed', ambiguous, 'blocked', 'unknown'],
  ] as const)('after a block that %s', async (_, answer, state, engine) => {
    const scene = await immobilizerScene();
    standing(scene);
    expect(await told(scene)).toBe('not_blocked');
    scene.relay.answer = () => answer;
    await scene.drive(await scene.block(), 20);
    expect([await told(scene), await scene.engine()]).toEqual([state, engine]);
  });

  it('after one that nobody knows of, and another that failed', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = (_, n) => (n === 1 ? ambiguous : notDelivered('access_denied', false));
    await scene.drive(await scene.block(), 20);
    await scene.drive(await scene.block(), 20);
    expect([await told(scene), await scene.engine()]).toEqual(['blocked', 'unknown']);
  });
});
