import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessRecords } from '#adapters/accessRecords.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { randomTenant, rightOf } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { ann, bob, instant, uuid8 } from '#tests/support/samples.ts';

const at = instant('2026-03-02T08:00:00.123Z');
const reading = {
  actor: ActorId.parse(uuid8(7)),
  role: 'park_manager',
  subject: ann,
  classes: ['identity' as const, 'contact' as const],
  purpose: 'driver_file',
  requestId: 'req-1',
  at,
};

describe('records of access', () => {
  let database: TestDatabase | undefined;
  const url = (): string => {
    if (!database) throw new Error('there is no database');
    return database.url;
  };
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database?.drop());

  it('are listed newest first, by tenant and by subject, page by page', async () => {
    const records = accessRecords({ url: url() });
    const [tenant, other] = [randomTenant(), randomTenant()];
    for (const requestId of ['req-1', 'req-2', 'req-3']) {
      rightOf(await records.record({ ...reading, tenant, requestId })());
      rightOf(await records.record({ ...reading, tenant, requestId, subject: bob })());
    }
    rightOf(await records.record({ ...reading, tenant: other })());
    const list = async (subject: string | null, before: bigint | null, limit: number) =>
      rightOf(await records.list({ tenant, subject, before, limit })());
    const mine = await list(ann, null, 10);
    expect(mine.map(({ requestId }) => requestId)).toEqual(['req-3', 'req-2', 'req-1']);
    expect(mine[2]).toEqual({ ...reading, tenant, number: expect.any(BigInt) });
    expect(await list(null, null, 10)).toHaveLength(6);
    const [first] = await list(ann, null, 1);
    const rest = await list(ann, first?.number ?? null, 10);
    expect(rest.map(({ requestId }) => requestId)).toEqual(['req-2', 'req-1']);
    await records.close();
  });

  it('cannot be changed', async () => {
    const records = accessRecords({ url: url() });
    rightOf(await records.record({ ...reading, tenant: randomTenant() })());
    await records.close();
    const sql = postgresPool({
      url: url(),
      connections_max: 1,
      statement_timeout_ms: 5_000,
      application: 'ledger-tests',
    });
    await expect(sql`update access_records set purpose = 'none'`).rejects.toThrow('append-only');
    await expect(sql`delete from access_records`).rejects.toThrow('append-only');
    await expect(sql`truncate access_records`).rejects.toThrow('append-only');
    await sql.end();
  });

  it('take no free text', async () => {
    const records = accessRecords({ url: url() });
    const tenant = randomTenant();
    const told = { ...reading, tenant, purpose: 'because Ann asked' };
    await expect(records.record(told)()).rejects.toThrow();
    await records.close();
  });

  it('are away with the database', async () => {
    const proxy = await faultProxy(Number(new URL(url()).port));
    const behind = new URL(url());
    behind.port = String(proxy.port);
    const records = accessRecords({ url: behind.href });
    const tenant = randomTenant();
    await proxy.refuse();
    const away = { left: { code: 'Unavailable' } };
    expect(await records.record({ ...reading, tenant })()).toMatchObject(away);
    expect(await records.list({ tenant, subject: null, before: null, limit: 1 })()).toMatchObject(
      away,
    );
    await records.close();
    await proxy.close();
  });
});
