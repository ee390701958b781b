import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topicOf } from '#ingest/listeners/telemetryTopic.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import type { Uplink } from '#ingest/simulator/uplink.ts';
import { mosquitto, mosquittoPath } from '#tests/support/mosquitto.ts';
import { type ServerProcess, startServer } from '#tests/support/serverProcess.ts';
import { portOf, startedFleet } from '#tests/support/startedFleet.ts';

const CRASHES = 20;
const CRASHES_BEHIND_BROKER = 3;
const DEVICES = 4;
const WAITING_MAX = 24;
const LOAD_MIN_MS = 60;
const LOAD_SPREAD_MS = 250;
const ACKNOWLEDGED_MIN = 2_000;
const ARRIVAL_MAX_MS = 20_000;
const POLL_MS = 100;
/** A broker takes faster than anybody writes down; what it holds back has to be caught up with. */
const PUBLISH_PAUSE_MS = 5;
const DAY_MS = 86_400_000;

type Fleet = Awaited<ReturnType<typeof startedFleet>>;
type Fitted = Awaited<ReturnType<Fleet['fitted']>>;

/** Readings differ by their time alone: the n-th of a device is n seconds after the first. */
const begun_ms = Math.floor((Date.now() - DAY_MS) / 1_000) * 1_000;
const message = (number: number): Buffer =>
  Buffer.from(JSON.stringify({ device_time: begun_ms + number * 1_000, speed_kmh: number % 120 }));

/** A device that remembers what was acknowledged, and keeps what was not to send it again. */
const deviceOf = ({ login, vehicle }: Fitted) => {
  const acknowledged = new Set<number>();
  const unsure = new Set<number>();
  let lost = 0;
  let next = 0;
  const send = async (uplink: Uplink, number: number): Promise<void> => {
    unsure.add(number);
    const answer = await uplink.send(message(number));
    if (answer === 'acknowledged') {
      unsure.delete(number);
      acknowledged.add(number);
    } else lost += 1;
  };
  return {
    login,
    vehicle,
    acknowledged,
    unsure,
    lost: () => lost,
    sent: () => next,
    again: async (uplink: Uplink): Promise<void> => {
      await Promise.all([...unsure].map((number) => send(uplink, number)));
    },
    /** Says something new over and over until the connection is gone. */
    load: async (uplink: Uplink): Promise<void> => {
      const lost_before = lost;
      const speak = async (): Promise<void> => {
        while (lost === lost_before) {
          next += 1;
          await send(uplink, next);
        }
      };
      await Promise.all(Array.from({ length: WAITING_MAX }, speak));
    },
  };
};

const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => begun_ms * 1_000 + (index + 1) * 1_000_000);

const fittedDevices = async (fleet: Fleet) => {
  const devices: ReturnType<typeof deviceOf>[] = [];
  for (let number = 0; number < DEVICES; number += 1) {
    devices.push(deviceOf(await fleet.fitted(number)));
  }
  return devices;
};

describe('a process that is killed at any moment while devices speak', () => {
  it(`has lost nothing that it acknowledged and doubled nothing, ${CRASHES} times over`, async () => {
    const fleet = await startedFleet({ MQTT_PORT: '0', TELEMETRY_SAMPLING_MS: '0' });
    let server = fleet.first;
    onTestFinished(async () => {
      await server.terminate();
      await fleet.close();
    });
    const devices = await fittedDevices(fleet);
    const connected = async (to: ServerProcess) => {
      const url = `mqtt://127.0.0.1:${await portOf(to, 'mqtt')}`;
      return Promise.all(
        devices.map(async (device) => ({ device, uplink: await mqttUplink(url, device.login) })),
      );
    };
    let lines = await connected(server);
    for (let crash = 0; crash < CRASHES; crash += 1) {
      const load = Promise.all(lines.map(({ device, uplink }) => device.load(uplink)));
      await sleep(LOAD_MIN_MS + ((crash * 137) % LOAD_SPREAD_MS));
      await server.kill();
      await load;
      server = await startServer(fleet.environment);
      lines = await connected(server);
      await Promise.all(lines.map(({ device, uplink }) => device.again(uplink)));
    }
    await Promise.all(lines.map(({ uplink }) => uplink.close()));
    let acknowledged = 0;
    for (const device of devices) {
      expect(device.unsure.size).toBe(0);
      expect(device.lost()).toBeGreaterThanOrEqual(CRASHES);
      expect(device.acknowledged.size).toBe(device.sent());
      acknowledged += device.acknowledged.size;
      const stored = await fleet.rowsOf(device.vehicle);
      expect(stored.map(({ device_time_us }) => device_time_us)).toEqual(upTo(device.sent()));
    }
    expect(acknowledged).toBeGreaterThan(ACKNOWLEDGED_MIN);
  }, 300_000);

  it.skipIf(mosquittoPath === null)(
    `gets from a broker all that it had not kept, once, ${CRASHES_BEHIND_BROKER} times over`,
    async () => {
      const broker = await mosquitto();
      onTestFinished(() => broker.close());
      const reading = { MQTT_URL: broker.url, MQTT_CONNECTIONS: '2' };
      const fleet = await startedFleet({ ...reading, TELEMETRY_SAMPLING_MS: '0' });
      let server = fleet.first;
      onTestFinished(async () => {
        await server.terminate();
        await fleet.close();
      });
      const devices = await fittedDevices(fleet);
      const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
      onTestFinished(() => client.endAsync(true));
      const sent = new Map(devices.map(({ vehicle }) => [vehicle, 0]));
      let running = true;
      const speak = async ({ login, vehicle }: (typeof devices)[number]): Promise<void> => {
        while (running) {
          const number = (sent.get(vehicle) ?? 0) + 1;
          sent.set(vehicle, number);
          await client.publishAsync(topicOf(login), message(number), { qos: 1 });
          await sleep(PUBLISH_PAUSE_MS);
        }
      };
      const load = devices.flatMap((device) => [speak(device), speak(device), speak(device)]);
      for (let crash = 0; crash < CRASHES_BEHIND_BROKER; crash += 1) {
        await sleep(LOAD_MIN_MS + LOAD_SPREAD_MS);
        await server.kill();
        server = await startServer(fleet.environment);
      }
      running = false;
      await Promise.all(load);
      for (const { vehicle } of devices) {
        const expected = upTo(sent.get(vehicle) ?? 0);
        const end_ms = Date.now() + ARRIVAL_MAX_MS;
        let stored = await fleet.rowsOf(vehicle);
        while (stored.length < expected.length && Date.now() < end_ms) {
          await sleep(POLL_MS);
          stored = await fleet.rowsOf(vehicle);
        }
        expect(stored.map(({ device_time_us }) => device_time_us)).toEqual(expected);
      }
    },
    300_000,
  );
});
