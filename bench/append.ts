import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { EventStore } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { appendEventStoreDb } from './appendEventStoreDb.ts';
import {
  boundedFigure,
  comparedFigure,
  type Figure,
  interleaved,
  percentile,
  perSecond,
} from './measure.ts';
import { type Rig, rawPool } from './rig.ts';
import { tripList } from './sampleEvents.ts';

const BENCH = 'append';
const EVENTS_A_ROUND = { 1: 600, 64: 12_800, 256: 25_600 } as const;
const PEER_EVENTS_A_ROUND = { 1: 600, 64: 3_200, 256: 5_120 } as const;
const BATCH_EVENTS = 500;
const BATCH_WRITERS = 4;
const BATCHES_A_WRITER = 10;

type Writers = keyof typeof EVENTS_A_ROUND;

let round = 0;
const freshSeed = (): string => {
  round += 1;
  return `round-${round}`;
};

/** Streams of events, made before the clock starts. */
const workOf = (writers: number, events: number) =>
  Array.from({ length: writers }, () => tripList(freshSeed(), Math.ceil(events / writers)));

const must = async (store: EventStore, events: readonly LedgerEvent[], revision: bigint | null) => {
  const [first] = events;
  if (!first) throw new Error('there is nothing to append');
  const expected = revision ?? 'no_stream';
  const result = await store.append({ stream: first.stream, expected, events })();
  if (isLeft(result)) throw new Error(`append: ${result.left.code}`);
  return result.right.revision;
};

/** The first run warms up: its latencies are forgotten. */
const ours = (store: EventStore, latencies_ms: number[]) => {
  let runs = 0;
  return (writers: Writers): Promise<number> => {
    if (runs === 1) latencies_ms.length = 0;
    runs += 1;
    const work = workOf(writers, EVENTS_A_ROUND[writers]);
    return perSecond(EVENTS_A_ROUND[writers], async () => {
      await Promise.all(
        work.map(async ({ events }) => {
          let revision: bigint | null = null;
          for (const event of events) {
            const begun = performance.now();
            revision = await must(store, [event], revision);
            if (writers === 64) latencies_ms.push(performance.now() - begun);
          }
        }),
      );
    });
  };
};

type Emmett = ReturnType<typeof getPostgreSQLEventStore>;

const emmetts =
  (peer: Emmett) =>
  (writers: Writers): Promise<number> => {
    const count = PEER_EVENTS_A_ROUND[writers];
    const work = workOf(writers, count);
    return perSecond(count, async () => {
      await Promise.all(
        work.map(async ({ stream, events }) => {
          for (const [index, { type, data, ...metadata }] of events.entries()) {
            const expectedStreamVersion = index === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(index);
            const event = { type, data, metadata };
            await peer.appendToStream(stream, [event], { expectedStreamVersion });
          }
        }),
      );
    });
  };

const rawTable = async (url: string) => {
  const sql = rawPool(url, 4);
  await sql`
    create table raw_events (position bigint generated always as identity primary key, stream text not null,
      revision bigint not null, body text not null, unique (stream, revision))`;
  return sql;
};

/** A single row in a statement and a transaction of its own. */
const rawSingles = (sql: Awaited<ReturnType<typeof rawTable>>) => async () => {
  const [{ stream, events } = tripList('none', 0)] = workOf(1, EVENTS_A_ROUND[1]);
  return perSecond(events.length, async () => {
    for (const [revision, event] of events.entries()) {
      await sql`
        insert into raw_events (stream, revision, body) values (${stream}, ${revision}, ${canonicalJson(event)})`;
    }
  });
};

/** The same rows as ours in one statement a batch. */
const rawBatches = (sql: Awaited<ReturnType<typeof rawTable>>) => async () => {
  const work = workOf(BATCH_WRITERS, BATCH_WRITERS * BATCHES_A_WRITER * BATCH_EVENTS);
  return perSecond(BATCH_WRITERS * BATCHES_A_WRITER * BATCH_EVENTS, async () => {
    await Promise.all(
      work.map(async ({ stream, events }) => {
        for (let start = 0; start < events.length; start += BATCH_EVENTS) {
          const batch = events.slice(start, start + BATCH_EVENTS);
          const revisions = batch.map((_, index) => start + index);
          await sql`
            insert into raw_events (stream, revision, body)
            select ${stream}, * from unnest(${revisions}::bigint[], ${batch.map(canonicalJson)}::text[])`;
        }
      }),
    );
  });
};

const ourBatches = (store: EventStore) => async () => {
  const work = workOf(BATCH_WRITERS, BATCH_WRITERS * BATCHES_A_WRITER * BATCH_EVENTS);
  return perSecond(BATCH_WRITERS * BATCHES_A_WRITER * BATCH_EVENTS, async () => {
    await Promise.all(
      work.map(async ({ events }) => {
        let revision: bigint | null = null;
        for (let start = 0; start < events.length; start += BATCH_EVENTS) {
          revision = await must(store, events.slice(start, start + BATCH_EVENTS), revision);
        }
      }),
    );
  });
};

/** Appending through the store port: beside Emmett's Postgres store, and beside raw statements. */
export const appendBench = async ({
  ledgerDatabase,
  emptyDatabase,
}: Rig): Promise<readonly Figure[]> => {
  const store = postgresEventStore({ url: await ledgerDatabase() });
  const peer = getPostgreSQLEventStore(await emptyDatabase());
  const sql = await rawTable(await emptyDatabase());
  const latencies_ms: number[] = [];
  try {
    const [append, emmett] = [ours(store, latencies_ms), emmetts(peer)];
    const figures: Figure[] = [];
    for (const [writers, atLeast] of [
      [64, 7],
      [256, 9],
    ] as const) {
      const run = await interleaved({ ours: () => append(writers), peer: () => emmett(writers) });
      const measured = { value: run['ours'] ?? 0, peer: 'Emmett', peer_value: run['peer'] ?? 0 };
      const about = { bench: BENCH, case: `${writers} writers`, unit: 'events/s' };
      figures.push(comparedFigure({ ...about, ...measured, atLeast }));
    }
    const value = percentile(latencies_ms, 0.99);
    const bounds = { bound: 10, sense: 'at most' } as const;
    figures.push(
      boundedFigure({ bench: BENCH, case: '64 writers, p99', unit: 'ms', value, ...bounds }),
    );
    const one = await interleaved({
      ours: () => append(1),
      peer: () => emmett(1),
      raw: rawSingles(sql),
    });
    const single = { bench: BENCH, case: 'one writer', unit: 'events/s', value: one['ours'] ?? 0 };
    figures.push(
      comparedFigure({ ...single, peer: 'Emmett', peer_value: one['peer'] ?? 0, atLeast: 1.4 }),
      comparedFigure({ ...single, peer: 'raw insert', peer_value: one['raw'] ?? 0, atLeast: 0.6 }),
    );
    const many = await interleaved({ ours: ourBatches(store), raw: rawBatches(sql) });
    const batches = { bench: BENCH, case: '4 writers, 500 a batch', unit: 'events/s' };
    const measured = { value: many['ours'] ?? 0, peer: 'raw unnest', peer_value: many['raw'] ?? 0 };
    figures.push(comparedFigure({ ...batches, ...measured, atLeast: 0.45 }));
    figures.push(...(await appendEventStoreDb()));
    return figures;
  } finally {
    await Promise.all([store.close(), peer.close(), sql.end()]);
  }
};
