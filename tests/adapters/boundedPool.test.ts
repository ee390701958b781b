import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedPool } from '#adapters/boundedPool.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { type FaultProxy, faultProxy } from '#tests/support/faultProxy.ts';

describe('a bounded pool', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let pool: ReturnType<typeof boundedPool>;

  beforeAll(async () => {
    database = await testDatabase();
    const url = new URL(database.url);
    proxy = await faultProxy(Number(url.port));
    url.port = String(proxy.port);
    pool = boundedPool({
      url: url.href,
      connections_max: 2,
      statement_timeout_ms: 500,
      application: 'ledger-tests',
      arrays: false,
    });
  });
  afterAll(async () => {
    await pool.end(1);
    await proxy.close();
    await database.drop();
  });

  it('takes an answer only with the mark of its question', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map((n) =>
        pool.ask((sql, mark) => sql`select ${mark}::text as mark, ${n}::int as n`),
      ),
    );
    expect(answers.map(([row]) => row?.['n'])).toEqual([1, 2, 3]);
    const unmarked = await Promise.allSettled([
      pool.ask((sql, mark) => sql`select ${mark}::text as mark where false`),
      pool.ask((sql) => sql`select 'another' as mark`),
      pool.ask((sql) => sql`select 1 as n`),
    ]);
    const unanswered = { status: 'rejected', reason: { code: 'NO_ANSWER' } };
    expect(unmarked).toMatchObject([unanswered, unanswered, unanswered]);
  });

  it('goes on at once after a connection was lost, used or idle', async () => {
    const ask = () => pool.run((sql) => sql`select 1 as n`);
    for (let turn = 0; turn < 5; turn += 1) {
      await ask();
      const pending = pool.run((sql) => sql`select pg_sleep(0.3)`).catch(() => 'lost');
      await new Promise((resolve) => setTimeout(resolve, 50));
      proxy.cut();
      expect(await pending).toBe('lost');
      expect(await ask()).toHaveLength(1);
      proxy.cut();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await ask()).toHaveLength(1);
    }
  });

  it('does not outwait a server that says nothing', async () => {
    proxy.freeze();
    const begun_ms = performance.now();
    const asked = pool.run((sql) => sql`select 1 as n`);
    await expect(asked).rejects.toMatchObject({ code: 'NO_ANSWER' });
    expect(performance.now() - begun_ms).toBeLessThan(2_500);
    await proxy.heal();
    expect(await pool.run((sql) => sql`select 1 as n`)).toHaveLength(1);
  });

  it('keeps its connections when a statement is refused', async () => {
    const backend = async () => (await pool.run((sql) => sql`select pg_backend_pid() as pid`))[0];
    const before = await backend();
    await expect(pool.run((sql) => sql`select 1 / 0`)).rejects.toMatchObject({ code: '22012' });
    const seen = await Promise.all([backend(), backend(), backend()]);
    expect(seen).toContainEqual(before);
  });
});
