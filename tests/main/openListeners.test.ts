import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import { listen } from '#ingest/listeners/openListener.ts';
import { readConfig } from '#main/config.ts';
import { listenerMetrics } from '#main/listenerMetrics.ts';
import { openListeners } from '#main/openListeners.ts';
import { AT, AT_S, IDENT } from '#tests/ingest/formats/samples.ts';
import { bareClient, listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';

const anyPorts = { MQTT_PORT: '0', OSMAND_PORT: '0', IPS_PORT: '0' };

describe('listeners', () => {
  it('are opened as the configuration says, and tell numbers and no names', async () => {
    const { parts, device, intake } = listenerHarness();
    const issued = await device(IDENT, { datagrams: true });
    const registry = new Registry();
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
    const sight = listenerMetrics(registry, logger);
    const { listeners } = readConfig(anyPorts);
    const open = await openListeners({ ...parts, sight }, listeners);
    const { mqtt = 0, osmand = 0, ips_tcp = 0, ips_udp } = open.ports;
    expect(ips_udp).toBe(ips_tcp);
    const client = await connectAsync(`mqtt://127.0.0.1:${mqtt}`, {
      username: IDENT,
      password: issued.secret,
      reconnectPeriod: 0,
    });
    const native = JSON.stringify({ device_time: AT, seq: 1 });
    await client.publishAsync(`fleet/acme/${IDENT}/up`, native, { qos: 1 });
    const query = `timestamp=${AT_S}&lat=45.5&lon=7.25`;
    await fetch(`http://127.0.0.1:${osmand}/${deviceToken(issued)}?${query}`);
    const ips = await bareClient(ips_tcp);
    ips.say(`#L#${IDENT};wrong\r\n`);
    await ips.closed();
    await until(() => intake.durable.length === 2);
    const text = await registry.metrics();
    expect(text).toContain('telemetry_open_connections{listener="mqtt"} 1');
    expect(text).toContain('telemetry_messages_total{listener="mqtt",outcome="taken"} 1');
    expect(text).toContain('telemetry_messages_total{listener="osmand",outcome="taken"} 1');
    expect(text).toContain('telemetry_refused_logins_total{listener="ips_tcp",reason="refused"} 1');
    expect(text).toContain('telemetry_intake_seconds_count{listener="mqtt"} 1');
    sight({ type: 'fault', listener: 'mqtt', error: new Error('broken') });
    expect(lines.join()).toContain('broken');
    expect(`${text}${lines.join()}`).not.toContain(IDENT);
    await client.endAsync(true);
    await open.stop();
    await expect(bareClient(ips_tcp)).rejects.toThrow();
  });

  it('are none, or all closed again, where one of them cannot be', async () => {
    const { parts } = listenerHarness();
    const occupied = createServer();
    const port = await listen(occupied, loopback);
    const { listeners } = readConfig({ ...anyPorts, IPS_PORT: String(port) });
    await expect(openListeners(parts, listeners)).rejects.toThrow('EADDRINUSE');
    occupied.close();
  });

  it('do without one whose usual port is taken, if nobody named that port', async () => {
    const { parts } = listenerHarness();
    const occupied = createServer();
    const port = await listen(occupied, loopback);
    const { listeners } = readConfig(anyPorts);
    const assumed = new Set(['ips_tcp', 'ips_udp']);
    const open = await openListeners(parts, { ...listeners, ipsPort: port, assumed });
    expect(Object.keys(open.ports)).toEqual(expect.arrayContaining(['mqtt', 'osmand']));
    expect(open.left).toContain('ips_tcp');
    await open.stop();
    occupied.close();
    expect([...readConfig({ MQTT_PORT: '1883' }).listeners.assumed]).not.toContain('mqtt');
  });
});

describe('their configuration', () => {
  it('has them all where all is embedded, and none elsewhere unless it is said', () => {
    expect(readConfig({}).listeners).toMatchObject({
      mqttPort: 1_883,
      osmandPort: 5_055,
      ipsPort: 20_332,
      broker: null,
    });
    const database = { DATABASE_URL: 'postgres://127.0.0.1/x' };
    const none = { mqttPort: null, osmandPort: null, ipsPort: null, broker: null };
    expect(readConfig(database).listeners).toMatchObject(none);
    expect(readConfig({ ...database, IPS_PORT: '7' }).listeners).toMatchObject({
      ...none,
      ipsPort: 7,
    });
    expect(readConfig({ OSMAND_PORT: 'off' }).listeners.osmandPort).toBeNull();
  });

  it('has a broker of its own unless another is named', () => {
    const { mqttPort, broker } = readConfig({
      MQTT_URL: 'mqtts://broker.example:8883',
      MQTT_TENANTS: 'acme,other',
      MQTT_VERSION: '3.1.1',
    }).listeners;
    expect(mqttPort).toBeNull();
    expect(broker).toMatchObject({ protocol: 4, connections: 4, tenants: ['acme', 'other'] });
    for (const wrong of [
      { MQTT_URL: 'http://x' },
      { MQTT_TENANTS: 'Acme' },
      { MQTT_CONNECTIONS: '0' },
      { IPS_PORT: '99999' },
      { MQTT_CLIENT_ID: 'a/b' },
    ]) {
      expect(() => readConfig(wrong)).toThrow(Object.keys(wrong)[0] ?? '');
    }
  });
});
