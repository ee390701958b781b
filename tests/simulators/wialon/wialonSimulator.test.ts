import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ipsTcp } from '#ingest/listeners/ipsTcp.ts';
import {
  SIMULATED_TOKEN,
  type SimulatorOptions,
  wialonSimulator,
} from '#simulators/wialon/wialonSimulator.ts';
import { listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';
import { manualClock } from '#tests/support/manualClock.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const Login = z.object({ eid: z.string(), user: z.object({ id: z.int() }), token: z.string() });
const Events = z.object({
  tm: z.int(),
  events: z.array(z.object({ i: z.int(), t: z.string(), d: z.record(z.string(), z.unknown()) })),
});
const BLOCK = { itemId: 1, commandType: 'block_engine', linkType: '', param: '', flags: 0 };
const FOLLOW = { type: 'id', data: 1, flags: 0x20 | 0x400 | 0x200000, mode: 1 };

/** A simulator with unit 1, and somebody who asks it by hand. */
const scene = async (changed: SimulatorOptions = {}) => {
  const clock = manualClock();
  const simulator = await wialonSimulator({ clock, ...changed });
  opened.push(simulator.stop);
  const unit = simulator.add({ id: 1, name: 'unit 1', jitter_ms: 0 });
  const post = async (path: string, form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams(form);
    // On a connection of its own, so that a restart cuts none that is used again.
    const headers = { connection: 'close' };
    const reply = await fetch(`${simulator.url}${path}`, { method: 'POST', headers, body });
    return reply.json();
  };
  const call = (sid: string, service: string, params: unknown) =>
    post(`/wialon/ajax.html?svc=${service}`, { sid, params: JSON.stringify(params) });
  const logIn = async (token = SIMULATED_TOKEN) =>
    Login.parse(await call('', 'token/login', { token })).eid;
  const events = async (sid: string) => Events.parse(await post('/avl_evts', { sid }));
  const control = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(`${simulator.url}/simulator/${path}`, { method, ...sent });
    return { status: reply.status, body: await reply.json() };
  };
  return { clock, simulator, unit, post, call, logIn, events, control };
};

describe('sessions', () => {
  it('are for those with a token of 72 characters that is good already', async () => {
    const { clock, call } = await scene({
      tokens: [
        { token: SIMULATED_TOKEN, user: 5, activeFrom_ms: 0 },
        { token: 'x'.repeat(72), user: 6, activeFrom_ms: Date.parse('2026-03-02T09:00:00.000Z') },
      ],
    });
    const told = Login.parse(await call('', 'token/login', { token: SIMULATED_TOKEN }));
    expect(told.user.id).toBe(5);
    expect(JSON.parse(told.token)).toMatchObject({ dur: 0 });
    expect(await call('', 'token/login', { token: 'short' })).toEqual({ error: 4 });
    expect(await call('', 'token/login', { token: 'y'.repeat(72) })).toEqual({ error: 8 });
    expect(await call('', 'token/login', { token: 'x'.repeat(72) })).toEqual({ error: 8 });
    clock.advance(3_600_000);
    expect(await call('', 'token/login', { token: 'x'.repeat(72) })).toHaveProperty('eid');
  });

  it('end when nothing is asked of them for five minutes', async () => {
    const { clock, logIn, call, events } = await scene();
    const sid = await logIn();
    const search = { id: 1, flags: 1 };
    expect(await call('nobody', 'core/search_item', search)).toEqual({ error: 1 });
    clock.advance(299_000);
    expect((await events(sid)).tm).toBe(Math.floor(clock.now_ms() / 1_000));
    clock.advance(299_000);
    expect(await call(sid, 'core/search_item', search)).toMatchObject({ item: { id: 1 } });
    clock.advance(300_000);
    expect(await call(sid, 'core/search_item', search)).toEqual({ error: 1 });
  });

  it('have limits: requests at once, questions in ten seconds, heavy ones, logins', async () => {
    const { simulator, clock, logIn, call, post } = await scene({ service_ms: 50 });
    const sid = await logIn();
    const search = () => call(sid, 'core/search_item', { id: 1, flags: 1 });
    const answers = await Promise.all(Array.from({ length: 12 }, search));
    expect(
      answers.filter((each) => z.object({ error: z.literal(10) }).safeParse(each).success),
    ).toHaveLength(2);
    const asked = {
      itemId: 1,
      lastTime: 4_000_000_000,
      lastCount: 10,
      flags: 0,
      flagsMask: 65_280,
    };
    const load = () => call(sid, 'messages/load_last', { ...asked, loadCount: 10 });
    const [first, second] = await Promise.all([load(), load()]);
    expect([first, second]).toContainEqual({ error: 1003 });
    for (let n = 0; n < 10; n += 1) expect(await post('/avl_evts', { sid })).toHaveProperty('tm');
    expect(await post('/avl_evts', { sid })).toEqual({ error: 10 });
    clock.advance(10_000);
    expect(await post('/avl_evts', { sid })).toHaveProperty('tm');
    for (let n = 0; n < 10; n += 1) await call('', 'token/login', { token: 'y'.repeat(72) });
    expect(await call('', 'token/login', { token: SIMULATED_TOKEN })).toHaveProperty('eid');
    expect(await call('', 'token/login', { token: 'y'.repeat(72) })).toEqual({ error: 8 });
    expect(simulator.violations).toEqual({ running: 2, polls: 1, heavy: 1, logins: 1 });
  });
});

describe('commands', () => {
  it('leave the queue for the device, and are told as they go', async () => {
    const { clock, unit, logIn, call, events } = await scene();
    const sid = await logIn();
    expect(await call(sid, 'core/update_data_flags', { spec: [FOLLOW] })).toMatchObject([
      { i: 1, d: { netconn: 1 } },
    ]);
    await events(sid);
    expect(await call(sid, 'unit/send_cmd', { ...BLOCK, timeout: 3 })).toEqual({});
    clock.advance(200);
    const [record] = (await events(sid)).events;
    const now_s = Math.floor(clock.now_ms() / 1_000);
    expect(record).toMatchObject({
      ...{ i: 1, t: 'm' },
      d: { tp: 'ucr', cn: 'block_engine', ui: 17, t: now_s, et: now_s },
    });
    expect(unit.isBlocked()).toBe(false);
    clock.advance(1_000);
    expect((await events(sid)).events).toMatchObject([
      { t: 'm', d: { tp: 'ud', o: 1, p: { text: 'DYD=Success!' } } },
    ]);
    expect(unit.isBlocked()).toBe(true);
    expect((await events(sid)).events).toEqual([]);
  });

  it('that wait too long are dropped, also across a restart', async () => {
    const { clock, simulator, unit, logIn, call } = await scene();
    unit.change({ connection: 'offline' });
    const sid = await logIn();
    for (const timeout of [3, 10, 10]) {
      expect(await call(sid, 'unit/send_cmd', { ...BLOCK, timeout })).toEqual({});
    }
    simulator.restart('kept');
    expect(await call(sid, 'core/search_item', { id: 1, flags: 1 })).toEqual({ error: 1 });
    clock.advance(4_000);
    expect(unit.carried().map(({ executed_ms }) => executed_ms)).toEqual([null]);
    simulator.restart('lost');
    unit.change({ connection: 'online' });
    clock.advance(30_000);
    expect(unit.carried()).toHaveLength(1);
    expect(unit.isBlocked()).toBe(false);
  });

  it('need rights, a definition where they go by name, and a type that there is', async () => {
    const { unit, logIn, call } = await scene({ hasSendCmd: false });
    const sid = await logIn();
    const named = { itemId: 1, linkType: '', param: '', timeout: 3, flags: 0 };
    const execute = (commandName: string) => call(sid, 'unit/exec_cmd', { ...named, commandName });
    expect(await call(sid, 'unit/send_cmd', { ...BLOCK, timeout: 3 })).toEqual({ error: 2 });
    expect(await execute('block_engine')).toEqual({ error: 4 });
    expect(await execute('Block engine')).toEqual({});
    unit.change({ mayQueue: false, connection: 'offline' });
    expect(await execute('Block engine')).toEqual({ error: 5 });
    unit.change({ hasRights: false });
    expect(await execute('Block engine')).toEqual({ error: 7 });
    const commands = await call(sid, 'core/search_items', {
      spec: { itemsType: 'avl_unit', propValueMask: 'unit*' },
      ...{ flags: 0x80001, from: 0, to: 0 },
    });
    expect(commands).toMatchObject({ items: [{ cml: { 1: { n: 'Block engine', id: 1 } } }] });
  });

  it('come in batches that end at the first error where that is asked for', async () => {
    const { logIn, call } = await scene();
    const sid = await logIn();
    const good = { svc: 'core/search_item', params: { id: 1, flags: 1 } };
    const bad = { svc: 'core/search_item', params: { id: 99, flags: 1 } };
    expect(await call(sid, 'core/batch', [bad, good])).toMatchObject([{ error: 7 }, { flags: 1 }]);
    expect(await call(sid, 'core/batch', { params: [good, bad, good], flags: 1 })).toMatchObject([
      ...[{ flags: 1 }, { error: 7 }, { error: 10 }],
    ]);
  });

  it('wake a device that sleeps only by asking where it is', async () => {
    const { clock, unit, logIn, call } = await scene();
    unit.change({ connection: 'sleeping' });
    const sid = await logIn();
    await call(sid, 'unit/send_cmd', { ...BLOCK, timeout: 20 });
    clock.advance(6_000);
    expect(unit.isBlocked()).toBe(false);
    await call(sid, 'unit/send_cmd', { ...BLOCK, commandType: 'query_pos', timeout: 3 });
    clock.advance(7_000);
    expect([unit.isConnected(), unit.isBlocked()]).toEqual([true, true]);
  });
});

describe('devices', () => {
  const blocked = async (
    change: Parameters<Awaited<ReturnType<typeof scene>>['unit']['change']>[0],
  ) => {
    const { clock, unit } = await scene();
    unit.change(change);
    unit.take({ type: 'block_engine', name: 'block', user: 1, queue_ms: 3_000 });
    clock.advance(20_000);
    const texts = unit
      .messages()
      .flatMap((each) => (each.tp === 'ud' && each.p['text'] ? [each.p['text']] : []));
    return { texts, isBlocked: unit.isBlocked(), unit };
  };

  it.each([
    [{}, ['DYD=Success!'], true],
    [{ hasFix: false }, ['DYD=Unvalued Fix'], false],
    [{ speed_kmh: 43.4 }, ['DYD=Speed Limit, Speed 43km/h'], false],
    [{ speed_kmh: 43, speedGuard_kmh: null }, ['DYD=Success!'], true],
    [{ obedience: 'lies' }, ['DYD=Success!'], false],
    [{ obedience: 'ignores' }, [], false],
    [{ answers: 'unknown' }, ['RELAY,0x21,ST=7'], true],
    [{ answers: 'none' }, [], true],
    [{ answers: 'twice' }, ['DYD=Success!', 'DYD=Success!'], true],
    [{ answers: 'late' }, ['DYD=Success!'], true],
  ] as const)('that are %j say and do what such devices do', async (change, texts, isBlocked) => {
    expect(await blocked(change)).toMatchObject({ texts, isBlocked });
  });

  it('whose starter is cut do not start, and go on if they run', async () => {
    const { unit } = await blocked({});
    unit.change({ ignition: true, speed_kmh: 30 });
    expect(unit.settings()).toMatchObject({ ignition: false, speed_kmh: 0 });
    const moving = await blocked({ speedGuard_kmh: null, ignition: true, speed_kmh: 30 });
    expect([moving.isBlocked, moving.unit.settings().speed_kmh]).toEqual([true, 30]);
    expect(moving.unit.settings().lon).toBeGreaterThan(-6.87);
  });

  it('behave alike under the same seed', async () => {
    const run = async (seed: string) => {
      const { clock, simulator } = await scene({ seed });
      const unit = simulator.add({ id: 2, name: 'two', jitter_ms: 60_000, report_ms: 3_600_000 });
      unit.take({ type: 'block_engine', name: 'block', user: 1, queue_ms: 3_000 });
      clock.advance(100_000);
      return unit.messages().map(({ t }) => t);
    };
    expect(await run('one')).toEqual(await run('one'));
    expect(await run('one')).not.toEqual(await run('other'));
  });
});

describe('the control address', () => {
  it('shows and changes units, and switches faults', async () => {
    const { control, logIn, call } = await scene();
    expect(await control('POST', 'units', { id: 9, name: 'nine' })).toMatchObject({ status: 201 });
    expect(await control('POST', 'units', { id: 9, name: 'nine' })).toMatchObject({ status: 409 });
    expect(await control('PATCH', 'units/9', { speed_kmh: 20 })).toMatchObject({
      body: { speed_kmh: 20, connection: 'online', blocked: false },
    });
    expect(await control('PATCH', 'units/9', { speed: 20 })).toMatchObject({ status: 400 });
    expect(await control('GET', 'units/8')).toMatchObject({ status: 404 });
    const fault = { kind: 'error', code: 5, service: 'unit/send_cmd', unit: 9 };
    expect(await control('POST', 'faults', fault)).toMatchObject({ body: [fault] });
    const sid = await logIn();
    const order = { ...BLOCK, timeout: 3 };
    expect(await call(sid, 'unit/send_cmd', order)).toEqual({});
    expect(await call(sid, 'unit/send_cmd', { ...order, itemId: 9 })).toEqual({ error: 5 });
    expect(await call(sid, 'unit/send_cmd', { ...order, itemId: 9 })).toEqual({});
    await control('POST', 'faults', fault);
    expect(await control('DELETE', 'faults')).toMatchObject({ body: [] });
    expect(await control('GET', 'limits')).toMatchObject({ body: { running: 0 } });
    expect(await control('POST', 'restart', { queue: 'lost' })).toMatchObject({ status: 200 });
    expect(await call(sid, 'unit/send_cmd', order)).toEqual({ error: 1 });
  });
});

describe('the retranslator', () => {
  it('passes on what a unit tells to our own listener, its output too', async () => {
    const { parts, device, intake } = listenerHarness();
    const issued = await device('wialon-1');
    const listener = await ipsTcp(parts, loopback);
    opened.push(listener.stop);
    const { clock, unit } = await scene();
    unit.change({
      ...{ ignition: true, speed_kmh: 12 },
      destination: {
        ...{ host: '127.0.0.1', port: listener.port },
        ...{ ident: issued.ident, password: issued.secret },
      },
    });
    await until(() => intake.durable.length === 1);
    unit.take({ type: 'block_engine', name: 'block', user: 1, queue_ms: 3_000 });
    clock.advance(1_200);
    await until(() => intake.durable.length === 2);
    unit.take({ type: 'query_pos', name: 'where', user: 1, queue_ms: 3_000 });
    clock.advance(1_200);
    await until(() => intake.durable.length === 3);
    expect(intake.durable.map(({ readings }) => readings)).toMatchObject([
      [{ ident: 'wialon-1', dout: 0, ignition: true, speed_kmh: 12, lat: 33.98 }],
      [{ dout: 1, ignition: true }],
      [{ dout: 1 }],
    ]);
  });
});
