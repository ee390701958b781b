import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryOpenings } from '#adapters/memoryOpenings.ts';
import { openings } from '#adapters/openings.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { openingsContract } from '#tests/contracts/openings.ts';
import { randomEvent, randomTenant, rightOf } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { digest } from '#tests/support/samples.ts';

describe('openings in memory', () => {
  const kept = memoryOpenings();
  openingsContract(() => kept);
});

describe('openings in Postgres', () => {
  let database: TestDatabase | undefined;
  let kept: ReturnType<typeof openings> | undefined;
  const url = (): string => {
    if (!database) throw new Error('there is no database');
    return database.url;
  };
  const here = () => {
    if (!kept) throw new Error('not started');
    return kept;
  };
  beforeAll(async () => {
    database = await testDatabase();
    kept = openings({ url: url() });
  });
  afterAll(async () => {
    await kept?.close();
    await database?.drop();
  });

  openingsContract(here);

  it('are not believed once they were changed', async () => {
    const tenant = randomTenant();
    const entry = { holding: 'h', shares: 100 };
    const digests = rightOf(await here().keep(tenant, [{ event: randomEvent(), entry }])());
    const sql = postgresPool({
      url: url(),
      connections_max: 1,
      statement_timeout_ms: 10_000,
      application: 'ledger-tests',
    });
    await sql`update openings set entry = replace(entry, '100', '900') where tenant = ${tenant}`;
    await sql.end({ timeout: 5 });
    await expect(here().read(tenant, digests)()).rejects.toThrow(/has been changed/);
  });

  it('are away with the database', async () => {
    const proxy = await faultProxy(Number(new URL(url()).port));
    const behind = new URL(url());
    behind.port = String(proxy.port);
    const far = openings({ url: behind.href });
    await proxy.refuse();
    const away = { left: { code: 'Unavailable' } };
    const entry = { event: randomEvent(), entry: { shares: 1 } };
    expect(await far.keep(randomTenant(), [entry])()).toMatchObject(away);
    expect(await far.read(randomTenant(), [digest(1)])()).toMatchObject(away);
    await far.close();
    await proxy.close();
  });
});
