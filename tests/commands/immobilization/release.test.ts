import { describe, expect, it } from 'vitest';
import { requestRelease } from '#commands/immobilization/requests.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { immobilizerScene, notDelivered, outputAt, type Scene, standing } from './scene.ts';

describe('a release', () => {
  const release = async (scene: Scene) => {
    const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
    return rightOf(await requestRelease(scene.ledger())(requestOf('release'), wanted)).id;
  };

  it('needs no reading at all, and is sent until the output shows it', async () => {
    const scene = await immobilizerScene();
    const begun_ms = scene.clock.now_ms;
    scene.relay.trace = () => outputAt(scene.clock.now_ms, scene.clock.now_ms < begun_ms + 20_000);
    const job = await release(scene);
    await scene.drive(job, 60);
    const turns = scene.sent.map(({ at_ms }) => Math.round((at_ms - begun_ms) / 1_000));
    expect(turns).toEqual([0, 4, 8, 12, 16, 20]);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'completed' });
    expect(await scene.engine()).toBe('free');
  });

  it('goes on every minute, for hours, through a dead relay', async () => {
    const scene = await immobilizerScene();
    scene.relay.answer = () => notDelivered('unreachable', true);
    const job = await release(scene);
    await scene.drive(job, 7_200);
    expect(scene.sent.length).toBeGreaterThan(100);
    expect(scene.sent.length).toBeLessThan(160);
    expect((await scene.job(job)).ended).toBeNull();
    const types = await scene.types();
    expect(types.filter((type) => type === 'ReleaseDispatchStarted').length).toBeLessThan(8);
    expect(types.filter((type) => type === 'ReleaseAnswered')).toHaveLength(1);
  });

  it('cancels a block that waits', async () => {
    const scene = await immobilizerScene();
    const waiting = await scene.block();
    await scene.drive(waiting, 10);
    const job = await release(scene);
    expect((await scene.job(waiting)).ended).toMatchObject({
      status: 'cancelled',
      code: 'superseded_by_release',
    });
    standing(scene);
    await scene.drive(waiting, 100);
    expect(scene.sent.filter(({ action }) => action === 'block')).toEqual([]);
    expect((await scene.job(job)).ended).toBeNull();
  });

  it('that comes while a block is about to be sent keeps it from being sent', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    const job = await scene.block();
    const other = scene.another();
    scene.hooks.afterAppend = async (types) => {
      if (!types.includes('BlockDispatchStarted')) return;
      const wanted = { vehicle: scene.vehicle, method: null, reason: 'mistake' } as const;
      rightOf(await requestRelease(other)(requestOf('elsewhere'), wanted));
    };
    await scene.drive(job, 12);
    expect(scene.sent).toEqual([]);
    expect(await scene.types()).toContain('ReleaseRequested');
  });

  it('is not proven by an output that a late block may still change', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    const block = await scene.block();
    await scene.drive(block, 0.1);
    expect(scene.sent).toHaveLength(1);
    scene.relay.trace = () => outputAt(scene.clock.now_ms, false);
    const sentAt_ms = scene.sent[0]?.at_ms ?? 0;
    const job = await release(scene);
    await scene.drive(job, 60);
    const done = (await scene.events()).find(({ type }) => type === 'ReleaseConfirmed');
    expect(Date.parse(done?.occurredAt ?? '')).toBeGreaterThanOrEqual(sentAt_ms + 4_000);
    expect((await scene.job(block)).ended).toMatchObject({ status: 'unconfirmed' });
  });
});
