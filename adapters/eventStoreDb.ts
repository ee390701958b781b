import {
  type AppendResult,
  EventStoreDBClient,
  NO_STREAM,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { encodeAppend } from '#commands/encodeAppend.ts';
import type {
  Appended,
  AppendFailure,
  AppendRequest,
  EventStore,
  Unknown,
} from '#commands/ports.ts';
import { fromServer, toServer } from './eventStoreDbCodec.ts';
import { isServerTimeout, noAnswer, readFailure, writeFailure } from './eventStoreDbFailure.ts';
import { raiseOnGrowth } from './eventStoreDbGrowth.ts';
import { type Reader, readForwards, readLast, readRaw } from './eventStoreDbRead.ts';
import { followLog, growthSign } from './followLog.ts';

const APPEND_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const POLL_MS = 500;
const APPENDS_UNDER_WAY_MAX = 20_000;

/** Stated, since the client's defaults may change. What the connection string says goes before. */
const CLIENT_OPTIONS = [
  'connectionName=ledger',
  `defaultDeadline=${APPEND_TIMEOUT_MS}`,
  'keepAliveInterval=10000',
  'keepAliveTimeout=10000',
  'maxDiscoverAttempts=3',
  'discoveryInterval=100',
  'gossipTimeout=2',
].join('&');

interface Options {
  /** `esdb://user:password@host:port`, `esdb+discover://…`, or with `?tls=false` and no user. */
  readonly url: string;
  /** How long an append may take, and a page of a read. */
  readonly append_timeout_ms?: number;
  readonly read_timeout_ms?: number;
}

interface Writer extends Reader {
  readonly append_timeout_ms: number;
  readonly credentials: { readonly username: string; readonly password: string };
}

type Outcome = Either<AppendFailure, Appended>;

const withOptions = (url: string): string => {
  const [server, query] = url.split('?');
  return `${server}?${CLIENT_OPTIONS}${query ? `&${query}` : ''}`;
};

/**
 * The credentials that every append carries: they make the client append by unary calls instead of by its
 * batch stream. Chosen knowingly. The batch stream costs half the processor time (90 against 170 µs an
 * append, measured), but one map of pending appends serves all clients of the process: an error of one
 * client rejects everybody's appends, and the answer to an append so rejected throws inside the client, as
 * an unhandled rejection that ends the process (seen); nor is any deadline kept. A unary call has its own
 * result, honours its deadline, and asks for no capabilities beforehand. A server without TLS takes no
 * credentials and the client does not send them; there any will do.
 */
const credentialsOf = (url: string): Writer['credentials'] => {
  const [, username, password] = /^[^:]+:\/\/([^:/@]+):([^@]+)@/.exec(url) ?? [];
  if (username && password) {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  }
  if (/[?&]tls=false(?:&|$)/.test(url)) return { username: 'none', password: 'none' };
  throw new Error('an EventStoreDB with TLS needs user:password in its connection string');
};

const within = <Result>(timeout_ms: number, work: Promise<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(noAnswer()), timeout_ms);
    work.then(resolve, reject).then(() => clearTimeout(timer));
  });

/**
 * The same for the same append: one that comes while it is under way shares the answer, for the server would
 * time out.
 */
const keyOf = ({ stream, expected, events }: AppendRequest): string =>
  `${stream} ${expected} ${events.map(({ id }) => id).join(' ')}`;

const firstRevision = ({ expected }: AppendRequest): bigint =>
  expected === 'no_stream' ? 0n : expected + 1n;

/**
 * Where the events of an append lie, if exactly they lie at its place; null if not. That the look-up fails
 * must not pass for the append's own failure.
 */
const findAppended = async (
  writer: Writer,
  request: AppendRequest,
): Promise<Either<Unknown, Appended | null>> => {
  const { stream, events } = request;
  const from = firstRevision(request);
  try {
    const held = await readRaw(writer, { stream, from, limit: events.length });
    const same = held.every(({ event }, index) => event?.id === events[index]?.id);
    if (!same || held.length !== events.length) return right(null);
    const last = held.at(-1);
    const position = last?.event?.position?.commit ?? last?.commitPosition;
    if (position === undefined) throw new Error('the server does not tell positions');
    return right({ revision: from + BigInt(events.length) - 1n, position });
  } catch (error) {
    return left({ code: 'Unknown', detail: readFailure(error).detail });
  }
};

/**
 * What an append comes to whose place is taken: the first one's result if it is the same append, else a
 * conflict. The server makes this comparison too, but promises it only "in quick succession".
 */
const refused = async (
  writer: Writer,
  request: AppendRequest,
  actual: bigint | typeof NO_STREAM,
): Promise<Outcome> => {
  const conflict = left({
    code: 'Conflict',
    actual: actual === NO_STREAM ? null : actual,
  } as const);
  const last = firstRevision(request) + BigInt(request.events.length) - 1n;
  if (actual === NO_STREAM || actual < last) return conflict;
  const before = await findAppended(writer, request);
  if (isLeft(before)) return before;
  return before.right ? right(before.right) : conflict;
};

/** Where a confirmed append came to lie; looked up where the server does not say. */
const confirmed = async (
  writer: Writer,
  request: AppendRequest,
  { success, nextExpectedRevision, position }: AppendResult,
): Promise<Outcome> => {
  if (!success) throw new Error('throwOnAppendFailure must stay on');
  if (position) return right({ revision: nextExpectedRevision, position: position.commit });
  const found = await findAppended(writer, request);
  if (isLeft(found)) return found;
  if (!found.right)
    throw new Error(`an append to ${request.stream} was confirmed and is not there`);
  return right(found.right);
};

const appendOnce = async (
  writer: Writer,
  request: AppendRequest,
  texts: readonly string[],
): Promise<Outcome> => {
  const { client, credentials, append_timeout_ms } = writer;
  const call = client.appendToStream(request.stream, texts.map(toServer), {
    expectedRevision: request.expected,
    credentials,
    deadline: append_timeout_ms,
    requiresLeader: true,
  });
  const answer = await within(append_timeout_ms, call).then(right, left);
  if (isRight(answer)) return confirmed(writer, request, answer.right);
  if (answer.left instanceof WrongExpectedVersionError) {
    return refused(writer, request, answer.left.actualVersion);
  }
  const failure = left(writeFailure(answer.left));
  if (!isServerTimeout(answer.left)) return failure;
  const found = await findAppended(writer, request);
  return isRight(found) && found.right ? right(found.right) : failure;
};

/**
 * The event store on EventStoreDB. What the client leaves to its user (clocks, reconnecting, telling
 * failures apart, being asked twice) is done here and in the files beside it.
 */
export const eventStoreDb = (options: Options): EventStore => {
  const client = EventStoreDBClient.connectionString(withOptions(options.url));
  const writer: Writer = {
    client,
    credentials: credentialsOf(options.url),
    append_timeout_ms: options.append_timeout_ms ?? APPEND_TIMEOUT_MS,
    page_timeout_ms: options.read_timeout_ms ?? READ_TIMEOUT_MS,
  };
  const underWay = new Map<string, Promise<Outcome>>();
  const sign = growthSign();
  const closing = new AbortController();
  let watching: Promise<void> | null = null;

  const bounded = <Result>(read: () => Promise<Result>) =>
    read().then(right, (error) => left(readFailure(error)));

  const readAll: EventStore['readAll'] = (request) => () =>
    bounded(() => readForwards(writer, request));

  return {
    append: (request) => async () => {
      const texts = encodeAppend(request);
      if (isLeft(texts)) return texts;
      const key = keyOf(request);
      const same = underWay.get(key);
      if (same) return same;
      if (underWay.size >= APPENDS_UNDER_WAY_MAX) {
        return left({ code: 'Unavailable', detail: 'queue_full' });
      }
      const work = appendOnce(writer, request, texts.right).finally(() => underWay.delete(key));
      underWay.set(key, work);
      return work;
    },
    readStream: (request) => () =>
      bounded(async () => {
        const held = await readRaw(writer, request);
        return held.map(({ event }) => fromServer(event)).filter((event) => event !== null);
      }),
    readAll,
    subscribe: (request) => {
      watching ??= raiseOnGrowth(client, sign, closing.signal);
      return followLog({ readAll, sign, poll_ms: POLL_MS }, request);
    },
    head: () => () => bounded(async () => (await readLast(writer))?.position ?? null),
    close: async () => {
      await Promise.allSettled(underWay.values());
      closing.abort();
      await watching;
      await client.dispose();
    },
  };
};
