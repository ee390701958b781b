import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { EventStore } from '#commands/ports.ts';
import { readModels } from '#projections/readModels.ts';
import { projectionRunner } from '#projections/runner.ts';
import { fillWithDemo } from './demoLog.ts';
import { boundedFigure, type Figure, interleaved, percentile } from './measure.ts';
import { fillStore } from './read.ts';
import { rebuilder } from './rebuildOnce.ts';
import { type Rig, rawPool } from './rig.ts';
import { tripsOf } from './sampleEvents.ts';

const BENCH = 'rebuild';
const MODELS = ['vehicles', 'trips', 'fines', 'asset_timeline'] as const;
const DEMO_TENANTS = 4;
const EVENTS_A_SECOND = 1_000;
const LAG_SECONDS = 10;
const TICK_MS = 20;

const run = promisify(execFile);

const filled = async (url: string, fill: (store: EventStore) => Promise<number>): Promise<void> => {
  const store = postgresEventStore({ url });
  const sql = rawPool(url, 1);
  await fill(store);
  await sql`vacuum (analyze) events`;
  await Promise.all([store.close(), sql.end()]);
};

/** Appends at a steady pace; answers when each position was acknowledged. */
const steadyLoad = async (store: EventStore, acknowledged: Map<bigint, number>): Promise<void> => {
  const writers = Array.from({ length: 20 }, (_, index) => tripsOf(`lag-${index}`));
  const begun = performance.now();
  let sent = 0;
  const pending: Promise<void>[] = [];
  const revisions = new Map<number, Promise<bigint | null>>();
  const send = (number: number): void => {
    const index = number % writers.length;
    const writer = writers[index];
    if (!writer) return;
    const event = writer.next(Math.floor(number / writers.length));
    const before = revisions.get(index) ?? Promise.resolve(null);
    const appended = before.then(async (revision) => {
      const expected = revision ?? 'no_stream';
      const result = await store.append({ stream: event.stream, expected, events: [event] })();
      if (isLeft(result)) throw new Error(`lag: ${result.left.code}`);
      acknowledged.set(result.right.position, performance.now());
      return result.right.revision;
    });
    revisions.set(index, appended);
    pending.push(appended.then(() => {}));
  };
  while (sent < EVENTS_A_SECOND * LAG_SECONDS) {
    const due = Math.floor(((performance.now() - begun) / 1_000) * EVENTS_A_SECOND);
    for (; sent < Math.min(due, EVENTS_A_SECOND * LAG_SECONDS); sent += 1) send(sent);
    await sleep(TICK_MS);
  }
  await Promise.all(pending);
};

const lagFigure = async ({ ledgerDatabase }: Rig): Promise<Figure> => {
  const url = await ledgerDatabase();
  const store = postgresEventStore({ url });
  const sql = rawPool(url, 6);
  const stopping = new AbortController();
  const acknowledged = new Map<bigint, number>();
  const seen: { position: bigint; at: number }[] = [];
  const runner = projectionRunner({
    sql,
    source: store,
    projections: readModels,
    observe: (sighting) => {
      if (sighting.type !== 'batch' || sighting.readModel !== 'trips') return;
      seen.push({ position: sighting.position, at: performance.now() });
    },
  });
  const running = runner.run(stopping.signal);
  try {
    await steadyLoad(store, acknowledged);
    await sleep(2_000);
  } finally {
    stopping.abort();
    await running;
    await Promise.all([store.close(), sql.end()]);
  }
  const lags = [...acknowledged].map(([position, at]) => {
    const shown = seen.find((batch) => batch.position >= position);
    return shown ? Math.max(0, shown.at - at) : Number.POSITIVE_INFINITY;
  });
  return boundedFigure({
    bench: BENCH,
    case: `lag of all read models at ${EVENTS_A_SECOND} events/s, p99`,
    unit: 'ms',
    value: percentile(lags, 0.99),
    bound: 100,
    sense: 'at most',
  });
};

const rate = (about: { readonly case: string; readonly value: number }): Figure =>
  boundedFigure({ bench: BENCH, unit: 'events/s', ...about, bound: 100_000, sense: 'at least' });

/** Rebuilding read models of a log, one after the other and round after round. */
const rebuildFigures = async (
  url: string,
  names: readonly string[],
  log: string,
): Promise<readonly Figure[]> => {
  const { rebuild, end } = rebuilder(url);
  try {
    const measured = await interleaved(
      Object.fromEntries(names.map((name) => [name, () => rebuild(name)])),
    );
    return names.map((name) => rate({ case: `${name}, ${log}`, value: measured[name] ?? 0 }));
  } finally {
    await end();
  }
};

const memoryFigure = async (url: string): Promise<Figure> => {
  const program = join(import.meta.dirname, 'rebuildMemory.ts');
  const { stdout } = await run(process.execPath, [program, url, ...MODELS]);
  const about = { bench: BENCH, case: 'memory, most', unit: 'MiB', value: Number(stdout) };
  return boundedFigure({ ...about, bound: 512, sense: 'at most' });
};

/**
 * Rebuilding one read model of the demo's log, and of a log in which every event is a trip; the memory that a
 * process needs for it; and how far read models lag under load.
 */
export const rebuildBench = async (ground: Rig): Promise<readonly Figure[]> => {
  const [demo, trips] = [await ground.ledgerDatabase(), await ground.ledgerDatabase()];
  await filled(demo, (store) => fillWithDemo(store, DEMO_TENANTS));
  await filled(trips, fillStore);
  return [
    ...(await rebuildFigures(demo, MODELS, 'demo')),
    ...(await rebuildFigures(trips, ['trips'], 'every event a row')),
    await memoryFigure(demo),
    await lagFigure(ground),
  ];
};
