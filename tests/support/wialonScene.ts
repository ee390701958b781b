import type { Relay, RelayAction } from '#commands/relay.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { until } from './listenerHarness.ts';
import { wialonHarness } from './wialonHarness.ts';

type Harness = Awaited<ReturnType<typeof wialonHarness>>;

/** What a test opens; to be closed after it. */
export const openThings = () => {
  const open: { close: () => Promise<void> }[] = [];
  return {
    keep: <Thing extends { close: () => Promise<void> }>(thing: Thing): Thing => {
      open.push(thing);
      return thing;
    },
    closeAll: async (): Promise<void> => {
      for (const each of open.splice(0).toReversed()) await each.close();
    },
  };
};

/** A harness, an adapter and a device of the test's own. */
export const wialonScene =
  (keep: ReturnType<typeof openThings>['keep']) =>
  async (changed: Parameters<typeof wialonHarness>[0] = {}) => {
    const harness = keep(await wialonHarness(changed));
    const relay = keep(await harness.open());
    const device = await harness.device('obeys');
    const unit = Number(device.to.unit);
    const give = (action: RelayAction = 'block', by: Relay = relay) =>
      by.send({ to: device.to, action, queue_s: 3 })();
    const trace = async (since = harness.now()) =>
      rightOf(await relay.trace({ to: device.to, action: 'block', since })());
    return { harness, relay, device, unit, give, trace };
  };

/** Lets time go on while an answer is waited for. */
export const waitedFor = async <Answer>(
  harness: Harness,
  answer: Promise<Answer>,
): Promise<Answer> => {
  let isDone = false;
  const done = answer.finally(() => {
    isDone = true;
  });
  await until(() => {
    if (!isDone) harness.advance(50);
    return isDone;
  });
  return done;
};

/** Has the watch ask once and remember. */
export const polled = async (harness: Harness): Promise<void> => {
  const asked = (): number => harness.simulator.counts.get('avl_evts') ?? 0;
  const before = asked();
  await until(() => {
    harness.advance(200);
    return asked() > before + 1;
  });
};
