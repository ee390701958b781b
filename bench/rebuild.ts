import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { EventStore } from '#commands/ports.ts';
import type { AnyProjection } from '#projections/projection.ts';
import { readModels } from '#projections/readModels.ts';
import { rebuild } from '#projections/rebuild.ts';
import { projectionRunner } from '#projections/runner.ts';
import { boundedFigure, type Figure, interleaved, percentile } from './measure.ts';
import { fillStore } from './read.ts';
import { type Rig, rawPool } from './rig.ts';
import { tripsOf } from './sampleEvents.ts';

const BENCH = 'rebuild';
const MEASURED = ['trips', 'rentals'] as const;
const EVENTS_A_SECOND = 1_000;
const LAG_SECONDS = 10;
const TICK_MS = 20;
const MEMORY_LOOK_MS = 50;

const modelOf = (name: string): AnyProjection => {
  const found = readModels.find((model) => model.name === name);
  if (!found) throw new Error(`there is no read model ${name}`);
  return found;
};

/** The most memory that the process held while work went on, in MiB. */
const peakMemory = async (work: () => Promise<void>): Promise<number> => {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, MEMORY_LOOK_MS);
  await work();
  clearInterval(timer);
  return peak / 1024 ** 2;
};

const rebuildOnce = async (
  store: EventStore,
  sql: ReturnType<typeof rawPool>,
  projection: AnyProjection,
): Promise<number> => {
  const rebuilt = await rebuild({
    sql,
    source: store,
    announce: async () => true,
    signal: new AbortController().signal,
  })({ projection });
  if (isLeft(rebuilt)) throw new Error(`rebuild: ${rebuilt.left.code}`);
  return rebuilt.right.events / (rebuilt.right.ms / 1_000);
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

/**
 * Rebuilding one read model beside reading alone, the memory it takes, and how far read models lag under
 * load.
 */
export const rebuildBench = async (ground: Rig): Promise<readonly Figure[]> => {
  const url = await ground.ledgerDatabase();
  const store = postgresEventStore({ url });
  const sql = rawPool(url, 4);
  const figures: Figure[] = [];
  try {
    await fillStore(store);
    await sql`vacuum (analyze) events`;
    let measured: Readonly<Record<string, number>> = {};
    const peak = await peakMemory(async () => {
      measured = await interleaved(
        Object.fromEntries(
          MEASURED.map((name) => [name, () => rebuildOnce(store, sql, modelOf(name))]),
        ),
      );
    });
    for (const name of MEASURED) {
      const value = measured[name] ?? 0;
      const bounds = { bound: 100_000, sense: 'at least' } as const;
      figures.push(boundedFigure({ bench: BENCH, case: name, unit: 'events/s', value, ...bounds }));
    }
    const bounds = { bound: 512, sense: 'at most' } as const;
    figures.push(
      boundedFigure({ bench: BENCH, case: 'memory, most', unit: 'MiB', value: peak, ...bounds }),
    );
  } finally {
    await Promise.all([store.close(), sql.end()]);
  }
  figures.push(await lagFigure(ground));
  return figures;
};
