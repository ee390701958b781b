import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenceShapes } from '#adapters/fenceShapes.ts';
import { memoryFenceShapes } from '#adapters/memoryFenceShapes.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { digestOf } from '#commands/digest.ts';
import type { FenceShapes } from '#commands/ports.ts';
import type { Digest } from '#domain/kernel/ids.ts';
import type { Fence } from '#domain/parks/fence.ts';
import { randomTenant, rightOf } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { digest } from '#tests/support/samples.ts';

const yard: Fence = {
  shape: 'circle',
  fence: 'yard',
  centre: { lat: 52.520_008, lon: 13.404_954 },
  radius_m: 120.5,
};
const town: Fence = {
  shape: 'polygon',
  fence: 'town',
  corners: [
    { lat: 52.1, lon: 13.1 },
    { lat: 52.1, lon: 13.3 },
    { lat: 52.3, lon: 1e-7 },
  ],
};

/** What every place for shapes has to do. */
const holdToContract = async (shapes: FenceShapes): Promise<void> => {
  const [tenant, other] = [randomTenant(), randomTenant()];
  const digests = rightOf(await shapes.keep(tenant, [yard, town, yard])());
  expect(digests).toEqual([yard, town, yard].map((shape) => digestOf(shape)));
  expect(rightOf(await shapes.keep(tenant, [town])())).toEqual([digestOf(town)]);
  expect(rightOf(await shapes.keep(tenant, [])())).toEqual([]);
  const read = rightOf(await shapes.read(tenant, [digestOf(yard), digestOf(town), digest(1)])());
  const known: [Digest, Fence][] = [yard, town].map((shape) => [digestOf(shape), shape]);
  expect(read).toEqual(new Map(known));
  expect(rightOf(await shapes.read(other, digests)())).toEqual(new Map());
};

describe('shapes of fences', () => {
  let database: TestDatabase | undefined;
  const url = (): string => {
    if (!database) throw new Error('there is no database');
    return database.url;
  };
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database?.drop());

  it('are kept once under their digests, each tenant its own, in memory', () =>
    holdToContract(memoryFenceShapes()));

  it('are kept once under their digests, each tenant its own, in Postgres', async () => {
    const shapes = fenceShapes({ url: url() });
    await holdToContract(shapes);
    await shapes.close();
  });

  it('that were changed are not believed', async () => {
    const shapes = fenceShapes({ url: url() });
    const tenant = randomTenant();
    const [kept] = rightOf(await shapes.keep(tenant, [yard])());
    const sql = postgresPool({
      url: url(),
      connections_max: 1,
      statement_timeout_ms: 10_000,
      application: 'ledger-tests',
    });
    await sql`update fence_shapes set shape = replace(shape, '120.5', '999.5') where tenant = ${tenant}`;
    await sql.end({ timeout: 5 });
    await expect(shapes.read(tenant, kept ? [kept] : [])()).rejects.toThrow(/has been changed/);
    await shapes.close();
  });

  it('are away with the database, but for those at hand', async () => {
    const proxy = await faultProxy(Number(new URL(url()).port));
    const behind = new URL(url());
    behind.port = String(proxy.port);
    const shapes = fenceShapes({ url: behind.href });
    const tenant = randomTenant();
    const known = rightOf(await shapes.keep(tenant, [yard])());
    const read = rightOf(await shapes.read(tenant, known)());
    await proxy.refuse();
    const away = { left: { code: 'Unavailable' } };
    expect(await shapes.keep(tenant, [yard])()).toMatchObject(away);
    expect(await shapes.read(tenant, [digest(1)])()).toMatchObject(away);
    // What was read once never changes, and is at hand; another tenant has nothing of it.
    expect(rightOf(await shapes.read(tenant, known)())).toEqual(read);
    expect(await shapes.read(randomTenant(), known)()).toMatchObject(away);
    await shapes.close();
    await proxy.close();
  });
});
