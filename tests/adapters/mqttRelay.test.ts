import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { mqttRelay } from '#adapters/mqttRelay.ts';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import { DeviceOrder } from '#ingest/deviceLine.ts';
import { brokerLine } from '#ingest/listeners/brokerLine.ts';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { relayContract } from '#tests/contracts/relay.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { foreignLine, untilReached } from '#tests/support/foreignLine.ts';
import { listenerHarness, loopback } from '#tests/support/listenerHarness.ts';
import { manualClock } from '#tests/support/manualClock.ts';
import { mosquittoPath } from '#tests/support/mosquitto.ts';
import { mqttRelayHarness } from '#tests/support/mqttRelayHarness.ts';
import { acme } from '#tests/support/samples.ts';

const POLL_MS = 20;
const POLLS_MAX = 250;

relayContract({
  name: 'over our own MQTT broker',
  start: async () => {
    const { parts, device } = listenerHarness();
    const broker = await mqttBroker(parts, loopback);
    return mqttRelayHarness({
      line: broker.line,
      url: `mqtt://127.0.0.1:${broker.port}`,
      register: async (name) => {
        const issued = await device(name);
        return { tenant: acme, ...issued, token: deviceToken(issued) };
      },
      loseAnswer: null,
      mended: async () => {},
      close: broker.stop,
    });
  },
});

describe('the record of an order by MQTT', () => {
  it('is the answer to that very order, and no other', async () => {
    const clock = manualClock();
    const line = brokerLine();
    const relay = mqttRelay(line.line, clock);
    const owner = { tenant: acme, ident: DeviceIdent.parse('tracker-1') };
    const heard: string[] = [];
    const device = line.joined(owner, async (_topic, message) => {
      heard.push(DeviceOrder.parse(JSON.parse(String(message))).order);
      queueMicrotask(() => device.acknowledged());
      return true;
    });
    const to = { unit: 'acme/tracker-1', output: 1, blocksWhenOn: true };
    const since = instantOf(clock.now_ms());
    expect(isLeft(await relay.send({ to, action: 'block', queue_s: 3 })())).toBe(false);
    const kind = async () =>
      rightOf(await relay.trace({ to, action: 'block', since })()).record.kind;
    const answer = (order: string, result: string, at = instantOf(clock.now_ms())) =>
      line.answered(
        owner,
        Buffer.from(JSON.stringify({ order, result, at, action: 'block', dout: 1 })),
      );
    answer('somebody-elses', 'executed');
    line.answered(owner, Buffer.from('no answer'));
    expect(await kind()).toBe('waiting');
    clock.advance(3_000);
    expect(await kind()).toBe('none');
    answer(heard[0] ?? '', 'executed');
    expect(await kind()).toBe('executed');
    expect(heard).toHaveLength(1);
    await relay.close();
  });
});

describe.runIf(mosquittoPath !== null)('over Mosquitto', () => {
  for (const protocol of [4, 5] as const) {
    relayContract({
      name: `by MQTT ${protocol === 5 ? '5' : '3.1.1'}`,
      start: async () => mqttRelayHarness(await foreignLine(protocol)),
    });
  }

  it('says that nobody listens, and that the broker is away', async () => {
    const { line, broker, close } = await foreignLine(5);
    const relay = mqttRelay(line);
    const to = { unit: 'acme/nobody', output: 1, blocksWhenOn: true };
    const give = () => relay.send({ to, action: 'block', queue_s: 3 })();
    const offline = { left: { code: 'NotDelivered', reason: 'offline', again: true } };
    expect(await give()).toMatchObject(offline);
    await broker.end();
    const reasons = new Set<string>();
    for (let polls = 0; polls < POLLS_MAX && !reasons.has('broker away'); polls += 1) {
      const sent = await give();
      if (isLeft(sent)) reasons.add(sent.left.reason);
      await sleep(POLL_MS);
    }
    expect(reasons).toContain('broker away');
    await broker.start();
    await untilReached(line);
    expect(await give()).toMatchObject(offline);
    await relay.close();
    await close();
  });
});
