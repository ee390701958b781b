import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NOBODY } from '#api/ports.ts';
import { aPark, aVehicle, call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

const Frame = z.object({ type: z.string(), position: z.string(), keys: z.array(z.string()) });
const opened: { close: () => Promise<void> }[] = [];

const listening = async (api: TestApi): Promise<URL> => {
  opened.push({ close: () => api.app.close() });
  return new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }));
};

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** A client of server-sent events, as far as a test needs one. */
const follow = async (api: TestApi, base: URL, query = '', headers = {}) => {
  const stop = new AbortController();
  const reply = await fetch(new URL(`/api/v1/events${query}`, base), {
    headers: { ...(await api.bearer()), accept: 'text/event-stream', ...headers },
    signal: stop.signal,
  });
  const frames: z.infer<typeof Frame>[] = [];
  const ids: string[] = [];
  const reading = (async () => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of reply.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        for (const line of block.split('\n')) {
          if (line.startsWith('id: ')) ids.push(line.slice(4));
          if (line.startsWith('data: ')) frames.push(Frame.parse(JSON.parse(line.slice(6))));
        }
      }
    }
  })().catch(() => {});
  const until = async (count: number) => {
    for (let wait = 0; frames.length < count && wait < 400; wait += 1) await sleep(10);
    return frames.map(({ type }) => type);
  };
  opened.push({
    close: async () => {
      stop.abort();
      await reading;
    },
  });
  return { reply, frames, ids, until, reading };
};

const raw = async (base: URL, head: readonly string[], body = ''): Promise<Socket> => {
  const socket = connect(Number(base.port), base.hostname);
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
};

const answerOf = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await Promise.race([once(socket, 'close'), sleep(3_000)]);
  socket.destroy();
  return Buffer.concat(chunks).toString();
};

describe('the feed of events', () => {
  it('goes through the log page by page, and says where it stands', async () => {
    const api = await testApi();
    await fleet(api);
    const seen: string[] = [];
    let after = '';
    for (let page = 0; page < 20; page += 1) {
      const { body } = await call(api, 'GET', `/events?limit=2${after}`);
      seen.push(...body.events.map((event: { position: string }) => event.position));
      after = `&after=${body.next}`;
      if (body.caught_up) break;
    }
    expect(seen).toEqual(api.log.records.map(({ position }) => String(position)));
    expect(api.accesses.at(-1)).toMatchObject({ purpose: 'events_exported', subject: NOBODY });
  });

  it('gives only what was asked for', async () => {
    const api = await testApi();
    const { vehicle, park } = await fleet(api);
    const types = await call(api, 'GET', '/events?types=ParkOpened,DriverRegistered');
    expect(types.body.events.map((event: { type: string }) => event.type)).toEqual([
      'ParkOpened',
      'DriverRegistered',
    ]);
    const keys = await call(api, 'GET', `/events?keys=asset:${vehicle}`);
    expect(keys.body.events.length).toBe(3);
    expect(keys.body.next).toBe(String(api.log.records.length));
    const second = await call(api, 'POST', '/parks', { ...aPark, code: 'B2', occurred_at: START });
    const bound = await api.bearer({ role: 'auditor', parks: [second.body.id] });
    const seen = await call(api, 'GET', '/events', undefined, bound);
    expect(seen.body.events.map((event: { keys: string[] }) => event.keys)).toEqual([
      [`park:${second.body.id}`],
    ]);
    expect(park).not.toBe(second.body.id);
  });

  it('has a catalogue', async () => {
    const api = await testApi();
    const { body } = await call(api, 'GET', '/event-types');
    const fine = body.types.find(({ type }: { type: string }) => type === 'FineIssued');
    expect(fine).toMatchObject({ schema: 2, about: expect.any(String), data: { type: 'object' } });
    expect(body.types.length).toBeGreaterThan(45);
  });
});

describe('the live feed', () => {
  it('tells what there was, and what comes', async () => {
    const api = await testApi();
    const base = await listening(api);
    await fleet(api);
    const client = await follow(api, base);
    expect(client.reply.headers.get('content-type')).toContain('text/event-stream');
    await client.until(api.log.records.length);
    await call(api, 'POST', '/parks', { ...aPark, code: 'NEW' });
    expect((await client.until(api.log.records.length)).at(-1)).toBe('ParkOpened');
    expect(client.frames.map(({ position }) => position)).toEqual(
      api.log.records.map(({ position }) => String(position)),
    );
  });

  it('goes on where the client was, even past what it did not want to see', async () => {
    const api = await testApi();
    const base = await listening(api);
    await fleet(api);
    const first = await follow(api, base, '?types=ParkOpened');
    await first.until(1);
    for (let wait = 0; first.ids.at(-1) !== String(api.log.records.length); wait += 1) {
      expect(wait).toBeLessThan(300);
      await sleep(10);
    }
    const last = String(first.ids.at(-1));
    await call(api, 'POST', '/parks', { ...aPark, code: 'NEW' });
    const second = await follow(api, base, '?types=ParkOpened', { 'last-event-id': last });
    await second.until(1);
    await sleep(50);
    expect(second.frames.map(({ position }) => position)).toEqual([String(api.log.records.length)]);
  });

  it('ends with the server, and with the token', async () => {
    const api = await testApi();
    const base = await listening(api);
    const short = await api.bearer({ life_s: 1 });
    const client = await follow(api, base, '', short);
    const started = Date.now();
    await client.reading;
    expect(Date.now() - started).toBeLessThan(5_000);
    const other = await follow(api, base);
    await api.app.close();
    await other.reading;
  });

  it('reads no further than a slow client can take, and forgets one that has gone', async () => {
    let asked = 0;
    const api = await testApi();
    const { park } = await fleet(api);
    const text = api.log.records[0]?.text ?? '';
    for (let n = 0; n < 60_000; n += 1) {
      const position = BigInt(api.log.records.length + 1);
      const [record] = api.log.records;
      if (record) api.log.records.push({ ...record, position, text });
    }
    const { subscribe } = api.store;
    const patient: typeof subscribe = async function* (request) {
      for await (const batch of subscribe(request)) {
        asked += batch.events.length;
        yield batch;
      }
    };
    Object.assign(api.store, { subscribe: patient });
    const base = await listening(api);
    const socket = await raw(base, [
      'GET /api/v1/events HTTP/1.1',
      'host: x',
      'accept: text/event-stream',
      `authorization: ${(await api.bearer()).authorization}`,
    ]);
    socket.pause();
    await sleep(1_500);
    const held = asked;
    expect(held).toBeLessThan(40_000);
    await sleep(300);
    expect(asked).toBe(held);
    expect((await call(api, 'POST', '/transport_registry', aVehicle(park))).status).toBe(201);
    socket.resume();
    for (let wait = 0; asked < 60_000 && wait < 500; wait += 1) await sleep(20);
    expect(asked).toBeGreaterThanOrEqual(60_000);
    socket.destroy();
  });
});

describe('on the bare socket', () => {
  it('an endless body is cut off', async () => {
    const api = await testApi();
    const base = await listening(api);
    const head = [
      'POST /api/v1/parks HTTP/1.1',
      'host: x',
      'connection: close',
      'content-type: application/json',
      `authorization: ${(await api.bearer()).authorization}`,
    ];
    const announced = await raw(base, [...head, 'content-length: 999999999'], '{');
    expect(await answerOf(announced)).toMatch(/^HTTP\/1.1 413 [\s\S]*"code":"body_too_large"/);
    const chunk = 'a'.repeat(65_536);
    const chunked = await raw(
      base,
      [...head, 'transfer-encoding: chunked'],
      `10000\r\n${chunk}\r\n`.repeat(6),
    );
    expect(await answerOf(chunked)).toMatch(/^HTTP\/1.1 413 /);
    expect(api.log.records).toEqual([]);
  });

  it('what is no HTTP, or has endless headers, is told so', async () => {
    const api = await testApi();
    const base = await listening(api);
    expect(await answerOf(await raw(base, ['HELLO']))).toMatch(
      /^HTTP\/1.1 400 [\s\S]*problem\+json[\s\S]*malformed_request/,
    );
    const long = ['GET /healthz HTTP/1.1', 'host: x', `x: ${'y'.repeat(20_000)}`];
    expect(await answerOf(await raw(base, long))).toMatch(/^HTTP\/1.1 431 /);
  });
});
