import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import { osmAndServer } from '#ingest/listeners/osmAndServer.ts';
import { AT, AT_S, IDENT } from '#tests/ingest/formats/samples.ts';
import { listenerHarness, loopback } from '#tests/support/listenerHarness.ts';

const open: { stop: () => Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.stop())));

const listening = async () => {
  const harness = listenerHarness();
  const listener = await osmAndServer(harness.parts, loopback);
  open.push(listener);
  const token = deviceToken(await harness.device(IDENT));
  const call = async (path: string, init: RequestInit = {}) => {
    const reply = await fetch(`http://127.0.0.1:${listener.port}/${path}`, init);
    return [reply.status, await reply.text()] as const;
  };
  const post = (body: string | Buffer, headers: Record<string, string>) =>
    call(token, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
  return { ...harness, listener, token, call, post };
};

const query = (seq: number): string =>
  `id=${IDENT}&timestamp=${AT_S}&lat=45.5&lon=7.25&index=${seq}`;
const app = JSON.stringify({
  device_id: IDENT,
  location: { timestamp: AT, coords: { latitude: 45.5, longitude: 7.25, speed: 10 } },
});
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('OsmAnd and Traccar Client', () => {
  it('send a query, a form or JSON to an address that names the device', async () => {
    const { call, post, token, intake } = await listening();
    expect(await call(`${token}?${query(1)}`)).toEqual([200, '']);
    expect(await call(`${token}/?${query(2)}`, { method: 'POST' })).toEqual([200, '']);
    expect(await post(query(3), form)).toEqual([200, '']);
    expect(await post(app, { 'content-type': 'application/json' })).toEqual([200, '']);
    const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(await post(gzipSync(app), packed)).toEqual([200, '']);
    const formats = intake.durable.map(({ format, readings }) => [format, readings.length]);
    expect(formats).toEqual([
      ['osmand', 1],
      ['osmand', 1],
      ['osmand', 1],
      ['traccar-client', 1],
      ['traccar-client', 1],
    ]);
    expect(intake.durable.map(({ raw }) => raw.toString()).join()).not.toContain(token);
    expect(intake.durable[0]).toMatchObject({ tenant: 'acme', ident: IDENT, listener: 'osmand' });
  });

  it('hear 200 for what will never be readable, for they would send it for ever', async () => {
    const { call, token, intake } = await listening();
    expect(await call(`${token}?id=another&lat=1&lon=1`)).toEqual([200, '']);
    expect(await call(`${token}?lat=1`)).toEqual([200, '']);
    expect(intake.durable.map(({ rejects }) => rejects[0]?.code)).toEqual([
      'IdentForeign',
      'PositionIncomplete',
    ]);
    expect(await call(token)).toEqual([400, '']);
  });

  it('come back when they are told to', async () => {
    const { call, token, listener, intake } = await listening();
    for (const manner of ['Unavailable', 'Overloaded', 'throws'] as const) {
      intake.state.manner = manner;
      const reply = await fetch(`http://127.0.0.1:${listener.port}/${token}?${query(1)}`);
      expect([reply.status, Number(reply.headers.get('retry-after'))]).toEqual([503, 5]);
    }
    intake.state.manner = 'takes';
    expect((await call(`${token}?${query(1)}`))[0]).toBe(200);
    expect(intake.readings()).toBe(1);
  });

  it('are not let in by another token, and not read any further then', async () => {
    const { call, token, intake, seen } = await listening();
    const wrong = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
    expect((await call(`${wrong}?${query(1)}`))[0]).toBe(403);
    expect((await call(`x?${query(1)}`))[0]).toBe(403);
    expect((await call(`?${query(1)}`))[0]).toBe(403);
    expect((await call(`a/b?${query(1)}`))[0]).toBe(404);
    expect(seen({ type: 'login_refused' })).toBe(3);
    expect(intake.state.asked).toBe(0);
  });

  it('are bounded, packed and unpacked', async () => {
    const { post, intake, seen } = await listening();
    const json = { 'content-type': 'application/json' };
    expect((await post(Buffer.alloc(1024 * 1024 + 1, 0x20), json))[0]).toBe(413);
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20), { level: 9 });
    expect((await post(bomb, { ...json, 'content-encoding': 'gzip' }))[0]).toBe(413);
    expect((await post('x', { ...json, 'content-encoding': 'gzip' }))[0]).toBe(400);
    expect(seen({ outcome: 'too_large' })).toBe(1);
    expect(intake.state.asked).toBe(0);
  });
});
