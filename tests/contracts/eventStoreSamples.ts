import { randomBytes, randomUUID } from 'node:crypto';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { AppendRequest, EventBatch, EventStore, RecordedEvent } from '#commands/ports.ts';
import { canonicalText, LedgerEvent } from '#domain/kernel/event.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { StreamName } from '#domain/kernel/streams.ts';

const READ_EVENTS = 1_000;

/** A random UUID of version 8. */
export const randomId = (): string => {
  const id = randomUUID();
  return `${id.slice(0, 14)}8${id.slice(15)}`;
};

/** A tenant nobody else has: the log may be shared with others. */
export const randomTenant = (): Tenant => Tenant.parse(`t${randomBytes(8).toString('hex')}`);

/** A stream nobody else has. */
export const randomStream = (tenant: Tenant): StreamName =>
  StreamName.parse(`vehicle-${tenant}.${randomId()}`);

/** An event of a stream with nothing special about it. */
export const anEvent = (stream: StreamName, data: Record<string, unknown> = {}): LedgerEvent =>
  LedgerEvent.parse({
    id: randomId(),
    type: 'TripEnded',
    schema: 1,
    tenant: stream.slice(stream.indexOf('-') + 1, stream.indexOf('.')),
    stream,
    occurredAt: '2026-03-02T08:00:00.000Z',
    zone: 'Europe/Berlin',
    localDate: '2026-03-02',
    actor: { kind: 'user', id: randomId(), role: 'operator' },
    commandId: randomId(),
    contentHash: randomBytes(32).toString('hex'),
    correlationId: randomId(),
    causationId: null,
    keys: [`asset:${randomId()}`],
    data,
    pii: [],
    sealed: [],
  });

/** That many events of a stream. */
export const events = (stream: StreamName, count: number): LedgerEvent[] =>
  Array.from({ length: count }, () => anEvent(stream));

/** An event that no schema would let pass. */
export const forged = (event: LedgerEvent, changes: Record<string, unknown>): LedgerEvent =>
  JSON.parse(JSON.stringify({ ...event, ...changes }));

/** The result, or an exception that tells the failure. */
export const rightOf = <Failure extends { readonly code: string }, Result>(
  outcome: Either<Failure, Result>,
): Result => {
  if (isLeft(outcome)) {
    const told = JSON.stringify(outcome.left, (_, value) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    throw new Error(`unexpected: ${told}`);
  }
  return outcome.right;
};

/** The failure, or an exception if there was none. */
export const leftOf = <Failure, Result>(outcome: Either<Failure, Result>): Failure => {
  if (isLeft(outcome)) return outcome.left;
  throw new Error('unexpected success');
};

/** The canonical text of an event. */
export const textOf = (event: LedgerEvent): string => rightOf(canonicalText(event));

/** The ids of recorded events, in order. */
export const idsOf = (recorded: readonly RecordedEvent[]): string[] =>
  recorded.map(({ text }) => LedgerEvent.parse(JSON.parse(text)).id);

/** What of a batch belongs to a tenant. */
export const ofTenant = (tenant: Tenant, recorded: readonly RecordedEvent[]): RecordedEvent[] =>
  recorded.filter(({ stream }) => stream.includes(`-${tenant}.`));

/** A whole stream. */
export const wholeStream = async (
  store: EventStore,
  stream: StreamName,
): Promise<RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  while (true) {
    const from = BigInt(found.length);
    const page = rightOf(await store.readStream({ stream, from, limit: READ_EVENTS })());
    found.push(...page);
    if (page.length < READ_EVENTS) return found;
  }
};

/** Everything behind a position, as it is now. */
export const everythingAfter = async (
  store: EventStore,
  start: bigint | null,
): Promise<RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  while (true) {
    const after = found.at(-1)?.position ?? start;
    const page = rightOf(await store.readAll({ after, limit: READ_EVENTS })());
    found.push(...page);
    if (page.length < READ_EVENTS) return found;
  }
};

/** Batches of a subscription until one satisfies; the subscription ends then. */
export const batchesUntil = async (
  store: EventStore,
  after: bigint | null,
  enough: (batch: EventBatch) => boolean,
): Promise<EventBatch[]> => {
  const ending = new AbortController();
  const batches: EventBatch[] = [];
  for await (const batch of store.subscribe({ after, signal: ending.signal })) {
    batches.push(batch);
    if (enough(batch)) break;
  }
  ending.abort();
  return batches;
};

/**
 * Sends the same append until it has a result, as a caller does who was left in the dark. Throws on a
 * conflict.
 */
export const appendStubbornly = async (store: EventStore, request: AppendRequest) => {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const outcome = await store.append(request)();
    const retry =
      isLeft(outcome) && (outcome.left.code === 'Unknown' || outcome.left.code === 'Unavailable');
    if (!retry) return rightOf(outcome);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the store did not come back');
};
