import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { encodeAppend } from '#commands/encodeAppend.ts';
import type { Appended, EventStore, RecordedEvent } from '#commands/ports.ts';
import { followLog, type GrowthSign, growthSign } from './followLog.ts';

const POLL_MS = 1_000;

interface MemoryRecord extends RecordedEvent {
  readonly id: string;
}

/**
 * A log in memory, for tests. It outlives the stores that are opened on it, as a server outlives its clients;
 * `up: false` is a server that is down.
 */
export interface MemoryLog {
  readonly records: MemoryRecord[];
  readonly streams: Map<string, MemoryRecord[]>;
  readonly signs: Set<GrowthSign>;
  up: boolean;
}

export const memoryLog = (): MemoryLog => ({
  records: [],
  streams: new Map(),
  signs: new Set(),
  up: true,
});

const away = left({ code: 'Unavailable', detail: 'the log is down' } as const);

/** The first place whose position lies behind `after`. Positions are dense here and begin at 1. */
const indexBehind = (after: bigint | null): number => (after === null ? 0 : Number(after));

/** An event store on a log in memory. */
export const memoryEventStore = (log: MemoryLog, now_ms: () => number = Date.now): EventStore => {
  const sign = growthSign();
  log.signs.add(sign);

  const append: EventStore['append'] = (request) => async () => {
    const encoded = encodeAppend(request);
    if (isLeft(encoded)) return encoded;
    if (!log.up) return away;
    const { stream, expected, events } = request;
    const held = log.streams.get(stream) ?? [];
    const from = expected === 'no_stream' ? 0 : Number(expected) + 1;
    if (from !== held.length) return replayed(held, from, events);
    const raw_ms = now_ms();
    const added = events.map(({ id, type }, index) => ({
      id,
      position: BigInt(log.records.length + index + 1),
      revision: BigInt(from + index),
      stream,
      type,
      rawTime_ms: raw_ms,
      text: encoded.right[index] ?? '',
    }));
    log.records.push(...added);
    log.streams.set(stream, [...held, ...added]);
    for (const each of log.signs) each.raise();
    return right(endOf(added));
  };

  const readAll: EventStore['readAll'] =
    ({ after, limit }) =>
    async () => {
      const start = indexBehind(after);
      return log.up ? right(log.records.slice(start, start + limit)) : away;
    };

  return {
    append,
    readAll,
    readStream:
      ({ stream, from, limit }) =>
      async () => {
        const held = log.streams.get(stream) ?? [];
        return log.up ? right(held.slice(Number(from), Number(from) + limit)) : away;
      },
    subscribe: (request) => followLog({ readAll, sign, poll_ms: POLL_MS }, request),
    head: () => async () => (log.up ? right(log.records.at(-1)?.position ?? null) : away),
    close: async () => {
      log.signs.delete(sign);
    },
  };
};

const endOf = (added: readonly MemoryRecord[]): Appended => {
  const last = added.at(-1);
  if (!last) throw new Error('an append without events');
  return { revision: last.revision, position: last.position };
};

/**
 * What an append comes to whose place is taken: the former result if it is the same append, else a conflict.
 */
const replayed = (
  held: readonly MemoryRecord[],
  from: number,
  events: readonly { readonly id: string }[],
) => {
  const there = held.slice(from, from + events.length);
  const same =
    there.length === events.length && there.every(({ id }, index) => id === events[index]?.id);
  if (same) return right(endOf(there));
  return left({ code: 'Conflict', actual: held.at(-1)?.revision ?? null } as const);
};
