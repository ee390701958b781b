import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { batchJobs } from '#adapters/batchJobs.ts';
import { importFiles } from '#adapters/importFiles.ts';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import type { BatchJob } from '#commands/batchJobs.ts';
import type { EventStore } from '#commands/ports.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { type ImportKind, ImportMapping } from '#ingest/imports/importMapping.ts';
import { askImport, IMPORT, importWork } from '#ingest/imports/imports.ts';
import { lookIntoFolder } from '#main/importFolder.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { actor, allEvents, rightOf, smallFleet, testLedger } from '#tests/support/ledger.ts';
import { acme, instant } from '#tests/support/samples.ts';

const mapping = ImportMapping.parse({});
const by = { actor, parks: '*' } as const;
const signal = new AbortController().signal;
const PARTS = 'type,transaction,date,park,part,quantity,amount,currency,reason';

let database: TestDatabase | undefined;
let files: ReturnType<typeof importFiles> | undefined;
const store = () => {
  if (!files) throw new Error('not started');
  return files;
};
beforeAll(async () => {
  database = await testDatabase();
  files = importFiles({ url: database.url });
});
afterAll(async () => {
  await files?.close();
  await database?.drop();
});

/** A fleet, and jobs that are done when `work` says so: each part of a file puts the next. */
const scene = async (wrap: (store: EventStore) => EventStore = (same) => same) => {
  const log = memoryLog();
  const events = memoryEventStore(log);
  const fleet = await smallFleet(testLedger(events).ledger);
  const { ledger: workspace } = testLedger(wrap(events));
  const waiting: BatchJob[] = [];
  const known = new Set<string>();
  const put = (job: BatchJob) => async () => {
    const isNew = !known.has(job.key);
    if (isNew) waiting.push(job);
    known.add(job.key);
    return right(isNew);
  };
  const parts = { workspace, files: store(), jobs: { put }, rowsPerJob: 2 };
  let dryRuns = 0;
  return {
    ...{ ...fleet, log, parts, waiting },
    ask: async (kind: ImportKind, lines: readonly string[], dryRun = false) => {
      dryRuns += 1;
      const nonce = String(dryRuns);
      const file = { kind, mapping, text: lines.join('\n'), dryRun, nonce, by };
      return rightOf(await askImport(parts)(acme, file));
    },
    work: async () => {
      for (let job = waiting[0]; job; job = waiting[0]) {
        const done = await importWork(parts)(job, signal);
        if (done._tag === 'Left') return done;
        waiting.shift();
      }
      return right(null);
    },
    status: async (id: string) => rightOf(await store().statuses(acme, { id })())[0],
    typesOf: async () => (await allEvents(events)).map(({ type }) => type),
  };
};

const receipts = (park: string, count: number) => [
  PARTS,
  ...Array.from(
    { length: count },
    (_, n) => `receipt,R-${n},2026-03-02,${park},PAD-${n},1.5,10.00,EUR,`,
  ),
];
const received = (types: readonly string[]) => types.filter((type) => type === 'PartsReceived');

describe('taking a file in', () => {
  it('takes what is right, lists what is wrong, and takes nothing twice', async () => {
    const { park, ask, work, status, typesOf } = await scene();
    const lines = [
      PARTS,
      `receipt,A-1,2026-03-02,${park},PAD,4,80.00,EUR,`,
      `receipt,A-2,2026-03-02,${park},PAD,many,80.00,EUR,`,
      `count,A-3,2026-03-02,${park},PAD,3,60.00,EUR,stocktaking`,
      `receipt,A-1,2026-03-02,${park},PAD,5,90.00,EUR,`,
      `receipt,A-4,2026-03-02,${park},PAD,1,1.00,TRY,`,
      `receipt,A-5,2999-03-02,${park},PAD,1,1.00,EUR,`,
    ];
    const { id, isNew } = await ask('inventory', lines);
    expect(isNew).toBe(true);
    expect(await status(id)).toMatchObject({ rows: 6, done: 0, taken: 0 });
    expect(await work()).toEqual(right(null));
    expect(await status(id)).toMatchObject({
      ...{ rows: 6, done: 6, taken: 2, known: 0, wrong: 4 },
      faults: [
        { line: 3, column: 'quantity', code: 'quantity_malformed' },
        { line: 5, column: null, code: 'transaction_reused' },
        { line: 6, column: null, code: 'foreign_currency' },
        { line: 7, column: null, code: 'date_in_the_future' },
      ],
    });
    const types = await typesOf();
    expect(await ask('inventory', lines)).toEqual({ id, isNew: false });
    const other = await ask('inventory', lines.slice(0, 2));
    expect(await work()).toEqual(right(null));
    expect(await status(other.id)).toMatchObject({ taken: 0, known: 1, wrong: 0 });
    expect(await typesOf()).toEqual(types);
  });

  it('says in a dry run what would happen, and leaves nothing behind', async () => {
    const { vehicle, ask, work, status, typesOf } = await scene();
    const lines = [
      'type,transaction,date,vehicle,repair,reason,severity,line,part,quantity,amount,currency',
      `repair,W-1,2026-03-02,${vehicle},,wear,minor,,,,,`,
      `cost,W-2,2026-03-02,${vehicle},W-1,,,part,PAD,2,40.00,EUR`,
      `cost,W-3,2026-03-02,${vehicle},W-9,,,labour,HOUR,0.5,30.00,EUR`,
      `completion,W-4,2026-03-02,${vehicle},W-1,,,,,,,`,
    ];
    const before = await typesOf();
    const outcome = {
      ...{ done: 4, taken: 3, known: 0, wrong: 1 },
      faults: [{ line: 4, column: null, code: 'repair_unknown' }],
    };
    const tried = await ask('maintenance', lines, true);
    await work();
    expect(await status(tried.id)).toMatchObject({ dryRun: true, ...outcome });
    expect(await typesOf()).toEqual(before);
    const real = await ask('maintenance', lines);
    await work();
    expect(await status(real.id)).toMatchObject({ dryRun: false, ...outcome });
    const after = (await typesOf()).slice(before.length);
    expect(after).toEqual(['RepairOpened', 'RepairCostAdded', 'RepairCompleted']);
    const again = await ask('maintenance', lines, true);
    expect(again.isNew).toBe(true);
    await work();
    expect(await status(again.id)).toMatchObject({ taken: 0, known: 3, wrong: 1 });
  });

  it('posts entries and takes payments of drivers', async () => {
    const { park, ann, ask, work, status, typesOf } = await scene();
    const { id } = await ask('finance', [
      'type,transaction,date,park,driver,debit,credit,amount,currency,reason,via',
      `entry,F-1,2026-03-02,${park},,5020,2000,95.40,EUR,insurance,`,
      `payment,F-2,2026-03-02,,${ann},,,50.00,EUR,,bank`,
      `entry,F-3,2026-03-02,${park},,5999,2000,1.00,EUR,insurance,`,
    ]);
    await work();
    expect(await status(id)).toMatchObject({
      ...{ taken: 2, wrong: 1 },
      faults: [{ line: 4, column: null, code: 'account_unknown' }],
    });
    expect(await typesOf()).toEqual(
      expect.arrayContaining(['EntryPosted', 'DriverPaymentReceived']),
    );
  });

  it('goes on where it was killed, without doubles', async () => {
    let appends = 0;
    const dying = (whole: EventStore): EventStore => ({
      ...whole,
      append: (request) => async () => {
        const done = await whole.append(request)();
        appends += 1;
        // Dies once the row is in the log and before anybody is told.
        if (appends === 3) throw new Error('killed');
        return done;
      },
    });
    const { park, ask, work, status, typesOf, waiting } = await scene(dying);
    const { id } = await ask('inventory', receipts(park, 5));
    await expect(work()).rejects.toThrow('killed');
    expect(await status(id)).toMatchObject({ done: 2 });
    expect(waiting).toHaveLength(1);
    expect(await work()).toEqual(right(null));
    expect(await status(id)).toMatchObject({ done: 5, taken: 4, known: 1, wrong: 0 });
    expect(received(await typesOf())).toHaveLength(5);
  });

  it('waits while a store is away, and stops when its time is over', async () => {
    const { park, log, parts, ask, work, status, waiting } = await scene();
    const { id } = await ask('inventory', receipts(park, 3));
    log.up = false;
    expect(await work()).toEqual(left({ code: 'unavailable', again: true }));
    expect(await status(id)).toMatchObject({ done: 0, wrong: 0 });
    log.up = true;
    const over = AbortSignal.abort();
    const [job] = waiting;
    if (!job) throw new Error('no job');
    const late = await importWork(parts)(job, over);
    expect(late).toEqual(left({ code: 'out_of_time', again: true }));
    const nowhere = importFiles({ url: 'postgres://127.0.0.1:1/none' });
    const lost = await importWork({ ...parts, files: nowhere })(job, signal);
    expect(lost).toEqual(left({ code: 'unavailable', again: true }));
    await nowhere.close();
    expect(await work()).toEqual(right(null));
    expect(await status(id)).toMatchObject({ done: 3, taken: 3 });
  });

  it('is known for good, and what it said is not', async () => {
    const { park, ask, work, status, waiting, parts } = await scene();
    const { id } = await ask('inventory', receipts(park, 2));
    const [job] = waiting;
    await work();
    rightOf(await store().sweep(instant('2999-01-01T00:00:00.000Z'))());
    expect(await status(id)).toMatchObject({ done: 2, taken: 2 });
    expect(await ask('inventory', receipts(park, 2))).toEqual({ id, isNew: false });
    if (!job) throw new Error('no job');
    const gone = await importWork(parts)(job, signal);
    expect(gone).toEqual(left({ code: 'import_unknown', again: false }));
    expect(rightOf(await store().statuses(Tenant.parse('other'), { limit: 9 })())).toEqual([]);
  });
});

describe('jobs that take files in', () => {
  it('are dead where a store stays away, and are done when somebody replays them', async () => {
    const { park, log, parts, status } = await scene();
    const timing = { work_max_s: 20, retries_max: 0, retry_s: 1, retry_max_s: 1, poll_s: 0.5 };
    const jobs = await batchJobs({
      ...{ url: database?.url ?? '', kinds: [IMPORT], observe: () => {} },
      timing: { ...timing, watch_s: 1 },
    });
    const taking = { ...parts, jobs };
    await jobs.work(IMPORT, importWork(taking));
    log.up = false;
    const text = receipts(park, 3).join('\n');
    const file = { kind: 'inventory', mapping, text, dryRun: false, nonce: '', by } as const;
    const { id } = rightOf(await askImport(taking)(acme, file));
    const within = { timeout: 15_000, interval: 100 };
    const dead = async () => rightOf(await jobs.dead({ tenant: acme, limit: 5 })());
    await vi.waitFor(async () => expect(await dead()).toHaveLength(1), within);
    const [job] = await dead();
    expect(job).toMatchObject({ code: 'unavailable', data: { import: id, from: '0' } });
    expect(JSON.stringify(job)).not.toContain('PAD');
    log.up = true;
    expect(rightOf(await jobs.replay({ tenant: acme, id: job?.id ?? '' })())).toBe(true);
    await vi.waitFor(async () => expect((await status(id))?.done).toBe(3), within);
    await jobs.close();
  });
});

describe('a folder of files', () => {
  it('is looked through for what is complete and new', async () => {
    const { park, parts, work, status, waiting } = await scene();
    const directory = await mkdtemp(join(tmpdir(), 'ledger-imports-'));
    const folder = join(directory, acme, 'inventory');
    await mkdir(folder, { recursive: true });
    const refused: string[] = [];
    const now_ms = Date.now();
    const look = lookIntoFolder(parts, directory, {
      now_ms: () => now_ms,
      refused: (code) => refused.push(code),
    });
    const put = async (name: string, text: string, age_s: number) => {
      await writeFile(join(folder, name), text);
      const then_s = now_ms / 1_000 - age_s;
      await utimes(join(folder, name), then_s, then_s);
    };
    const columns = { transaction: 'slip' };
    await put('mapping.json', JSON.stringify({ columns }), 0);
    const text = receipts(park, 2).join('\n').replace('transaction', 'slip');
    await put('old.csv', text, 120);
    await put('broken.csv', 'a,b\n1,2\n', 120);
    await put('being-written.csv', text.slice(0, -20), 5);
    await put('notes.txt', text, 120);
    expect(await look(acme, 'inventory')).toBe(1);
    expect(refused).toEqual(['ColumnsMissing']);
    expect(await look(acme, 'inventory')).toBe(0);
    expect(await look(acme, 'finance')).toBe(0);
    const id = waiting[0]?.data['import'] ?? '';
    await work();
    expect(await status(id)).toMatchObject({ kind: 'inventory', taken: 2, wrong: 0 });
    await rm(directory, { recursive: true });
  });
});
