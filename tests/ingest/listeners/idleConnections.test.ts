import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataFrame, loginFrame } from '#ingest/formats/wialonIps/encode.ts';
import { ipsTcp } from '#ingest/listeners/ipsTcp.ts';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { readingWith } from '#tests/ingest/formats/support.ts';
import { bareClient, listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';

const IDLE = 10_000;
/** What our broker keeps of those who do not log in, and how many have to go in the test. */
const STRANGERS_MAX = 2_000;
const EVICTED = 2_000;
const PROGRAM = join(import.meta.dirname, '..', '..', 'support', 'idleSockets.ts');
const IDENT = '000000000000017';
const MESSAGES = 100;
const ANSWERED_MAX_MS = 5_000;
const PAUSE_MS = 25;
const OPEN_MAX_MS = 25_000;
/** Room for all of them, none of which has to say who it is for the length of this test. */
const roomy = { strangers_max: IDLE + 100, login_ms: 60_000 };

/** Connections of a process of their own, which has file handles of its own. */
const idleSockets = async (port: number, count: number) => {
  const child = spawn(process.execPath, [PROGRAM, String(port), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  onTestFinished(gone);
  await once(child.stdout, 'data');
  return gone;
};

const took_ms = async (work: () => Promise<void>): Promise<number> => {
  const begun_ms = performance.now();
  await work();
  return performance.now() - begun_ms;
};

describe('thousands of connections that say nothing', () => {
  it(`are kept by the listener of Wialon IPS, ${IDLE} of them, while a device is answered`, async () => {
    const harness = listenerHarness();
    const listener = await ipsTcp(harness.parts, loopback, roomy);
    onTestFinished(() => listener.stop());
    const { secret, ident } = await harness.device(IDENT);
    const gone = await idleSockets(listener.port, IDLE);
    await until(() => harness.connections() === IDLE, OPEN_MAX_MS);
    const client = await bareClient(listener.port);
    client.say(loginFrame({ version: '2.0', ident, password: secret }));
    await client.hears('#AL#1\r\n');
    const answered_ms = await took_ms(async () => {
      for (let seq = 0; seq < MESSAGES; seq += 1)
        client.say(dataFrame('2.0', readingWith({ seq })));
      await until(() => client.heard().split('#AD#1').length === MESSAGES + 1);
    });
    expect(answered_ms).toBeLessThan(ANSWERED_MAX_MS);
    expect(harness.connections()).toBe(IDLE + 1);
    await gone();
    await until(() => harness.connections() === 1, OPEN_MAX_MS);
  }, 60_000);

  it('have to make room for each other at our broker, the oldest first, but not a device', async () => {
    const harness = listenerHarness();
    const listener = await mqttBroker(harness.parts, loopback);
    onTestFinished(() => listener.stop());
    const { secret, ident } = await harness.device(IDENT);
    const login = { username: ident, password: secret, reconnectPeriod: 0 };
    const client = await connectAsync(`mqtt://127.0.0.1:${listener.port}`, login);
    onTestFinished(() => client.endAsync(true));
    const opening = idleSockets(listener.port, STRANGERS_MAX + EVICTED);
    let sent = 0;
    const speak = (): Promise<unknown> => {
      sent += 1;
      const body = JSON.stringify({ device_time: Date.now(), seq: sent });
      return client.publishAsync(`fleet/acme/${ident}/up`, body, { qos: 1 });
    };
    // It has to be heard all through the onslaught.
    while (harness.seen({ reason: 'too_many' }) < EVICTED) {
      expect(await took_ms(async () => void (await speak()))).toBeLessThan(ANSWERED_MAX_MS);
      await sleep(PAUSE_MS);
    }
    await opening;
    expect(harness.connections()).toBe(STRANGERS_MAX + 1);
    expect(harness.intake.durable).toHaveLength(sent);
  }, 60_000);
});
