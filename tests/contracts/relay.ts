import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Relay, RelayAction, RelayTrace, RelayUnit } from '#commands/relay.ts';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { rightOf } from './vaultHarness.ts';

/**
 * How a device behaves. `deaf`: it gets what it is told and does nothing. `lies`: it says that it has done it
 * and has not. `late`: what it is told reaches it only `LATE_MS` later. `ahead`: its clock is, by `AHEAD_MS`.
 */
export type Manner =
  | 'obeys'
  | 'refuses_fix'
  | 'refuses_speed'
  | 'offline'
  | 'deaf'
  | 'lies'
  | 'mumbles'
  | 'late'
  | 'ahead';

/** A device behind the relay. `given`: how many orders of that action were given to it, or wait to be. */
export interface RelayDevice {
  readonly to: RelayUnit;
  readonly given: (action: RelayAction) => number;
  readonly isBlocked: () => boolean;
}

/** An adapter with a relay and devices behind it, and the ways in which they go wrong. */
export interface RelayHarness {
  /** One more adapter to the same relay, as after a restart. */
  readonly open: () => Promise<Relay>;
  readonly device: (manner: Manner) => Promise<RelayDevice>;
  readonly now: () => Instant;
  readonly advance: (by_ms: number) => void;
  /** The next order to the device is taken, and the answer to it is lost. */
  readonly loseAnswer: (device: RelayDevice) => void;
  /** Somebody else gives the device an order by the same relay. */
  readonly byAnother: (device: RelayDevice, action: RelayAction) => Promise<void>;
  readonly close: () => Promise<void>;
}

const QUEUE_S = 3;
export const LATE_MS = 6_000;
export const AHEAD_MS = 60_000;
const STEP_MS = 250;
const STEPS_MAX = 200;
const STEP_REAL_MS = 5;

/** What every adapter must do. Every test has devices of its own. */
export const relayContract = (subject: {
  readonly name: string;
  readonly start: () => Promise<RelayHarness>;
}): void => {
  describe(`relay ${subject.name}`, () => {
    let started: RelayHarness | undefined;
    let relay: Relay | undefined;
    const harness = (): RelayHarness => {
      if (!started) throw new Error('the harness has not been started');
      return started;
    };
    const relayOf = (): Relay => {
      if (!relay) throw new Error('the relay has not been opened');
      return relay;
    };
    beforeAll(async () => {
      started = await subject.start();
      relay = await started.open();
    });
    afterAll(async () => {
      await relay?.close();
      await started?.close();
    });

    const goOn = async (by_ms: number): Promise<void> => {
      for (let gone_ms = 0; gone_ms < by_ms; gone_ms += STEP_MS) {
        harness().advance(STEP_MS);
        await sleep(STEP_REAL_MS);
      }
    };
    const give = (device: RelayDevice, action: RelayAction, by = relayOf()) =>
      by.send({ to: device.to, action, queue_s: QUEUE_S })();
    const ask = async (
      device: RelayDevice,
      action: RelayAction,
      since: Instant,
      by = relayOf(),
    ): Promise<RelayTrace> => rightOf(await by.trace({ to: device.to, action, since })());
    /** What the trace says once it is so; fails if it never is. */
    const comesTo = async (
      look: () => Promise<RelayTrace>,
      isSo: (trace: RelayTrace) => boolean,
    ): Promise<RelayTrace> => {
      for (let steps = 0; steps < STEPS_MAX; steps += 1) {
        const trace = await look();
        if (isSo(trace)) return trace;
        await goOn(STEP_MS);
      }
      throw new Error(`it never came to that: ${JSON.stringify(await look())}`);
    };
    const begin = async (manner: Manner, action: RelayAction = 'block') => {
      const device = await harness().device(manner);
      // What it told when it came into being is from before the order.
      await goOn(STEP_MS);
      const since = harness().now();
      const sent = await give(device, action);
      return { device, since, sent, look: () => ask(device, action, since) };
    };

    it('takes an order that the device carries out, and tells so step by step', async () => {
      const { device, since, sent, look } = await begin('obeys');
      expect(isRight(sent)).toBe(true);
      const done = await comesTo(look, ({ output }) => output?.blocked === true);
      expect(done.record.kind).toBe('executed');
      expect(done.answer?.kind).toBe('done');
      expect(done.connected).not.toBe(false);
      for (const at of [done.answer?.at, done.output?.at]) expect(at && at >= since).toBe(true);
      expect([device.isBlocked(), device.given('block')]).toEqual([true, 1]);
    });

    it('releases what was blocked, and does not take the one for the other', async () => {
      const { device, look } = await begin('obeys');
      await comesTo(look, ({ output }) => output?.blocked === true);
      await goOn(1_000);
      const since = harness().now();
      const before = await ask(device, 'release', since);
      expect([before.record.kind, before.answer, before.output]).toEqual(['none', null, null]);
      expect(isRight(await give(device, 'release'))).toBe(true);
      const done = await comesTo(
        () => ask(device, 'release', since),
        ({ output }) => output?.blocked === false,
      );
      expect([done.record.kind, done.answer?.kind]).toEqual(['executed', 'done']);
      expect([device.isBlocked(), device.given('release')]).toEqual([false, 1]);
    });

    it.each([
      ['refuses_fix', 'refused_fix'],
      ['refuses_speed', 'refused_speed'],
    ] as const)('tells that a device %s', async (manner, kind) => {
      const { device, look } = await begin(manner);
      const refused = await comesTo(look, ({ answer }) => answer !== null);
      expect(refused.answer?.kind).toBe(kind);
      expect(refused.output?.blocked).not.toBe(true);
      expect([device.isBlocked(), device.given('block')]).toEqual([false, 1]);
    });

    it('never says that a device which is away has done it', async () => {
      const { device, sent, look } = await begin('offline');
      if (isLeft(sent)) expect(sent.left).toMatchObject({ code: 'NotDelivered', again: true });
      else await comesTo(look, ({ record }) => record.kind !== 'waiting');
      await goOn(LATE_MS);
      const last = await look();
      expect([last.answer, last.output?.blocked ?? false]).toEqual([null, false]);
      expect(last.record.kind).not.toBe('executed');
      expect(last.connected).not.toBe(true);
      expect(device.isBlocked()).toBe(false);
    });

    it('does not take silence for a deed', async () => {
      const { device, sent, look } = await begin('deaf');
      expect(isRight(sent)).toBe(true);
      await goOn(15_000);
      const last = await look();
      expect([last.answer, last.output?.blocked ?? false]).toEqual([null, false]);
      expect([device.isBlocked(), device.given('block')]).toEqual([false, 1]);
    });

    it('shows what the output says of a device that lies', async () => {
      const { device, look } = await begin('lies');
      const told = await comesTo(look, ({ answer }) => answer?.kind === 'done');
      expect(told.output?.blocked ?? false).toBe(false);
      await goOn(15_000);
      expect((await look()).output?.blocked ?? false).toBe(false);
      expect(device.isBlocked()).toBe(false);
    });

    it('calls words that it does not know by that name', async () => {
      const { device, look } = await begin('mumbles');
      const told = await comesTo(look, ({ answer }) => answer !== null);
      expect(told.answer?.kind).toBe('unrecognised');
      expect(device.given('block')).toBe(1);
    });

    it('does not know what became of an order whose answer was lost, and never repeats it', async () => {
      const device = await harness().device('obeys');
      const since = harness().now();
      harness().loseAnswer(device);
      expect(await give(device, 'block')).toMatchObject({ left: { code: 'Ambiguous' } });
      const done = await comesTo(
        () => ask(device, 'block', since),
        ({ output }) => output?.blocked === true,
      );
      expect(done.output?.blocked).toBe(true);
      await goOn(LATE_MS);
      expect(device.given('block')).toBe(1);
    });

    it('has no order carried out after its time', async () => {
      const { device, sent, look } = await begin('late');
      expect(isRight(sent)).toBe(true);
      await goOn(LATE_MS + 10_000);
      const last = await look();
      expect([last.answer, last.output?.blocked ?? false]).toEqual([null, false]);
      expect(device.isBlocked()).toBe(false);
    });

    it('believes nothing that is dated after now', async () => {
      const { device, sent } = await begin('ahead');
      expect(isRight(sent)).toBe(true);
      await goOn(4_000);
      expect(device.isBlocked()).toBe(true);
      const since = harness().now();
      expect((await ask(device, 'release', since)).output).toBeNull();
    });

    it('asks for the position without touching the output', async () => {
      const { device, sent, look } = await begin('obeys', 'query_position');
      expect(isRight(sent)).toBe(true);
      const told = await comesTo(look, ({ output }) => output !== null);
      expect(told.output?.blocked).toBe(false);
      expect([device.given('query_position'), device.given('block')]).toEqual([1, 0]);
    });

    it('keeps devices apart', async () => {
      const one = await harness().device('obeys');
      const other = await harness().device('obeys');
      const since = harness().now();
      await ask(other, 'block', since);
      expect(isRight(await give(one, 'block'))).toBe(true);
      await comesTo(
        () => ask(one, 'block', since),
        ({ output }) => output?.blocked === true,
      );
      const quiet = await ask(other, 'block', since);
      expect([quiet.record.kind, quiet.answer, quiet.output?.blocked ?? false]).toEqual([
        ...['none', null, false],
      ]);
    });

    it('does not take for ours what somebody else ordered', async () => {
      const device = await harness().device('obeys');
      const since = harness().now();
      await ask(device, 'block', since);
      await harness().byAnother(device, 'block');
      const seen = await comesTo(
        () => ask(device, 'block', since),
        ({ output }) => output?.blocked === true,
      );
      expect(seen.record.kind).toBe('none');
      expect(device.isBlocked()).toBe(true);
    });

    it('tells of an order whose sender was started anew', async () => {
      const first = await harness().open();
      const device = await harness().device('obeys');
      const since = harness().now();
      expect(isRight(await give(device, 'block', first))).toBe(true);
      await first.close();
      const second = await harness().open();
      const done = await comesTo(
        () => ask(device, 'block', since, second),
        ({ output }) => output?.blocked === true,
      );
      expect(epochMs(done.output?.at ?? since)).toBeGreaterThanOrEqual(epochMs(since));
      expect(device.given('block')).toBe(1);
      await second.close();
    });
  });
};
