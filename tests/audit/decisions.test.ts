import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { publishAccessRules } from '#commands/accessRules.ts';
import { onDriver } from '#commands/drivers.ts';
import type { EventStore } from '#commands/ports.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import { AccessRules } from '#domain/access/rules.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { EventId, Tenant } from '#domain/kernel/ids.ts';
import { auditLog } from '#main/auditLog.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { allEvents, requestOf, rightOf, smallFleet, testLedger } from '#tests/support/ledger.ts';
import { acme, instant, money, uuid8 } from '#tests/support/samples.ts';
import { runCli } from '#tests/support/serverProcess.ts';

const at = (time: string) => instant(`2026-03-02T${time}:00.000Z`);

/** Two rentals that were allowed, one that was denied, and much that became known or changed later. */
const decisions = async (ledger: Workspace): Promise<void> => {
  const { vehicle, ann, bob, park } = await smallFleet(ledger);
  const agreed = { vehicle, plan: null, rate: null, odometer_m: null, rest_s: 3_600 };
  const publish = async (effects: object, time: string) => {
    const asked = { park, rules: AccessRules.parse({ effects }), at: at(time) };
    rightOf(await publishAccessRules(ledger)(requestOf(asked), asked));
  };
  const first = { ...agreed, driver: ann, at: at('08:00') };
  const { id: rental } = rightOf(await startRental(ledger)(requestOf(first), first));
  const end = { rental, reason: 'returned', odometer_m: null, at: at('09:00') } as const;
  rightOf(await endRental(ledger)(requestOf(end), end));
  await publish({ arrears_exceeded: 'denies' }, '09:30');
  const owed = { driver: bob, at: at('09:40') };
  rightOf(
    await onStanding(ledger)(requestOf(owed), owed, (when) => ({
      type: 'StateArrears',
      driver: bob,
      arrears: money('1'),
      when,
    })),
  );
  const second = { ...agreed, driver: bob, at: at('10:00') };
  const arrears = expect.objectContaining({ code: 'arrears_exceeded', severity: 'denies' });
  expect(await startRental(ledger)(requestOf(second), second)).toMatchObject({
    left: { code: 'AccessDenied', reasons: expect.arrayContaining([arrears]) },
  });
  const third = { ...agreed, driver: ann, at: at('10:30') };
  rightOf(await startRental(ledger)(requestOf(third), third));
  await publish({ licence_missing: 'denies' }, '10:30');
  const late = { driver: ann, id: ann, at: at('07:00') };
  rightOf(
    await onDriver(ledger)(requestOf(late), late, (when) => ({
      type: 'DeactivateDriver',
      driver: ann,
      reason: 'conduct',
      when,
    })),
  );
};

const audited = async (store: EventStore, json = false, tenant: Tenant | null = null) => {
  const lines: string[] = [];
  const found = await auditLog(store, { tenant, json, say: (line) => lines.push(line) });
  return { ...found, lines };
};

/** Writes a copy of the first decision behind it, with something else in its data. */
const forge = async (store: EventStore, change: object): Promise<void> => {
  const events = await allEvents(store);
  const original = events.find(({ type }) => type === 'AccessDecided');
  if (!original) throw new Error('there is no decision');
  const { length } = events.filter(({ stream }) => stream === original.stream);
  const id = EventId.parse(uuid8(0xf000 + length));
  const data = { ...original.data, decision: uuid8(0xf100 + length), ...change };
  const forged: LedgerEvent = { ...original, id, data };
  const { stream } = original;
  rightOf(await store.append({ stream, expected: BigInt(length - 1), events: [forged] })());
};

describe.each(['memory', 'postgres'])('decisions in %s', (kind) => {
  let database: TestDatabase;
  let store: EventStore;
  beforeAll(async () => {
    database = await testDatabase();
    store =
      kind === 'memory' ? memoryEventStore(memoryLog()) : postgresEventStore({ url: database.url });
    await decisions(testLedger(store).ledger);
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  it('come out as they did, whatever became known later', async () => {
    const { taken, different, lines } = await audited(store);
    expect([taken, different]).toEqual([3, 0]);
    expect(lines).toEqual(['3 decisions taken again, 0 come out differently']);
    expect(await audited(store, true)).toMatchObject({ lines: ['{"taken":3,"different":0}'] });
    const other = await audited(store, false, Tenant.parse('other'));
    expect(other.taken).toBe(0);
    expect((await audited(store, false, acme)).taken).toBe(3);
  });

  it('are found where they were falsified', async () => {
    await forge(store, { verdict: 'denied' });
    const { taken, different, lines } = await audited(store);
    expect([taken, different]).toEqual([4, 1]);
    expect(lines[0]).toMatch(/AccessDecided .* comes out differently/);
    expect(lines[1]).toContain('"verdict":"denied"');
    expect(lines[2]).toContain('"verdict":"allowed_with_warnings"');
    await forge(store, { reasons: [] });
    await forge(store, { rules: { scope: 'tenant', park: null, version: 1 } });
    await forge(store, { rest_s: 86_400 });
    const revisions = { driver: '0', standing: null, vehicle: '99', tenantRules: null };
    await forge(store, { revisions: { ...revisions, parkRules: null } });
    const all = await audited(store, true);
    expect([all.taken, all.different]).toEqual([8, 5]);
    expect(JSON.parse(all.lines[0] ?? '')).toMatchObject({
      type: 'AccessDecided',
      recorded: { verdict: 'denied' },
      now: { verdict: 'allowed_with_warnings' },
    });
  });
});

describe('the command line', () => {
  it('ends with 0 where all decisions come out as they did, with 1 where one differs, with 2 where it is misused', async () => {
    const database = await testDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'ledger-audit-'));
    const store = postgresEventStore({ url: database.url });
    await decisions(testLedger(store).ledger);
    const environment = { DATABASE_URL: database.url, DATA_DIR: directory };
    const audit = (...options: readonly string[]) =>
      runCli(environment, 'audit', 'decisions', ...options);
    const clean = await audit();
    const summary = '3 decisions taken again, 0 come out differently\n';
    expect([clean.code, clean.stdout]).toEqual([0, summary]);
    await forge(store, { verdict: 'denied' });
    const forged = await audit('--json');
    expect(forged.code).toBe(1);
    expect(forged.stdout.trim().split('\n').at(-1)).toBe('{"taken":4,"different":1}');
    // Whoever looks at another tenant is told of theirs alone.
    expect((await audit('--tenant', 'other')).code).toBe(0);
    expect((await audit('--tenant', 'no such tenant')).code).toBe(2);
    await store.close();
    await database.drop();
    await rm(directory, { recursive: true });
  }, 120_000);
});

describe('an audit', () => {
  it('fails aloud while the log is away', async () => {
    const log = memoryLog();
    log.up = false;
    await expect(audited(memoryEventStore(log))).rejects.toThrow('the log is away');
  });
});
