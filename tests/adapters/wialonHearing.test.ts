import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, it } from 'vitest';
import { wialonRelay } from '#adapters/wialonRelay.ts';
import { SIMULATED_TOKEN } from '#simulators/wialon/wialonSimulator.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { until } from '#tests/support/listenerHarness.ts';
import { wialonHarness } from '#tests/support/wialonHarness.ts';
import { openThings, polled, waitedFor, wialonScene } from '#tests/support/wialonScene.ts';

const { keep, closeAll } = openThings();
const scene = wialonScene(keep);
afterEach(closeAll);

describe('what is heard of an order', () => {
  it('says not executed only when the time in the queue is over', async () => {
    const { harness, relay } = await scene();
    const away = await harness.device('offline');
    const since = harness.now();
    const asked = { to: away.to, action: 'block', since } as const;
    expect(isRight(await relay.send({ ...asked, queue_s: 3 })())).toBe(true);
    const kind = async () => rightOf(await relay.trace(asked)()).record.kind;
    expect(await kind()).toBe('waiting');
    harness.advance(2_900);
    await polled(harness);
    harness.advance(3_000);
    await polled(harness);
    expect(await kind()).toBe('not_executed');
  });

  it('does without a record that is lost, and waits for one that is late', async () => {
    const { harness, unit, device, give, trace } = await scene();
    const since = harness.now();
    harness.simulator.faults.add({ kind: 'ucr_lost', unit });
    expect(isRight(await give())).toBe(true);
    await until(() => {
      harness.advance(100);
      return device.isBlocked();
    });
    await polled(harness);
    expect(await trace(since)).toMatchObject({
      record: { kind: 'none' },
      answer: { kind: 'done' },
      output: { blocked: true },
    });
    const again = harness.now();
    harness.simulator.faults.add({ kind: 'ucr_late', unit });
    expect(isRight(await give())).toBe(true);
    harness.advance(4_000);
    await polled(harness);
    expect((await trace(again)).record.kind).toBe('none');
    harness.advance(6_000);
    await polled(harness);
    expect((await trace(again)).record.kind).toBe('executed');
  });

  it('hears of what happened although the session was lost meanwhile', async () => {
    const { harness, device, give, trace } = await scene();
    const since = harness.now();
    await trace(since);
    expect(isRight(await give())).toBe(true);
    harness.simulator.faults.add({ kind: 'session_expired', service: 'avl_evts' });
    harness.advance(5_000);
    await polled(harness);
    expect(device.isBlocked()).toBe(true);
    expect(await trace(since)).toMatchObject({
      record: { kind: 'executed' },
      output: { blocked: true },
    });
  });

  it('does not take what it heard a while ago for the present', async () => {
    const { harness, give, trace } = await scene();
    const since = harness.now();
    await trace(since);
    await polled(harness);
    expect(isRight(await give())).toBe(true);
    // As after a pause of the process: nothing was asked meanwhile.
    harness.advance(5_000);
    expect((await trace(since)).record.kind).toBe('executed');
  });

  it('does not take silence for news where it could not subscribe again', async () => {
    const { harness, give, trace } = await scene();
    const since = harness.now();
    await trace(since);
    expect(isRight(await give())).toBe(true);
    const { faults } = harness.simulator;
    faults.add({ kind: 'error', code: 6, service: 'core/update_data_flags', times: 1_000 });
    faults.add({ kind: 'session_expired', service: 'avl_evts' });
    harness.advance(5_000);
    await polled(harness);
    expect((await trace(since)).record.kind).toBe('executed');
  });

  it('hears of what an answer that was lost had told', async () => {
    const { harness, give, trace } = await scene();
    const since = harness.now();
    await trace(since);
    expect(isRight(await give())).toBe(true);
    harness.simulator.faults.add({ kind: 'reset_after', service: 'avl_evts' });
    harness.advance(5_000);
    await polled(harness);
    expect((await trace(since)).record.kind).toBe('executed');
    expect(harness.simulator.counts.get('messages/load_last')).toBeGreaterThan(0);
  });

  it('asks again where Wialon does only one thing at a time, and says when it cannot be told', async () => {
    const { harness, relay, device } = await scene();
    const asked = { to: device.to, action: 'block', since: harness.now() } as const;
    const load = { service: 'messages/load_last', kind: 'error', code: 1003 } as const;
    harness.advance(5_000);
    harness.simulator.faults.add({ ...load, times: 2 });
    expect(isRight(await waitedFor(harness, relay.trace(asked)()))).toBe(true);
    const other = keep(await harness.open());
    harness.simulator.faults.add({ ...load, times: 100 });
    expect(await waitedFor(harness, other.trace(asked)())).toMatchObject({
      left: { code: 'Unavailable' },
    });
  });

  it('follows a unit that sleeps and is woken by the question for its position', async () => {
    const { harness, unit, relay, device, trace } = await scene();
    harness.simulator.units.get(unit)?.change({ connection: 'sleeping' });
    const since = harness.now();
    expect((await trace(since)).connected).toBe(false);
    const ask = { to: device.to, action: 'query_position', queue_s: 3 } as const;
    expect(isRight(await relay.send(ask)())).toBe(true);
    harness.advance(7_000);
    await polled(harness);
    const woken = await trace(since);
    expect(woken.connected).toBe(true);
    expect(woken.output?.blocked).toBe(false);
  });
});

describe('the limits of Wialon', () => {
  it('are kept under 1,000 orders at once', async () => {
    const harness = keep(await wialonHarness({ service_ms: 4 }));
    const relay = keep(wialonRelay({ url: harness.simulator.url, token: SIMULATED_TOKEN }));
    const devices = await Promise.all(Array.from({ length: 1_000 }, () => harness.device('obeys')));
    const sent = await Promise.all(
      devices.map(({ to }) => relay.send({ to, action: 'block', queue_s: 3 })()),
    );
    const refused = sent.filter(isLeft).map(({ left }) => left);
    // What found no place in time was not sent at all.
    for (const each of refused) expect(each).toMatchObject({ code: 'NotDelivered', again: true });
    expect(refused.length).toBeLessThan(900);
    harness.advance(10_000);
    const given = devices.reduce((sum, device) => sum + device.given('block'), 0);
    expect(given).toBe(1_000 - refused.length);
    expect(harness.simulator.violations).toEqual({ running: 0, polls: 0, heavy: 0, logins: 0 });
  });

  it('are kept by a watch that asks as often as it may', async () => {
    const { harness } = await scene();
    const asked = (): number => harness.simulator.counts.get('avl_evts') ?? 0;
    await until(() => {
      harness.advance(100);
      return asked() > 60;
    });
    expect(harness.simulator.violations.polls).toBe(0);
  });

  it('are kept where every session expired while nobody ordered anything', async () => {
    const { harness, device, give } = await scene({ sessionLife_ms: 300_000 });
    expect(isRight(await give('query_position'))).toBe(true);
    const logins = harness.simulator.counts.get('token/login');
    for (let quarter = 0; quarter < 40; quarter += 1) {
      harness.advance(15_000);
      await polled(harness);
    }
    expect(isRight(await give())).toBe(true);
    harness.advance(10_000);
    expect(device.given('block')).toBe(1);
    expect(logins).toBeGreaterThan(0);
    expect(harness.simulator.violations.logins).toBe(0);
  });
});
