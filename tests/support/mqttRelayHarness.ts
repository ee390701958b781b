import { randomUUID } from 'node:crypto';
import { connectAsync } from 'mqtt';
import { mqttRelay } from '#adapters/mqttRelay.ts';
import type { RelayAction } from '#commands/relay.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { DeviceLine } from '#ingest/deviceLine.ts';
import { answerTopicOf, commandTopicOf, ownerOfUnit } from '#ingest/listeners/commandTopic.ts';
import { idleActuator, isOn, obey, orderIn } from '#ingest/simulator/actuator.ts';
import type { DeviceLogin } from '#ingest/simulator/uplink.ts';
import {
  AHEAD_MS,
  LATE_MS,
  type Manner,
  type RelayDevice,
  type RelayHarness,
} from '#tests/contracts/relay.ts';
import { until } from './listenerHarness.ts';
import { manualClock } from './manualClock.ts';

const ACTS_MS = 1_000;

/** A line, where devices find it, and how to register one. */
export interface Lined {
  readonly line: DeviceLine;
  readonly url: string;
  readonly register: (name: string) => Promise<DeviceLogin>;
  /** The next order goes out and its acknowledgement is lost; null: that is for the device to see to. */
  readonly loseAnswer: (() => void) | null;
  /** Waits until the line is whole again. */
  readonly mended: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Devices on real sockets to a broker, on a clock that is moved by hand. */
export const mqttRelayHarness = async (lined: Lined): Promise<RelayHarness> => {
  const clock = manualClock();
  const { url } = lined;
  const received = new Map<string, number>();
  /** Time stands still until what was sent has reached the device, and the line can be used again. */
  const line: DeviceLine = {
    ...lined.line,
    order: async (to, message, expires_s) => {
      const unit = `${to.tenant}/${to.ident}`;
      const before = received.get(unit);
      const outcome = await lined.line.order(to, message, expires_s);
      if (before !== undefined && outcome !== 'nobody' && outcome !== 'away') {
        await until(() => (received.get(unit) ?? 0) > before);
      }
      if (outcome === 'unknown') await lined.mended();
      return outcome;
    },
  };
  const closing: (() => Promise<void>)[] = [];
  const deaf = new Set<string>();
  let devices = 0;

  const connected = async (manner: Manner, login: DeviceLogin) => {
    const given: RelayAction[] = [];
    let actuator = idleActuator;
    const unit = `${login.tenant}/${login.ident}`;
    const client = await connectAsync(url, {
      ...{ username: login.ident, password: login.secret, clientId: login.ident },
      ...{ reconnectPeriod: 0, protocolVersion: 4 },
    });
    client.on('error', () => {});
    const act = (message: Buffer): void => {
      const order = orderIn(message);
      if (order === null) throw new Error('that is no order');
      const circumstances = {
        now: instantOf(clock.now_ms()),
        speed_kmh: manner === 'refuses_speed' ? 50 : 0,
        hasFix: manner !== 'refuses_fix',
      };
      const next = obey(actuator, order, circumstances);
      if (next === actuator || manner === 'deaf') return;
      actuator = manner === 'lies' ? { ...next, dout: actuator.dout } : next;
      const result = manner === 'mumbles' ? 'relay 7' : next.last?.result;
      const at = instantOf(clock.now_ms() + (manner === 'ahead' ? AHEAD_MS : 0));
      const answer = { ...next.last, result, at, dout: actuator.dout };
      client.publish(answerTopicOf(login), JSON.stringify(answer), { qos: 1, retain: true });
    };
    client.handleMessage = (packet, done) => {
      const message = Buffer.from(packet.payload);
      const action = orderIn(message)?.action;
      if (action) given.push(action);
      received.set(unit, (received.get(unit) ?? 0) + 1);
      clock.after(manner === 'late' ? LATE_MS : ACTS_MS, () => act(message));
      // Without this it is not acknowledged.
      if (!deaf.delete(unit)) done();
    };
    await client.subscribeAsync(commandTopicOf(login), { qos: 1 });
    received.set(unit, 0);
    closing.push(() => client.endAsync(true));
    await until(() => line.isConnected(login) !== false);
    return { given, isBlocked: () => isOn(actuator, 1) };
  };

  const device = async (manner: Manner): Promise<RelayDevice> => {
    devices += 1;
    const login = await lined.register(`tracker-${devices}`);
    const to = { unit: `${login.tenant}/${login.ident}`, output: 1, blocksWhenOn: true };
    if (manner === 'offline') return { to, given: () => 0, isBlocked: () => false };
    const { given, isBlocked } = await connected(manner, login);
    return { to, isBlocked, given: (action) => given.filter((each) => each === action).length };
  };

  return {
    open: async () => mqttRelay(line, clock),
    device,
    now: () => instantOf(clock.now_ms()),
    advance: clock.advance,
    loseAnswer: ({ to }) => {
      if (lined.loseAnswer) lined.loseAnswer();
      else deaf.add(to.unit);
    },
    byAnother: async ({ to }, action) => {
      const owner = ownerOfUnit(to.unit);
      if (owner === null) throw new Error('there is no such device');
      const expires_at = instantOf(clock.now_ms() + 3_000);
      const order = { order: randomUUID(), action, output: to.output, expires_at };
      await line.order(owner, Buffer.from(JSON.stringify(order)), 3);
    },
    close: async () => {
      await Promise.all(closing.map((close) => close()));
      await lined.close();
    },
  };
};
