import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { ambiguous, immobilizerScene, notDelivered, outputAt, parked, standing } from './scene.ts';

const sinceInstalled = (types: readonly string[]): string[] =>
  types.slice(types.indexOf('ImmobilizerInstalled') + 1);

describe('a block', () => {
  it('of a parked vehicle is sent, executed and confirmed', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.trace = (_, action) =>
      scene.sent.length === 0
        ? outputAt(0, false)
        : outputAt(scene.clock.now_ms, action === 'block');
    const job = await scene.block();
    await scene.drive(job, 20);
    expect(scene.sent.map(({ action }) => action)).toEqual(['block']);
    expect(sinceInstalled(await scene.types())).toEqual([
      'BlockRequested',
      'BlockDispatchStarted',
      'BlockAnswered',
      'BlockConfirmed',
      'BlockEnded',
    ]);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'completed' });
    expect(await scene.engine()).toBe('blocked');
    const clocks = scene.observed.flatMap((each) => (each.type === 'clock' ? [each.clock] : []));
    expect(clocks).toEqual(['decision', 'accepted', 'confirmed']);
  });

  it('of a moving vehicle waits, says why, and is given up', async () => {
    const scene = await immobilizerScene();
    for (let at_s = -120; at_s <= 4_000; at_s += 10) {
      scene.readings.push(parked(at_s, { speed_kmh: 40, ignition: true }));
    }
    const job = await scene.block();
    await scene.drive(job, 4_000);
    expect(scene.sent).toEqual([]);
    const found = await scene.job(job);
    expect(found.ended).toMatchObject({ status: 'expired', code: 'moving' });
    expect(found).toMatchObject({
      doubts: ['moving', 'ignition_on', 'one_signal_only', 'not_held'],
    });
    expect(await scene.engine()).toBe('free');
  });

  it('of a moving vehicle that is not to wait is refused, with the reason', async () => {
    const scene = await immobilizerScene();
    for (let at_s = -120; at_s <= 100; at_s += 10) {
      scene.readings.push(parked(at_s, { speed_kmh: 40, ignition: true }));
    }
    const job = await scene.block('safety_lockdown', false);
    await scene.drive(job, 30);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'refused', code: 'moving' });
    expect(scene.sent).toEqual([]);
    expect(sinceInstalled(await scene.types())).toEqual([
      'BlockRequested',
      'BlockHeld',
      'BlockEnded',
    ]);
  });

  it('asks a silent device where it is, a bounded number of times, and believes its answers', async () => {
    const scene = await immobilizerScene();
    scene.readings.push(parked(-3_000));
    scene.relay.answer = (order) => {
      if (order.action === 'query_position' && scene.sent.length > 3) {
        scene.readings.push(parked((scene.clock.monotonic_ms + 1_000) / 1_000));
      }
      return right(null);
    };
    const job = await scene.block();
    await scene.drive(job, 200);
    const asks = scene.sent.filter(({ action }) => action === 'query_position').length;
    expect(asks).toBeGreaterThan(5);
    expect(asks).toBeLessThanOrEqual(12);
    expect(scene.sent.map(({ action }) => action)).toContain('block');
  });

  it('is tried again at 4 and 8 s when it was certainly not delivered, and then failed', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = () => notDelivered('concurrent_limit', true);
    const job = await scene.block();
    const begun_ms = scene.clock.now_ms;
    await scene.drive(job, 30);
    const turns = scene.sent.map(({ at_ms }) => Math.floor((at_ms - begun_ms) / 1_000));
    expect(turns).toEqual([0, 4, 8]);
    expect((await scene.job(job)).ended).toMatchObject({
      status: 'failed',
      code: 'concurrent_limit',
    });
    expect(await scene.engine()).toBe('free');
  });

  it('is not tried again when that cannot help', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = () => notDelivered('access_denied', false);
    const job = await scene.block();
    await scene.drive(job, 30);
    expect(scene.sent).toHaveLength(1);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'failed', code: 'access_denied' });
  });

  it('is never sent again after an answer that tells nothing, and ends unconfirmed', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = () => ambiguous;
    const job = await scene.block();
    await scene.drive(job, 700);
    expect(scene.sent).toHaveLength(1);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'unconfirmed' });
    expect(await scene.engine()).toBe('unknown');
  });

  it('is sent again after such an answer once the relay says that it gave up', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = (_, n) => (n === 1 ? ambiguous : right(null));
    scene.relay.trace = () =>
      scene.sent.length === 1
        ? { ...outputAt(0, false), record: { kind: 'not_executed', at: parked(3).at } }
        : outputAt(scene.clock.now_ms, true);
    const job = await scene.block();
    await scene.drive(job, 30);
    expect(scene.sent).toHaveLength(2);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'completed' });
  });

  it('that a lying relay took and never carried out is not called blocked', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    const job = await scene.block();
    await scene.drive(job, 15);
    expect((await scene.job(job)).ended).toMatchObject({
      status: 'unconfirmed',
      code: 'no_evidence',
    });
    expect(await scene.engine()).toBe('unknown');
  });

  it('that was executed and not shown says so, and is completed when the proof comes late', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    let shown = false;
    scene.relay.trace = (since) => ({
      ...outputAt(scene.clock.now_ms, shown),
      record: { kind: 'executed', at: since },
    });
    const job = await scene.block();
    await scene.drive(job, 15);
    expect((await scene.job(job)).ended).toMatchObject({
      status: 'unconfirmed',
      code: 'not_shown_by_the_device',
    });
    shown = true;
    await scene.drive(job, 15);
    expect((await scene.job(job)).ended).toMatchObject({
      status: 'completed',
      code: 'confirmed_late',
    });
    expect(await scene.engine()).toBe('blocked');
  });

  it('that the device refuses has failed, unless the device does it later', async () => {
    for (const defers_when_refused of [false, true]) {
      const scene = await immobilizerScene({ defers_when_refused });
      standing(scene);
      scene.relay.trace = (since) => ({
        ...outputAt(0, false),
        answer: { kind: 'refused_fix', at: since },
      });
      const job = await scene.block();
      await scene.drive(job, 30);
      const status = defers_when_refused ? 'unconfirmed' : 'failed';
      expect((await scene.job(job)).ended).toMatchObject({ status, code: 'device_refused_fix' });
      expect(await scene.engine()).toBe(defers_when_refused ? 'unknown' : 'free');
    }
  });

  it('is proven by our own telemetry as well', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    scene.relay.answer = () => {
      scene.readings.push(parked((scene.clock.monotonic_ms + 500) / 1_000, { dout: 1 }));
      return right(null);
    };
    const job = await scene.block();
    await scene.drive(job, 15);
    expect((await scene.job(job)).ended).toMatchObject({ status: 'completed' });
    const [confirmed] = (await scene.events()).filter(({ type }) => type === 'BlockConfirmed');
    expect(confirmed?.data['by']).toBe('telemetry_output');
  });

  it('that is held up between the last look and sending is not sent then', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    let slow = true;
    scene.hooks.afterAppend = async () => scene.pass(slow ? 1_600 : 5);
    scene.relay.trace = () => outputAt(scene.clock.now_ms, scene.sent.length > 0);
    const job = await scene.block();
    scene.hooks.beforeAppend = (types) => {
      if (types.includes('BlockAnswered')) slow = false;
    };
    await scene.drive(job, 40);
    const [first] = (await scene.events()).filter(({ type }) => type === 'BlockAnswered');
    expect(first?.data).toMatchObject({ outcome: 'not_sent', code: 'held_up' });
    expect(scene.sent).toHaveLength(1);
  });

  it('is not sent when the vehicle starts between writing it down and sending it', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    const job = await scene.block();
    scene.hooks.beforeAppend = (types) => {
      if (!types.includes('BlockDispatchStarted')) return;
      const now_s = scene.clock.monotonic_ms / 1_000;
      for (let n = 0; n < 20; n += 1) {
        const change = { speed_kmh: 20, ignition: true };
        scene.readings.push(parked(now_s + n * 5, change));
      }
    };
    await scene.drive(job, 60);
    expect(scene.sent.filter(({ action }) => action === 'block')).toEqual([]);
    expect((await scene.job(job)).ended).toBeNull();
    expect(await scene.job(job)).toMatchObject({ doubts: ['moving', 'ignition_on'] });
    expect(await scene.engine()).toBe('free');
  });

  it('is not sent by two who drive the same job', async () => {
    const scene = await immobilizerScene();
    standing(scene);
    const job = await scene.block();
    await Promise.all([scene.drive(job, 12), scene.drive(job, 12), scene.drive(job, 12)]);
    expect(scene.sent).toHaveLength(1);
  });
});

describe('a clock that jumps', () => {
  it.each([3_600_000, -3_600_000])(
    'by %d ms never has a block sent on old readings',
    async (jump) => {
      const scene = await immobilizerScene();
      standing(scene, 0);
      const job = await scene.block();
      scene.clock.now_ms += jump;
      await scene.drive(job, 100);
      expect(scene.sent.filter(({ action }) => action === 'block')).toEqual([]);
    },
  );
});
