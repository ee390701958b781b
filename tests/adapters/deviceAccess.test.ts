import { afterAll, describe, expect, it } from 'vitest';
import { deviceAccess } from '#adapters/deviceAccess.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { deviceAccessContract } from '#tests/contracts/deviceAccess.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { actor } from '#tests/support/ledger.ts';
import { acme, instant } from '#tests/support/samples.ts';

deviceAccessContract({
  name: 'in Postgres',
  start: async () => {
    const database = await testDatabase();
    const proxy = await faultProxy(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const opened: ReturnType<typeof deviceAccess>[] = [];
    return {
      open: (clock_ms) => {
        const access = deviceAccess({ url: url.href, clock_ms });
        opened.push(access);
        return access;
      },
      down: proxy.refuse,
      up: proxy.heal,
      close: async () => {
        await Promise.all(opened.map((each) => each.close()));
        await proxy.close();
        await database.drop();
      },
    };
  },
});

describe('the table of devices', () => {
  const opened: { close: () => Promise<void> }[] = [];
  afterAll(() => Promise.all(opened.map((each) => each.close())));

  it('holds no secret', async () => {
    const database = await testDatabase();
    const access = deviceAccess({ url: database.url });
    const sql = postgresPool({
      url: database.url,
      connections_max: 1,
      statement_timeout_ms: 5_000,
      application: 'ledger-tests',
    });
    opened.push(access, { close: () => sql.end({ timeout: 5 }) }, { close: database.drop });
    const change = {
      tenant: acme,
      ident: DeviceIdent.parse('van-1'),
      actor: actor.id,
      at: instant('2026-03-02T08:00:00.000Z'),
    };
    const { secret } = rightOf(await access.register({ ...change, datagrams: false })());
    const [row] = await sql`select device_access::text as whole, hash from device_access`;
    expect(String(row?.['whole'])).toContain('van-1');
    expect(String(row?.['whole'])).not.toContain(secret);
    expect(String(row?.['whole'])).not.toContain(Buffer.from(secret).toString('hex'));
    const rotated = rightOf(await access.rotate(change)());
    const [next] = await sql`select hash from device_access`;
    expect(next?.['hash']).not.toEqual(row?.['hash']);
    expect(rotated.secret).not.toBe(secret);
  });
});
