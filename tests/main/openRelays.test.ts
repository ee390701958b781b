import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { readConfig } from '#main/config.ts';
import { openListeners } from '#main/openListeners.ts';
import { openRelays } from '#main/openRelays.ts';
import { SIMULATED_TOKEN, wialonSimulator } from '#simulators/wialon/wialonSimulator.ts';
import { listenerHarness } from '#tests/support/listenerHarness.ts';
import { instant } from '#tests/support/samples.ts';

const parts = () => {
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  return { registry: new Registry(), logger, lines, line: null };
};
const to = { unit: '7', output: 1, blocksWhenOn: true };
const order = { to, action: 'block', queue_s: 3 } as const;
const elsewhere = { DATABASE_URL: 'postgres://127.0.0.1/ledger' };

describe('relays', () => {
  it('are the simulator where all is embedded, and none where nothing is said', async () => {
    const given = parts();
    const open = await openRelays(given, readConfig({}).relay);
    open.simulator?.add({ id: 7, name: 'seven' });
    expect(await open.of('vialon_relay')?.send(order)()).toMatchObject({ right: null });
    await open.close();
    const none = await openRelays(given, readConfig(elsewhere).relay);
    expect([none.of('vialon_relay'), none.of('mqtt_relay'), none.simulator]).toEqual([
      ...[null, null, null],
    ]);
    await none.close();
  });

  it('speak to the Wialon that is named, with a token from a file', async () => {
    const simulator = await wialonSimulator();
    simulator.add({ id: 7, name: 'seven' });
    const directory = await mkdtemp(join(tmpdir(), 'ledger-relay-'));
    const file = join(directory, 'token');
    await writeFile(file, `${SIMULATED_TOKEN}\n`, { mode: 0o600 });
    const given = parts();
    const named = { ...elsewhere, WIALON_URL: simulator.url, WIALON_TOKEN_FILE: file };
    const open = await openRelays(given, readConfig(named).relay);
    expect(await open.of('vialon_relay')?.send(order)()).toMatchObject({ right: null });
    const since = instant('2026-03-02T08:00:00.000Z');
    const traced = await open.of('vialon_relay')?.trace({ to, action: 'block', since })();
    expect(traced).toMatchObject({ right: { connected: true } });
    expect(await given.registry.metrics()).toContain(
      'relay_wialon_calls_total{service="unit/send_cmd",outcome="done"} 1',
    );
    await open.close();
    await simulator.stop();
    await rm(directory, { recursive: true });
  });

  it('raise an alarm over a token that is refused, and never tell it', async () => {
    const simulator = await wialonSimulator();
    const token = 'refused'.repeat(11).slice(0, 72);
    const given = parts();
    const { registry, lines } = given;
    const named = { ...elsewhere, WIALON_URL: simulator.url, WIALON_TOKEN: token };
    const open = await openRelays(given, readConfig(named).relay);
    expect(await open.of('vialon_relay')?.send(order)()).toMatchObject({
      left: { code: 'NotDelivered', again: false },
    });
    await open.close();
    await simulator.stop();
    expect(lines.join()).toContain('error_8');
    expect(`${lines.join()}${await registry.metrics()}`).not.toContain(token);
  });

  it('go over our own broker where there is one', async () => {
    const { parts: listening, device } = listenerHarness();
    const listeners = await openListeners(
      listening,
      readConfig({ ...elsewhere, MQTT_PORT: '0' }).listeners,
    );
    const given = { ...parts(), line: listeners.line };
    const open = await openRelays(given, readConfig(elsewhere).relay);
    const { ident } = await device('tracker-1');
    const sent = await open
      .of('mqtt_relay')
      ?.send({ ...order, to: { ...to, unit: `acme/${ident}` } })();
    expect(sent).toMatchObject({ left: { code: 'NotDelivered', reason: 'offline', again: true } });
    await open.close();
    await listeners.stop();
  });

  it('want one token with an address', () => {
    const named = { ...elsewhere, WIALON_URL: 'https://wialon.example' };
    expect(() => readConfig(named)).toThrow('WIALON_TOKEN');
    const twice = { ...named, WIALON_TOKEN: 'a', WIALON_TOKEN_FILE: 'b' };
    expect(() => readConfig(twice)).toThrow('WIALON_TOKEN');
  });
});
