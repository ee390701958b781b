import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { IssuedSecret } from '#ingest/deviceAccess.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import {
  blackBoxFrame,
  compressedBlock,
  dataFrame,
  loginFrame,
  shortDataFrame,
} from '#ingest/formats/wialonIps/encode.ts';
import { ipsTcp } from '#ingest/listeners/ipsTcp.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { anybody, readingWith } from '#tests/ingest/formats/support.ts';
import { lineBytes } from '#tests/ingest/formats/wialonIps/dialogue.ts';
import { bareClient, listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';

const IDENT = '000000000000017';
const open: { stop: () => Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.stop())));

const reading = (seq: number) => readingWith({ seq, lat: 45.5, lon: 7.25, speed_kmh: 50 });
const frame = (seq: number) => dataFrame('2.0', reading(seq));
const login = ({ ident, secret }: IssuedSecret, version: '1.1' | '2.0' = '2.0') =>
  loginFrame({ version, ident, password: secret });

const listening = async (bounds: Parameters<typeof ipsTcp>[2] = {}) => {
  const harness = listenerHarness();
  const listener = await ipsTcp(harness.parts, loopback, { refused_pause_ms: 50, ...bounds });
  open.push(listener);
  const device = await harness.device(IDENT);
  const letIn = async (who = device) => {
    const client = await bareClient(listener.port);
    client.say(login(who));
    await client.hears('#AL#1\r\n');
    return client;
  };
  return { ...harness, listener, device, letIn, register: harness.device };
};

describe('Wialon IPS over TCP', () => {
  it('keeps first and answers then, in both versions, packed and unpacked', async () => {
    const { intake, device, listener } = await listening();
    for (const version of ['1.1', '2.0'] as const) {
      const client = await bareClient(listener.port);
      client.say(login(device, version));
      client.say('#P#\r\n');
      client.say(dataFrame(version, reading(1)));
      client.say(shortDataFrame(version, reading(2)));
      client.say(blackBoxFrame(version, [reading(3), reading(4)]));
      client.say(compressedBlock(dataFrame(version, reading(5))));
      const heard = await client.hears('#AB#2\r\n#AD#1\r\n');
      expect(heard).toBe('#AL#1\r\n#AP#\r\n#AD#1\r\n#ASD#1\r\n#AB#2\r\n#AD#1\r\n');
      client.socket.destroy();
    }
    expect(intake.durable).toHaveLength(8);
    for (const { tenant, ident, listener: by, format, raw, readings } of intake.durable) {
      expect([tenant, ident, by, format]).toEqual(['acme', IDENT, 'ips_tcp', 'wialon-ips']);
      const again = rightOf(readTelemetry(raw, anybody));
      expect(again.readings.map(({ seq }) => seq)).toEqual(readings.map(({ seq }) => seq));
    }
  });

  it('does not answer before it is durable, and answers in order', async () => {
    const { intake, letIn } = await listening();
    const client = await letIn();
    intake.state.slow_ms = 100;
    client.say(Buffer.concat([frame(1), frame(2), lineBytes('#P#'), frame(3)]));
    await sleep(50);
    expect([client.heard(), intake.durable.length]).toEqual(['#AL#1\r\n', 0]);
    expect(await client.hears('#AD#1\r\n#AP#\r\n#AD#1\r\n')).toMatch(
      /#AL#1\r\n#AD#1\r\n#AD#1\r\n#AP#\r\n#AD#1\r\n$/,
    );
  });

  it('says no while nothing can be kept, reads no further for a while, and takes it later', async () => {
    const { intake, letIn } = await listening({ refused_pause_ms: 150 });
    const client = await letIn();
    intake.state.manner = 'Unavailable';
    client.say(frame(1));
    await client.hears('#AD#-1\r\n');
    const refused_ms = Date.now();
    client.say(blackBoxFrame('2.0', [reading(1), reading(2)]));
    await client.hears('#AB#0\r\n');
    expect(Date.now() - refused_ms).toBeGreaterThan(100);
    expect(intake.durable).toEqual([]);
    intake.state.manner = 'throws';
    client.say(frame(1));
    await until(() => client.heard().split('#AD#-1').length === 3);
    intake.state.manner = 'takes';
    client.say(frame(1));
    await client.hears('#AD#1\r\n');
    expect(intake.readings()).toBe(1);
  });

  it('lets nobody in by a wrong password, and tells nobody which names there are', async () => {
    const { listener, device, intake, seen, devices } = await listening();
    const wrong = [
      { ...device, secret: 'wrong' },
      { ...device, ident: device.ident, secret: '' },
      { ident: '000000000000018', secret: device.secret },
    ];
    for (const { ident, secret } of wrong) {
      const client = await bareClient(listener.port);
      client.say(`#L#${ident};${secret}\r\n${frame(1).toString()}`);
      await client.closed();
      expect(client.heard()).toBe('#AL#01\r\n');
    }
    const stranger = await bareClient(listener.port);
    stranger.say(frame(1));
    await stranger.hears('#AD#-1\r\n');
    stranger.socket.destroy();
    expect(seen({ type: 'login_refused', reason: 'refused' })).toBe(3);
    devices.up = false;
    const early = await bareClient(listener.port);
    early.say(login({ ...device, ident: DeviceIdent.parse('000000000000019') }));
    await early.closed();
    expect(early.heard()).toBe('');
    expect(intake.state.asked).toBe(0);
  });

  it('ends with the secret it rests on', async () => {
    const { letIn, registry, change, seen } = await listening();
    const client = await letIn();
    client.say(frame(1));
    await client.hears('#AD#1\r\n');
    rightOf(await registry.revoke(change(IDENT))());
    client.say(frame(2));
    await client.closed();
    expect(client.heard()).toBe('#AL#1\r\n#AD#1\r\n');
    expect(seen({ type: 'login_refused', reason: 'revoked' })).toBe(1);
  });

  it('speaks with a device once: the last connection counts', async () => {
    const { letIn, connections } = await listening();
    const first = await letIn();
    const second = await letIn();
    await first.closed();
    second.say(frame(1));
    await second.hears('#AD#1\r\n');
    expect(connections()).toBe(1);
  });

  it('keeps what was said before the end, and what cannot be read', async () => {
    const { letIn, intake } = await listening();
    const client = await letIn();
    intake.state.slow_ms = 50;
    client.socket.end(Buffer.concat([frame(1), lineBytes('#D#nonsense;0000')]));
    await client.closed();
    expect(client.heard()).toBe('#AL#1\r\n#AD#1\r\n#AD#16\r\n');
    expect(intake.durable.map(({ rejects }) => rejects.map(({ code }) => code))).toEqual([
      [],
      ['ChecksumWrong'],
    ]);
    expect(intake.durable[1]?.raw.toString()).toBe(`2.0;${IDENT}#D#nonsense;0000`);
  });

  it('bounds lines: short ones of strangers, long ones of devices', async () => {
    const { listener, letIn, intake } = await listening();
    const stranger = await bareClient(listener.port);
    stranger.say('#L#'.padEnd(2_000, 'x'));
    await stranger.closed();
    const endless = await letIn();
    for (let sent = 0; sent < 20 && !endless.isClosed(); sent += 1) {
      endless.say(Buffer.alloc(64 * 1024, 0x41));
      await sleep(1);
    }
    await endless.closed();
    const bomb = await letIn();
    const content = deflateSync(Buffer.alloc(32 * 1024 * 1024, 0x41), { level: 9 });
    const head = Buffer.from([0xff, content.length & 0xff, content.length >> 8]);
    bomb.say(Buffer.concat([head, content]));
    await bomb.closed();
    expect(intake.durable.flatMap(({ rejects }) => rejects.map(({ code }) => code))).toEqual([
      'LineTooLong',
      'InflatedTooLarge',
    ]);
    const unharmed = await letIn();
    unharmed.say(frame(1));
    await unharmed.hears('#AD#1\r\n');
  });

  it('hangs up on who is too slow: to log in, to end a frame, to say anything', async () => {
    const { listener, letIn, seen, register } = await listening({
      login_ms: 150,
      frame_ms: 150,
      idle_ms: 400,
    });
    const silent = await bareClient(listener.port);
    const dripping = await letIn();
    const drip = setInterval(() => dripping.say('#'), 20);
    const idle = await letIn(await register('another'));
    await silent.closed();
    await dripping.closed();
    clearInterval(drip);
    await idle.closed();
    expect(seen({ type: 'login_refused', reason: 'too_late' })).toBe(2);
  });

  it('has no room for more strangers than it may have: the oldest has to go', async () => {
    const { listener, letIn, seen } = await listening({ strangers_max: 3, connections_max: 5 });
    const strangers = [];
    for (let n = 0; n < 4; n += 1) strangers.push(await bareClient(listener.port));
    await strangers[0]?.closed();
    expect(strangers.slice(1).map((each) => each.isClosed())).toEqual([false, false, false]);
    const client = await letIn();
    client.say(frame(1));
    await client.hears('#AD#1\r\n');
    expect(seen({ type: 'login_refused', reason: 'too_many' })).toBeGreaterThan(0);
  });

  it('does not mind hundreds of idle connections', async () => {
    const { listener, letIn, device, connections } = await listening();
    const idle = await Promise.all(Array.from({ length: 400 }, () => bareClient(listener.port)));
    await until(() => connections() === 400);
    const client = await letIn(device);
    const begun_ms = Date.now();
    for (let n = 1; n <= 100; n += 1) client.say(frame(n));
    await until(() => client.heard().split('#AD#1').length === 101);
    expect(Date.now() - begun_ms).toBeLessThan(2_000);
    for (const each of idle) each.socket.destroy();
    await until(() => connections() === 1);
  });

  it('lets what is being kept be answered before it ends', async () => {
    const { letIn, intake, listener } = await listening();
    const client = await letIn();
    intake.state.slow_ms = 100;
    client.say(frame(1));
    await until(() => intake.state.waiting === 1);
    await listener.stop();
    open.length = 0;
    await client.closed();
    expect(client.heard()).toBe('#AL#1\r\n#AD#1\r\n');
  });

  it('leaves to the device what was not answered', async () => {
    const { letIn, intake } = await listening();
    intake.state.manner = 'dies';
    const first = await letIn();
    first.say(frame(1));
    await until(() => intake.durable.length === 1);
    first.socket.destroy();
    intake.state.manner = 'takes';
    const second = await letIn();
    second.say(frame(1));
    await second.hears('#AD#1\r\n');
    expect([intake.durable.length, intake.readings()]).toEqual([2, 1]);
  });
});
