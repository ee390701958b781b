import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { credentialsOf, deviceToken } from '#ingest/listeners/deviceToken.ts';
import { AT, AT_S, IDENT } from '#tests/ingest/formats/samples.ts';
import { call, testApi } from './apiHarness.ts';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

/** A server that listens, with a device, and a way to send as it. */
const listening = async () => {
  const api = await testApi();
  open.push({ close: () => api.app.close() });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { token } = (await call(api, 'POST', '/devices', { ident: IDENT })).body;
  const send = async (
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; retryAfter: string | null; body: Record<string, unknown> }> => {
    const reply = await fetch(`${address}/api/v1/telemetry`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: new Uint8Array(Buffer.from(body)),
    });
    const retryAfter = reply.headers.get('retry-after');
    return { status: reply.status, retryAfter, body: JSON.parse(await reply.text()) };
  };
  return { ...api, address, token, send };
};

const native = (seq: number) => ({ device_time: AT, seq, lat: 45.5, lon: 7.25, speed_kmh: 50 });

describe('telemetry over HTTP', () => {
  it('takes an object, a list, a JSON a line and gzip, as the device whose token it is', async () => {
    const { send, intake } = await listening();
    const bodies = [
      [JSON.stringify(native(1)), {}],
      [JSON.stringify([native(2), native(3)]), {}],
      [
        `${JSON.stringify(native(4))}\n${JSON.stringify(native(5))}\n`,
        { 'content-type': 'application/x-ndjson' },
      ],
      [gzipSync(JSON.stringify({ ident: IDENT, timestamp: AT_S })), { 'content-encoding': 'gzip' }],
      [JSON.stringify(native(6)), { 'content-type': 'text/plain' }],
    ] as const;
    const counts: unknown[] = [];
    for (const [body, headers] of bodies) {
      const reply = await send(body, headers);
      expect(reply.status).toBe(200);
      counts.push(reply.body['stored']);
    }
    expect(counts).toEqual([1, 2, 2, 1, 1]);
    expect(intake.durable.map(({ format }) => format)).toEqual([
      ...['native', 'native', 'native', 'flespi', 'native'],
    ]);
    expect(new Set(intake.idents())).toEqual(new Set([IDENT]));
    expect(intake.durable[0]).toMatchObject({ tenant: 'acme', listener: 'http' });
    const again = await send(JSON.stringify(native(1)));
    expect(again.body).toMatchObject({ stored: 0, repeated: 1 });
  });

  it('puts into quarantine what cannot be read, and says so', async () => {
    const { send, intake } = await listening();
    const mixed = await send(JSON.stringify([native(1), { ...native(2), lat: 'north' }]));
    expect(mixed).toMatchObject({
      status: 200,
      body: { stored: 1, quarantined: 1, rejects: [{ index: 1, code: 'PositionUnreadable' }] },
    });
    const foreign = await send(JSON.stringify({ ident: 'another', ...native(3) }));
    expect(foreign.body['rejects']).toMatchObject([{ code: 'IdentForeign', field: 'ident' }]);
    const nonsense = await send('{"x":');
    expect(nonsense).toMatchObject({ status: 200, body: { quarantined: 1 } });
    expect(intake.durable.at(-1)).toMatchObject({ format: 'unknown', ident: IDENT, readings: [] });
    expect(intake.durable.at(-1)?.raw.toString()).toBe('{"x":');
  });

  it('lets nobody in without a good token, and reads no body for that', async () => {
    const { address, send, intake, token, sightings } = await listening();
    const { ident = '', secret = '' } = credentialsOf(token) ?? {};
    for (const authorization of [
      '',
      'Bearer x',
      `Bearer ${token}0`,
      `Bearer ${secret}`,
      `Basic ${Buffer.from(`${ident}:${secret}`).toString('base64')}`,
    ]) {
      const reply = await send(JSON.stringify(native(1)), { authorization });
      expect([authorization, reply.status, reply.body['code']]).toEqual([
        authorization,
        401,
        'unauthenticated',
      ]);
    }
    expect(intake.state.asked).toBe(0);
    expect(sightings.filter(({ type }) => type === 'login_refused')).toHaveLength(5);
    const { port, hostname } = new URL(address);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (bytes: Buffer) => resolve(bytes.toString()));
    });
    socket.write(
      'POST /api/v1/telemetry HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\nauthorization: Bearer a.b\r\n\r\n',
    );
    expect(await answer).toMatch(/^HTTP\/1.1 401/);
    socket.destroy();
  });

  it('bounds bodies, packed and unpacked', async () => {
    const { send, intake, sightings } = await listening();
    const large = await send(`"${'x'.repeat(1024 * 1024)}"`);
    expect(large).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const before = process.memoryUsage().rss;
    const exploded = await send(bomb, { 'content-encoding': 'gzip' });
    expect(exploded).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    expect((await send('x', { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await send('x', { 'content-encoding': 'br' })).status).toBe(415);
    expect(intake.state.asked).toBe(0);
    expect(sightings).toContainEqual({ type: 'message', listener: 'http', outcome: 'too_large' });
  });

  it('says 503 and when to come back while nothing can be stored, and takes it then', async () => {
    const { send, intake, devices, sightings } = await listening();
    const body = JSON.stringify(native(1));
    for (const manner of ['Unavailable', 'Overloaded', 'throws'] as const) {
      intake.state.manner = manner;
      const reply = await send(body);
      expect(reply).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
      expect(Number(reply.retryAfter)).toBeGreaterThan(0);
    }
    expect(sightings).toContainEqual(expect.objectContaining({ type: 'fault', listener: 'http' }));
    intake.state.manner = 'takes';
    expect((await send(body)).body).toMatchObject({ stored: 1 });
    devices.up = false;
    const stranger = deviceToken({ ident: DeviceIdent.parse('stranger'), secret: '0' });
    expect((await send(body, { authorization: `Bearer ${stranger}` })).status).toBe(503);
  });

  it('does not answer before it is durable', async () => {
    const { send, intake } = await listening();
    intake.state.slow_ms = 150;
    let answered = false;
    const reply = send(JSON.stringify(native(1))).then((told) => {
      answered = true;
      return told;
    });
    await sleep(75);
    expect([answered, intake.durable.length]).toEqual([false, 0]);
    expect((await reply).status).toBe(200);
    expect(intake.durable).toHaveLength(1);
  });
});

describe('a token', () => {
  it('names a device, whatever it is called', () => {
    const anIdent = fc.stringMatching(/^[A-Za-z0-9._:@=-]{1,64}$/);
    const aSecret = fc.stringMatching(/^[0-9a-z]{26}$/);
    fc.assert(
      fc.property(anIdent, aSecret, (ident, secret) => {
        const token = `${Buffer.from(ident).toString('base64url')}.${secret}`;
        expect(credentialsOf(token)).toEqual({ ident, secret });
        expect(token).toMatch(/^[A-Za-z0-9._~+/-]+=*$/);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void credentialsOf(text)));
  });
});
