import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { PendingQuery } from 'postgres';
import { z } from 'zod';
import { encodeAppend } from '#commands/encodeAppend.ts';
import { groupCommit } from '#commands/groupCommit.ts';
import type {
  Appended,
  AppendFailure,
  AppendRequest,
  EventStore,
  RecordedEvent,
} from '#commands/ports.ts';
import { boundedPool } from './boundedPool.ts';
import { followLog, type GrowthSign, growthSign } from './followLog.ts';
import { readFailure, writeFailure } from './postgresFailure.ts';
import { type PostgresPool, postgresPool } from './postgresPool.ts';

const APPEND_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const READ_CONNECTIONS_MAX = 4;
const POLL_MS = 500;
const CLOSE_TIMEOUT_S = 5;
const GROUP_LIMITS = {
  group_items_max: 512,
  group_weight_max: 4 * 1024 * 1024,
  waiting_items_max: 20_000,
  waiting_max_ms: 10_000,
  flights_max: 2,
  shared_items_min: 16,
};

type Outcome = Either<AppendFailure, Appended>;

interface EncodedAppend {
  readonly request: AppendRequest;
  readonly texts: readonly string[];
}

/** Numbers in the way Postgres writes an array. */
const NumberArray = z
  .string()
  .regex(/^\{-?\d+(?:,-?\d+)*\}$/)
  .transform((text) => text.slice(1, -1).split(',').map(BigInt));

const GroupAnswer = z.tuple([
  z.object({ outcomes: NumberArray, revisions: NumberArray, positions: NumberArray }),
]);

/**
 * An array in the way Postgres reads it. None of ours holds anything to be quoted: names, ids, types and
 * numbers.
 */
const arrayText = (items: readonly (string | number | bigint)[]): string => `{${items.join(',')}}`;

/** The arguments of `append_events`: see migrations/0001_event_store.sql. */
const groupArguments = (appends: readonly EncodedAppend[]) => {
  const streams = [...new Set(appends.map(({ request }) => request.stream))];
  const places = new Map(streams.map((stream, index) => [stream, index + 1]));
  const events = appends.flatMap(({ request }) => request.events);
  const expected = appends.map(({ request }) => request.expected);
  return {
    streams: arrayText(streams),
    streamOf: arrayText(appends.map(({ request }) => places.get(request.stream) ?? 0)),
    expected: arrayText(expected.map((revision) => (revision === 'no_stream' ? -1n : revision))),
    counts: arrayText(appends.map(({ texts }) => texts.length)),
    appendOf: arrayText(appends.flatMap(({ texts }, index) => texts.map(() => index + 1))),
    ids: arrayText(events.map(({ id }) => id)),
    types: arrayText(events.map(({ type }) => type)),
    bodies: appends.flatMap(({ texts }) => texts).join('\n'),
  };
};

const commitGroup =
  (writer: ReturnType<typeof boundedPool>, observe: (appends: number) => void) =>
  async (appends: readonly EncodedAppend[]): Promise<readonly Outcome[]> => {
    const args = groupArguments(appends);
    observe(appends.length);
    const rows = await writer.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark, outcomes::text, revisions::text, positions::text
          from append_events(
            ${args.streams}::text[], ${args.streamOf}::int[], ${args.expected}::bigint[],
            ${args.counts}::int[], ${args.appendOf}::int[], ${args.ids}::uuid[],
            ${args.types}::text[], ${args.bodies})`,
    );
    const [{ outcomes, revisions, positions }] = GroupAnswer.parse(rows);
    return outcomes.map((outcome, index) => {
      const revision = revisions[index] ?? -1n;
      if (outcome === 0n) {
        return left({ code: 'Conflict', actual: revision < 0n ? null : revision } as const);
      }
      return right({ revision, position: positions[index] ?? 0n });
    });
  };

type Row = Readonly<Record<string, unknown>>;

/** Checked by hand, since a schema would take longer than reading the row. */
const recordedEvent = (row: Row): RecordedEvent => {
  const { position, revision, rawTime_ms, type, stream, text } = row;
  if (typeof position !== 'bigint' || typeof revision !== 'bigint') throw new Error('bad row');
  if (typeof rawTime_ms !== 'number' || typeof text !== 'string') throw new Error('bad row');
  if (typeof type !== 'string' || typeof stream !== 'string') throw new Error('bad row');
  return { position, revision, stream, type, rawTime_ms, text };
};

const HeadAnswer = z.tuple([z.object({ position: z.bigint().nullable() })]);

interface Options {
  readonly url: string;
  /** Told the number of appends in each group; for metrics. */
  readonly observeGroup?: (appends: number) => void;
  /**
   * How long the server may work at a group of appends, and at a read; a second later it is taken for dead.
   */
  readonly append_timeout_ms?: number;
  readonly read_timeout_ms?: number;
}

/**
 * Signs from the server that the log grew. Those that get lost while the connection is away are made up for
 * by polling.
 */
const listener = (url: string, sign: GrowthSign) => {
  const pool = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: READ_TIMEOUT_MS,
    application: 'ledger-listen',
    arrays: false,
  });
  let begun = false;
  return {
    /**
     * Begun with the first subscription. Once begun, postgres.js listens again after every loss of the
     * connection.
     */
    begin: (): void => {
      if (begun) return;
      begun = true;
      pool.listen('ledger_events', sign.raise, sign.raise).catch(() => {});
    },
    end: () => pool.end({ timeout: CLOSE_TIMEOUT_S }),
  };
};

/** The event store on Postgres: the embedded default, and enough for a small production. */
export const postgresEventStore = (options: Options): EventStore => {
  const { url, observeGroup = () => {} } = options;
  const writer = boundedPool({
    url,
    connections_max: 1,
    statement_timeout_ms: options.append_timeout_ms ?? APPEND_TIMEOUT_MS,
    application: 'ledger-append',
    arrays: false,
  });
  const reader = boundedPool({
    url,
    connections_max: READ_CONNECTIONS_MAX,
    statement_timeout_ms: options.read_timeout_ms ?? READ_TIMEOUT_MS,
    application: 'ledger-read',
    arrays: false,
  });
  const group = groupCommit<EncodedAppend, Outcome>({
    limits: GROUP_LIMITS,
    commit: commitGroup(writer, observeGroup),
    refused: (detail) => left({ code: 'Unavailable', detail }),
    failed: (error) => left(writeFailure(error)),
  });
  const sign = growthSign();
  const growth = listener(url, sign);

  /** The events that `select` gives, in its order. The mark has a row of its own, in front of them. */
  const readPage = async (select: (sql: PostgresPool) => PendingQuery<Row[]>) => {
    try {
      const [, ...rows] = await reader.ask(
        (sql, mark) => sql<Row[]>`
          select ${mark}::text as mark, null::bigint as position, null::bigint as revision,
                 null::float8 as "rawTime_ms", null as type, null as stream, null as text
          union all
          (select null, position, revision, raw_ms::float8, type, stream, body from ${select(sql)})`,
      );
      return right(rows.map(recordedEvent));
    } catch (error) {
      return left(readFailure(error));
    }
  };

  const readAll: EventStore['readAll'] =
    ({ after, limit }) =>
    () =>
      readPage(
        (sql) => sql`events where position > ${after ?? 0n} order by position limit ${limit}`,
      );

  return {
    append: (request) => async () => {
      const texts = encodeAppend(request);
      if (isLeft(texts)) return texts;
      const weight = texts.right.reduce((sum, text) => sum + text.length, 0);
      return group.submit({ request, texts: texts.right }, weight);
    },
    readStream:
      ({ stream, from, limit }) =>
      () =>
        readPage(
          (sql) => sql`
            events where stream = ${stream} and revision >= ${from} order by revision limit ${limit}`,
        ),
    readAll,
    subscribe: (request) => {
      growth.begin();
      return followLog({ readAll, sign, poll_ms: POLL_MS }, request);
    },
    head: () => async () => {
      try {
        const rows = await reader.ask(
          (sql, mark) => sql`
            select ${mark}::text as mark,
                   (select position from events order by position desc limit 1) as position`,
        );
        return right(HeadAnswer.parse(rows)[0].position);
      } catch (error) {
        return left(readFailure(error));
      }
    },
    close: async () => {
      await group.drained();
      await Promise.all([writer.end(CLOSE_TIMEOUT_S), reader.end(CLOSE_TIMEOUT_S), growth.end()]);
    },
  };
};
