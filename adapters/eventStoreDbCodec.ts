import { hash } from 'node:crypto';
import type {
  AllStreamRecordedEvent,
  RecordedEvent as StreamRecordedEvent,
} from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import { z } from 'zod';
import type { RecordedEvent } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { StreamName } from '#domain/kernel/streams.ts';

/**
 * What stands beside `data`: the rest of the event under the names it has there, the two ids under the
 * names that the server's own tools look for, and the SHA-256 of the canonical text. An event without cause
 * has no `$causationId`.
 */
const Metadata = z.looseObject({
  textHash: z.string(),
  $correlationId: z.string(),
  $causationId: z.string().nullable().default(null),
});
type Metadata = z.infer<typeof Metadata>;

const hashOf = (text: string): string => hash('sha256', text, 'hex');

/** An event in the form the client sends: `data` as it is, so that the server's tools can read it. */
export const toServer = (text: string) => {
  // Parsed from the text and not taken from the caller: what is sent is what was hashed, members in canonical
  // order.
  const event: LedgerEvent = JSON.parse(text);
  const { id, type, stream: _, data, correlationId, causationId, ...rest } = event;
  const cause = causationId === null ? {} : { $causationId: causationId };
  const metadata = { ...rest, $correlationId: correlationId, ...cause, textHash: hashOf(text) };
  return jsonEvent({ id, type, data, metadata });
};

type ServerEvent = AllStreamRecordedEvent | StreamRecordedEvent;

/**
 * The text again, by way of the native writer: several times faster than `canonicalJson`, and right as long
 * as the members below are all there are, in order, and no object has a key that looks like a number
 * (JavaScript moves those).
 */
const quickText = (event: ServerEvent, metadata: Metadata): string =>
  JSON.stringify({
    actor: metadata['actor'],
    causationId: metadata.$causationId,
    commandId: metadata['commandId'],
    contentHash: metadata['contentHash'],
    correlationId: metadata.$correlationId,
    data: event.data,
    id: event.id,
    keys: metadata['keys'],
    localDate: metadata['localDate'],
    occurredAt: metadata['occurredAt'],
    pii: metadata['pii'],
    schema: metadata['schema'],
    sealed: metadata['sealed'],
    stream: event.streamId,
    tenant: metadata['tenant'],
    type: event.type,
    zone: metadata['zone'],
  });

const carefulText = (event: ServerEvent, metadata: Metadata): string => {
  const { textHash: _, $correlationId, $causationId, ...rest } = metadata;
  return canonicalJson({
    ...rest,
    id: event.id,
    type: event.type,
    stream: event.streamId,
    data: event.data,
    correlationId: $correlationId,
    causationId: $causationId,
  });
};

const textOf = (event: ServerEvent): string => {
  const metadata = Metadata.safeParse(event.metadata);
  if (metadata.success) {
    const quick = quickText(event, metadata.data);
    if (hashOf(quick) === metadata.data.textHash) return quick;
    const careful = carefulText(event, metadata.data);
    if (hashOf(careful) === metadata.data.textHash) return careful;
  }
  throw new Error(`event ${event.id} of ${event.streamId} is not what was written`);
};

/**
 * An event as the port has it, its canonical text made anew and held against the hash it was written with.
 * Null for what is not ours: system events, links, and streams whose names no stream of the ledger can
 * have. Throws for an event in a stream of ours that was altered, or never written by us.
 */
export const fromServer = (event: ServerEvent | undefined): RecordedEvent | null => {
  if (!event || event.type.startsWith('$') || !StreamName.safeParse(event.streamId).success)
    return null;
  if (!event.position) throw new Error('the server is older than 22.6: it does not tell positions');
  return {
    position: event.position.commit,
    revision: event.revision,
    stream: event.streamId,
    type: event.type,
    rawTime_ms: event.created.getTime(),
    text: textOf(event),
  };
};
