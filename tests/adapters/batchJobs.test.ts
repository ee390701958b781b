import { setTimeout as sleep } from 'node:timers/promises';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { batchJobs } from '#adapters/batchJobs.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { BatchJob, JobFailure } from '#commands/batchJobs.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { randomTenant } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { rightOf } from '#tests/support/ledger.ts';

const KINDS = ['once', 'flaky', 'hopeless', 'tired', 'buggy', 'slow', 'away'] as const;
const WITHIN = { timeout: 15_000, interval: 50 };
const SECRET = 'Zoë Example';
const timing = {
  work_max_s: 1,
  retries_max: 2,
  retry_s: 1,
  retry_max_s: 1,
  poll_s: 0.5,
  watch_s: 1,
};

let database: TestDatabase | undefined;
let started: Awaited<ReturnType<typeof batchJobs>>[] = [];
const observed: unknown[] = [];
const open = async (url = database?.url ?? '') => {
  const observe = (error: unknown) => {
    observed.push(error);
  };
  const jobs = await batchJobs({ url, kinds: KINDS, observe, timing });
  started.push(jobs);
  return jobs;
};
const here = () => {
  const [jobs] = started;
  if (!jobs) throw new Error('not started');
  return jobs;
};

const jobOf = (kind: (typeof KINDS)[number], key = 'k'): BatchJob => ({
  ...{ kind, tenant: randomTenant(), key },
  data: { day: '2026-03-14' },
});
const countsOf = async ({ tenant }: BatchJob) =>
  rightOf(await here().counts(tenant)()).map(({ kind: _, ...counts }) => counts);
const deadOf = async ({ tenant }: BatchJob) => rightOf(await here().dead({ tenant, limit: 10 })());
const none = { waiting: 0, running: 0, done: 0, dead: 0 };

beforeAll(async () => {
  database = await testDatabase();
  await open();
});
afterAll(async () => {
  await Promise.all(started.map((jobs) => jobs.close()));
  started = [];
  await database?.drop();
});

describe.concurrent('work in the background', () => {
  it('is done once for its key, whoever asks for it and however often', async ({ expect }) => {
    const other = await open();
    const job = jobOf('once');
    const asked = [here(), other, here(), other].map((jobs) => jobs.put(job)());
    const answers = (await Promise.all(asked)).map(rightOf);
    expect(answers.filter((isNew) => isNew)).toHaveLength(1);
    expect(rightOf(await here().put({ ...job, key: 'l' })())).toBe(true);
    expect(await countsOf(job)).toEqual([{ ...none, waiting: 2 }]);
    const seen: BatchJob[] = [];
    for (const jobs of [here(), other]) {
      await jobs.work('once', async (each) => {
        seen.push(each);
        return right(null);
      });
    }
    await vi.waitFor(
      async () => expect(await countsOf(job)).toEqual([{ ...none, done: 2 }]),
      WITHIN,
    );
    expect(seen.toSorted((one, two) => (one.key < two.key ? -1 : 1))).toEqual([
      job,
      { ...job, key: 'l' },
    ]);
    expect(rightOf(await other.put(job)())).toBe(false);
  });

  it('is tried again after a failure that may pass', async ({ expect }) => {
    const job = jobOf('flaky');
    let tries = 0;
    await here().work('flaky', async () => {
      tries += 1;
      return tries < 3 ? left({ code: 'mail_away', again: true }) : right(null);
    });
    await here().put(job)();
    await vi.waitFor(
      async () => expect(await countsOf(job)).toEqual([{ ...none, done: 1 }]),
      WITHIN,
    );
    expect(tries).toBe(3);
    expect(await deadOf(job)).toEqual([]);
  });

  it('is dead at once where nothing will help, and is done again when somebody asks', async ({
    expect,
  }) => {
    const job = jobOf('hopeless');
    let failure: JobFailure | null = { code: 'mapping_wrong', again: false };
    await here().work('hopeless', async () => (failure === null ? right(null) : left(failure)));
    await here().put(job)();
    await vi.waitFor(async () => expect(await deadOf(job)).toHaveLength(1), WITHIN);
    const [dead] = await deadOf(job);
    expect(dead).toEqual({
      ...job,
      ...{ id: expect.any(String), code: 'mapping_wrong', attempts: 1 },
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const { id = '' } = dead ?? {};
    expect(rightOf(await here().put(job)())).toBe(false);
    expect(rightOf(await here().replay({ tenant: randomTenant(), id })())).toBe(false);
    expect(rightOf(await here().replay({ tenant: job.tenant, id: 'x' })())).toBe(false);
    failure = null;
    expect(rightOf(await here().replay({ tenant: job.tenant, id })())).toBe(true);
    await vi.waitFor(
      async () => expect(await countsOf(job)).toEqual([{ ...none, done: 1 }]),
      WITHIN,
    );
    expect(rightOf(await here().replay({ tenant: job.tenant, id })())).toBe(false);
  });

  it('is dead after the last try', async ({ expect }) => {
    const job = jobOf('tired');
    await here().work('tired', async () => left({ code: 'bank_away', again: true }));
    await here().put(job)();
    await vi.waitFor(
      async () => expect(await countsOf(job)).toEqual([{ ...none, dead: 1 }]),
      WITHIN,
    );
    expect(await deadOf(job)).toMatchObject([{ code: 'bank_away', attempts: 3 }]);
  });

  it('says of a bug that there is one, and keeps what was thrown out of the database', async ({
    expect,
  }) => {
    const job = jobOf('buggy');
    await here().work('buggy', async () => {
      throw new Error(SECRET);
    });
    await here().put(job)();
    await vi.waitFor(
      async () => expect(await deadOf(job)).toMatchObject([{ code: 'bug' }]),
      WITHIN,
    );
    expect(observed).toContainEqual(new Error(SECRET));
    const sql = postgresPool({
      url: database?.url ?? '',
      ...{ connections_max: 1, statement_timeout_ms: 5_000, application: 'ledger-tests' },
    });
    const rows = await sql`select j::text as row from batch_jobs.job j where name = 'buggy'`;
    await sql.end();
    expect(rows).toHaveLength(1);
    expect(String(rows[0]?.['row'])).not.toContain(SECRET);
  });

  it('that does not end is told to, and given to somebody else', async ({ expect }) => {
    const job = jobOf('slow');
    const told: string[] = [];
    await here().work('slow', async (_, signal) => {
      if (told.includes('over')) return right(null);
      signal.addEventListener('abort', () => told.push('over'));
      await sleep(30_000, null, { ref: false, signal }).catch(() => {});
      return right(null);
    });
    await here().put(job)();
    await vi.waitFor(
      async () => expect(await countsOf(job)).toEqual([{ ...none, done: 1 }]),
      WITHIN,
    );
    expect(told).toEqual(['over']);
  });

  it('is due by the clock, and no more when there is no such schedule', async ({ expect }) => {
    let ticks = 0;
    const tick = async () => {
      ticks += 1;
      throw new Error('a tick');
    };
    const schedule = { name: 'minute', cron: '* * * * *', zone: Zone.parse('Europe/Berlin'), tick };
    await here().every([schedule]);
    await vi.waitFor(() => expect(ticks).toBe(1), WITHIN);
    await vi.waitFor(() => expect(observed).toContainEqual(new Error('a tick')), WITHIN);
    await here().every([]);
    const sql = postgresPool({
      url: database?.url ?? '',
      ...{ connections_max: 1, statement_timeout_ms: 5_000, application: 'ledger-tests' },
    });
    expect(await sql`select name from batch_jobs.schedule`).toHaveLength(0);
    await sql.end();
  });
});

describe('work in the background, with the database away', () => {
  it('is not put, and goes on when it is back', async () => {
    const url = new URL(database?.url ?? '');
    const proxy = await faultProxy(Number(url.port));
    url.port = String(proxy.port);
    const jobs = await open(url.href);
    const job = jobOf('away');
    await proxy.refuse();
    expect(await jobs.put(job)()).toMatchObject({ left: { code: 'Unavailable' } });
    await proxy.heal();
    await vi.waitFor(async () => expect(await jobs.put(job)()).toEqual(right(true)), WITHIN);
    await jobs.close();
    started = started.filter((each) => each !== jobs);
    await proxy.close();
  });
});
