import { isRight } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '#simulators/wialon/faults.ts';
import { SIMULATED_TOKEN } from '#simulators/wialon/wialonSimulator.ts';
import { relayContract } from '#tests/contracts/relay.ts';
import { wialonHarness } from '#tests/support/wialonHarness.ts';
import { openThings, waitedFor, wialonScene } from '#tests/support/wialonScene.ts';

relayContract({ name: 'over Wialon', start: wialonHarness });

const { keep, closeAll } = openThings();
const scene = wialonScene(keep);
afterEach(closeAll);

const send = { service: 'unit/send_cmd' };

describe('what Wialon answers to an order', () => {
  it.each([
    [4, false],
    [5, false],
    [7, false],
    [8, false],
    [9, false],
    [10, true],
    [1003, true],
  ])('error %i means not delivered', async (code, again) => {
    const { harness, device, give } = await scene();
    harness.simulator.faults.add({ ...send, kind: 'error', code });
    expect(await give()).toMatchObject({ left: { code: 'NotDelivered', again } });
    expect(device.given('block')).toBe(0);
    expect(harness.simulator.counts.get('unit/send_cmd')).toBe(1);
    const alarms = harness.sightings.filter(({ alarm }) => alarm);
    expect(alarms).toHaveLength(code === 8 || code === 9 ? 1 : 0);
  });

  it.each([3, 6, 11, 14, 1001, 1005, 2015])('error %i leaves it open', async (code) => {
    const { harness, give } = await scene();
    harness.simulator.faults.add({ ...send, kind: 'error', code });
    expect(await give()).toMatchObject({ left: { code: 'Ambiguous', reason: `error ${code}` } });
    expect(harness.simulator.counts.get('unit/send_cmd')).toBe(1);
  });

  it.each([
    ['reset_before', 0],
    ['reset_after', 1],
    ['http_500', 0],
    ['http_502_after', 1],
    ['answer_unreadable', 1],
    ['answer_late', 1],
  ] as const satisfies readonly (readonly [Fault['kind'], number])[])(
    'a fault of the line (%s) leaves it open, and it is not sent again',
    async (kind, given) => {
      const { harness, device, give } = await scene();
      harness.simulator.faults.add({ ...send, kind });
      expect(await give()).toMatchObject({ left: { code: 'Ambiguous' } });
      expect(harness.simulator.counts.get('unit/send_cmd')).toBe(1);
      harness.advance(10_000);
      expect(device.given('block')).toBe(given);
    },
  );

  it('takes a connection that was used before and is cut for one that may have carried it', async () => {
    const { harness, device, give } = await scene();
    expect(isRight(await give('query_position'))).toBe(true);
    harness.simulator.faults.add({ ...send, kind: 'reset_before' });
    expect(await give()).toMatchObject({ left: { code: 'Ambiguous' } });
    expect(device.given('block')).toBe(0);
  });

  it.each([1, 1011])('error %i has it log in once more and send once more', async (code) => {
    const { harness, device, give } = await scene();
    harness.simulator.faults.add({ ...send, kind: 'error', code });
    expect(isRight(await waitedFor(harness, give()))).toBe(true);
    expect(harness.simulator.counts.get('unit/send_cmd')).toBe(2);
    harness.advance(10_000);
    expect(device.given('block')).toBe(1);
    harness.simulator.faults.add({ ...send, kind: 'error', code, times: 2 });
    expect(await waitedFor(harness, give())).toMatchObject({
      left: { code: 'NotDelivered', again: true },
    });
    expect(harness.simulator.counts.get('unit/send_cmd')).toBe(4);
  });

  it('is certain that nothing was sent where nobody listens', async () => {
    const { harness, device, give } = await scene();
    await harness.simulator.down();
    expect(await give()).toMatchObject({ left: { code: 'NotDelivered', again: true } });
    await harness.simulator.up();
    expect(isRight(await give())).toBe(true);
    harness.advance(10_000);
    expect(device.given('block')).toBe(1);
  });

  it('does not tell of a token that begins to be good later, and asks no more for a while', async () => {
    const later = { token: SIMULATED_TOKEN, user: 1, activeFrom_ms: Number.MAX_SAFE_INTEGER };
    const { harness, give } = await scene({ tokens: [later] });
    for (const _ of [1, 2, 3]) {
      expect(await give()).toMatchObject({
        left: { code: 'NotDelivered', reason: 'login error 8', again: false },
      });
    }
    expect(harness.simulator.counts.get('unit/send_cmd')).toBeUndefined();
    // One of the session of the order, one of each that the orders went on to, one of the watch.
    expect(harness.simulator.counts.get('token/login')).toBeLessThanOrEqual(5);
  });

  it('refuses what it cannot bound or name', async () => {
    const { device, relay } = await scene();
    const order = { to: device.to, action: 'block', queue_s: 0.5 } as const;
    const refused = { left: { code: 'NotDelivered', again: false } };
    expect(await relay.send(order)()).toMatchObject(refused);
    const unnamed = { ...device.to, unit: '17 or so' };
    expect(await relay.send({ ...order, to: unnamed, queue_s: 3 })()).toMatchObject(refused);
    expect(device.given('block')).toBe(0);
  });
});

describe('a Wialon without unit/send_cmd', () => {
  it('is given orders by the name that somebody gave them', async () => {
    const { harness, device, give } = await scene({ hasSendCmd: false });
    expect(isRight(await give())).toBe(true);
    expect(isRight(await give('release'))).toBe(true);
    harness.advance(10_000);
    expect([device.given('block'), device.given('release')]).toEqual([1, 1]);
    // It is asked only once whether the service is there.
    expect(harness.simulator.counts.get('unit/send_cmd')).toBe(1);
  });

  it('cannot be given what nobody defined', async () => {
    const { harness, device, unit, give } = await scene({ hasSendCmd: false });
    harness.simulator.units.get(unit)?.change({ commands: [] });
    expect(await give()).toMatchObject({
      left: { code: 'NotDelivered', reason: 'no command block_engine', again: false },
    });
    expect(device.given('block')).toBe(0);
  });
});
