import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { jobQueue } from '#adapters/jobQueue.ts';
import { memoryJobQueue } from '#adapters/memoryJobQueue.ts';
import type { JobQueue, QueuedJob } from '#commands/immobilization/ports.ts';
import { JobId } from '#domain/kernel/ids.ts';
import { randomTenant } from '#tests/contracts/vaultHarness.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { uuid8, van } from '#tests/support/samples.ts';

const jobOf = (n: number): QueuedJob => ({
  tenant: randomTenant(),
  job: JobId.parse(`${van}~${uuid8(n)}`),
});
const take = async (queue: JobQueue, lease_s = 10) =>
  rightOf(await queue.claim({ jobs_max: 100, lease_s })());
const put = async (queue: JobQueue, job: QueuedJob, urgent = false) =>
  rightOf(await queue.put({ ...job, urgent })());

/** What every queue has to do. */
const holdToContract = (open: () => JobQueue): void => {
  const emptied = async (queue: JobQueue): Promise<void> => {
    for (const job of await take(queue)) rightOf(await queue.remove(job)());
  };

  it('hands a job to one owner at a time', async () => {
    const [one, other] = [open(), open()];
    await emptied(one);
    const job = jobOf(1);
    await put(one, job);
    const both = await Promise.all([take(one), take(other), take(one), take(other)]);
    expect(both.flat()).toMatchObject([job]);
    expect(await take(other)).toEqual([]);
    for (const each of both.flat()) rightOf(await one.remove(each)());
  });

  it('gives the job of an owner who died back, and lets the dead one do nothing more', async () => {
    const queue = open();
    await emptied(queue);
    await put(queue, jobOf(2));
    const [dead] = await take(queue, 0.05);
    await sleep(80);
    const [heir] = await take(queue);
    if (!dead || !heir) throw new Error('not handed on');
    rightOf(await queue.remove(dead)());
    rightOf(await queue.postpone(dead, 0)());
    expect(await take(queue)).toEqual([]);
    expect(rightOf(await queue.size()())).toBe(1);
    rightOf(await queue.remove(heir)());
    expect(rightOf(await queue.size()())).toBe(0);
  });

  it('keeps a job for its owner as long as it is renewed', async () => {
    const queue = open();
    await emptied(queue);
    await put(queue, jobOf(3));
    const held = await take(queue, 0.1);
    rightOf(await queue.renew(held, 10)());
    await sleep(150);
    expect(await take(queue)).toEqual([]);
    for (const job of held) rightOf(await queue.remove(job)());
  });

  it('hands a job out when it is due, and not before', async () => {
    const queue = open();
    await emptied(queue);
    await put(queue, jobOf(4));
    const [job] = await take(queue);
    if (!job) throw new Error('nothing there');
    rightOf(await queue.postpone(job, 0.1)());
    expect(await take(queue)).toEqual([]);
    await sleep(150);
    const again = await take(queue);
    expect(again).toHaveLength(1);
    for (const each of again) rightOf(await queue.remove(each)());
  });

  it('hands a job out at once that was put while somebody had it', async () => {
    for (const give of ['postpone', 'remove'] as const) {
      const queue = open();
      await emptied(queue);
      const job = jobOf(5);
      await put(queue, job);
      const [held] = await take(queue);
      if (!held) throw new Error('nothing there');
      await put(queue, job);
      expect(await take(queue)).toEqual([]);
      rightOf(give === 'postpone' ? await queue.postpone(held, 60)() : await queue.remove(held)());
      const again = await take(queue);
      expect(again).toMatchObject([job]);
      for (const each of again) rightOf(await queue.remove(each)());
    }
  });

  it('counts what is put many times at once, and gives many back at once, each to its own time', async () => {
    const queue = open();
    await emptied(queue);
    const jobs = [jobOf(9), jobOf(10), jobOf(11)];
    await Promise.all([...jobs, ...jobs, ...jobs].map((job) => put(queue, job)));
    const held = await take(queue);
    expect(held).toHaveLength(3);
    const [again, later, gone] = held;
    if (!again || !later || !gone) throw new Error('nothing there');
    await put(queue, gone);
    const given = [queue.postpone(again, 0), queue.postpone(later, 60), queue.remove(gone)];
    for (const each of await Promise.all(given.map((give) => give()))) rightOf(each);
    await sleep(5);
    const due = await take(queue);
    expect(due.map(({ job }) => job).toSorted()).toEqual([again.job, gone.job].toSorted());
    expect(rightOf(await queue.size()())).toBe(3);
    await Promise.all(due.map((each) => queue.remove(each)()));
    await put(queue, later);
    const last = await take(queue);
    expect(last).toMatchObject([{ job: later.job, version: later.version + 1 }]);
    await Promise.all(last.map((each) => queue.remove(each)()));
    expect(rightOf(await queue.size()())).toBe(0);
  });

  it('hands out what is urgent before all else', async () => {
    const queue = open();
    await emptied(queue);
    const [block, release] = [jobOf(10), jobOf(11)];
    await put(queue, block);
    await sleep(2);
    await put(queue, release, true);
    const first = rightOf(await queue.claim({ jobs_max: 1, lease_s: 10 })());
    expect(first).toMatchObject([release]);
    for (const job of [...first, ...(await take(queue))]) rightOf(await queue.remove(job)());
  });

  it('hands out no more than was asked for, those due longest first', async () => {
    const queue = open();
    await emptied(queue);
    const jobs = [jobOf(6), jobOf(7), jobOf(8)];
    for (const job of jobs) {
      await put(queue, job);
      await sleep(2);
    }
    const two = rightOf(await queue.claim({ jobs_max: 2, lease_s: 10 })());
    expect(two.map(({ job }) => job).toSorted()).toEqual([jobs[0]?.job, jobs[1]?.job]);
    for (const job of [...two, ...(await take(queue))]) rightOf(await queue.remove(job)());
  });
};

describe('the queue of jobs in memory', () => {
  const queue = memoryJobQueue(() => performance.now());
  holdToContract(() => queue);
});

describe('the queue of jobs in Postgres', () => {
  let database: TestDatabase;
  const opened: ReturnType<typeof jobQueue>[] = [];
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    await Promise.all(opened.map((queue) => queue.close()));
    await database.drop();
  });
  const open = (): JobQueue => {
    const queue = jobQueue({ url: database.url });
    opened.push(queue);
    return queue;
  };
  holdToContract(open);

  it('says that it is away, and is there again', async () => {
    const proxy = await faultProxy(Number(new URL(database.url).port));
    const behind = new URL(database.url);
    behind.port = String(proxy.port);
    const queue = jobQueue({ url: behind.href });
    opened.push(queue);
    const job = jobOf(9);
    await put(queue, job);
    await proxy.refuse();
    expect(isLeft(await queue.put({ ...job, urgent: false })())).toBe(true);
    await proxy.heal();
    await vi.waitFor(async () => put(queue, job), { timeout: 5_000 });
    for (const each of await take(queue)) rightOf(await queue.remove(each)());
    await proxy.close();
  });
});
