import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AppendRequest, EventStore } from '#commands/ports.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import {
  anEvent,
  everythingAfter,
  ofTenant,
  randomStream,
  randomTenant,
  rightOf,
  textOf,
  wholeStream,
} from './eventStoreSamples.ts';

const RUNS = 25;

/**
 * What a writer may try: a new append near the end of a stream, or a former append as it was or moved to the
 * end.
 */
const anyTry = fc.oneof(
  fc.record({
    kind: fc.constant('new' as const),
    stream: fc.nat(2),
    count: fc.integer({ min: 1, max: 4 }),
    /** How far from the end of the stream it is expected to end; 0 is right. */
    off: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -5, max: 3 })),
  }),
  fc.record({ kind: fc.constant('again' as const), which: fc.nat(30), moved: fc.boolean() }),
  fc.record({ kind: fc.constant('mixed' as const), which: fc.nat(30), keep: fc.nat(3) }),
);
type Try = typeof anyTry extends fc.Arbitrary<infer T> ? T : never;

const expectedAt = (length: number) => (length <= 0 ? ('no_stream' as const) : BigInt(length - 1));

/** The simplest thing that keeps the promises of the port, without positions. */
const model = () => {
  const streams = new Map<StreamName, LedgerEvent[]>();
  const log: LedgerEvent[] = [];
  return {
    log,
    held: (stream: StreamName): readonly LedgerEvent[] => streams.get(stream) ?? [],
    append: ({ stream, expected, events }: AppendRequest) => {
      const held = streams.get(stream) ?? [];
      const from = expected === 'no_stream' ? 0 : Number(expected) + 1;
      const there = held.slice(from, from + events.length);
      const revision = BigInt(from + events.length - 1);
      if (from === held.length) {
        streams.set(stream, [...held, ...events]);
        log.push(...events);
        return { revision };
      }
      const same =
        there.length === events.length && there.every(({ id }, index) => id === events[index]?.id);
      const actual = held.length === 0 ? null : BigInt(held.length - 1);
      return same ? { revision } : { code: 'Conflict', actual };
    },
  };
};

const requestOf = (
  { held }: ReturnType<typeof model>,
  streams: readonly StreamName[],
  former: readonly AppendRequest[],
  attempt: Try,
): AppendRequest => {
  const fresh = (stream: StreamName, count: number, off: number): AppendRequest => ({
    stream,
    expected: expectedAt(held(stream).length + off),
    events: Array.from({ length: count }, () => anEvent(stream)),
  });
  const [first] = streams;
  if (!first) throw new Error('a model without streams');
  if (attempt.kind === 'new') {
    return fresh(streams[attempt.stream] ?? first, attempt.count, attempt.off);
  }
  const old = former[attempt.which % Math.max(former.length, 1)];
  if (!old) return fresh(first, 1, 0);
  const { stream, expected, events } = old;
  if (attempt.kind === 'again') {
    return { ...old, expected: attempt.moved ? expectedAt(held(stream).length) : expected };
  }
  return { ...old, events: [...events.slice(0, attempt.keep), anEvent(stream)] };
};

const run = async (store: EventStore, attempts: readonly Try[]): Promise<void> => {
  const tenant = randomTenant();
  const streams = [0, 1, 2].map(() => randomStream(tenant));
  const start = rightOf(await store.head()());
  const expected = model();
  const former: AppendRequest[] = [];
  for (const attempt of attempts) {
    const request = requestOf(expected, streams, former, attempt);
    former.push(request);
    const outcome = await store.append(request)();
    const answer = outcome._tag === 'Right' ? outcome.right : outcome.left;
    expect(answer).toMatchObject(expected.append(request));
    if (outcome._tag === 'Right') {
      const { revision, position } = outcome.right;
      const [last] = rightOf(
        await store.readStream({ stream: request.stream, from: revision, limit: 1 })(),
      );
      expect(last?.position).toBe(position);
    }
  }
  const all = ofTenant(tenant, await everythingAfter(store, start));
  expect(all.map(({ text }) => text)).toEqual(expected.log.map(textOf));
  for (const stream of streams) {
    const recorded = await wholeStream(store, stream);
    expect(recorded.map(({ text }) => text)).toEqual(expected.held(stream).map(textOf));
    expect(recorded.map(({ revision }) => revision)).toEqual(recorded.map((_, n) => BigInt(n)));
    expect(all.filter((event) => event.stream === stream)).toEqual(recorded);
  }
};

/** Random sequences of appends, held against a model of arrays. */
export const modelContract = (store: () => EventStore): void => {
  it('does what a model of arrays does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTry, { maxLength: 25, size: 'max' }), (attempts) =>
        run(store(), attempts),
      ),
      { numRuns: RUNS },
    );
  });
};
