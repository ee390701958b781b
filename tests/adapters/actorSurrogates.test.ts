import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorSurrogates } from '#adapters/actorSurrogates.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';

const SIDE_BY_SIDE = 20;
const claimHash = {
  of: ({ kind, value }: { kind: string; value: string }) =>
    createHmac('sha256', 'of the tests').update(`${kind}\0${value}`).digest('hex'),
};
const issuer = 'https://login.example';

describe('stand-ins for actors', () => {
  let database: TestDatabase | undefined;
  const url = (): string => {
    if (!database) throw new Error('there is no database');
    return database.url;
  };
  const open = (cached_max = 2) => actorSurrogates({ url: url(), claimHash, cached_max });
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database?.drop());

  it('are random, and the same for the same login, in every process and side by side', async () => {
    const [one, other] = [open(), open()];
    const login = { issuer, subject: 'ann@example.org' };
    const asked = Array.from({ length: SIDE_BY_SIDE }, (_, n) =>
      (n % 2 === 0 ? one : other).of(login)(),
    );
    const actors = new Set((await Promise.all(asked)).map(rightOf));
    expect(actors.size).toBe(1);
    const [actor] = actors;
    expect(ActorId.parse(actor)).toBe(actor);
    await Promise.all([one.close(), other.close()]);
  });

  it('differ by issuer and by subject, whatever the two look like side by side', async () => {
    const surrogates = open();
    const logins = [
      { issuer, subject: 'a' },
      { issuer, subject: 'b' },
      { issuer: `${issuer}/`, subject: 'a' },
      { issuer: 'x', subject: 'yz' },
      { issuer: 'xy', subject: 'z' },
    ];
    const ask = async () => Promise.all(logins.map(async (login) => surrogates.of(login)()));
    const actors = (await ask()).map(rightOf);
    expect(new Set(actors).size).toBe(logins.length);
    // The cache holds two of them; the others come from the table again.
    expect((await ask()).map(rightOf)).toEqual(actors);
    await surrogates.close();
  });

  it('leave no login in the database', async () => {
    const surrogates = open();
    rightOf(await surrogates.of({ issuer, subject: 'unmistakable-subject' })());
    await surrogates.close();
    const sql = postgresPool({
      url: url(),
      connections_max: 1,
      statement_timeout_ms: 5_000,
      application: 'ledger-tests',
    });
    const rows = JSON.stringify(await sql`select * from actor_surrogates`);
    await sql.end();
    expect(rows).toContain('subject_hash');
    expect(rows).not.toContain('unmistakable');
    expect(rows).not.toContain('login.example');
  });

  it('are away with the database, but for those asked for lately', async () => {
    const proxy = await faultProxy(Number(new URL(url()).port));
    const behind = new URL(url());
    behind.port = String(proxy.port);
    const surrogates = actorSurrogates({ url: behind.href, claimHash, cached_max: 1 });
    const first = rightOf(await surrogates.of({ issuer, subject: 'first' })());
    await proxy.refuse();
    expect(rightOf(await surrogates.of({ issuer, subject: 'first' })())).toBe(first);
    expect(await surrogates.of({ issuer, subject: 'second' })()).toMatchObject({
      left: { code: 'Unavailable' },
    });
    await surrogates.close();
    await proxy.close();
  });
});
