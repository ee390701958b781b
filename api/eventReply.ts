import { z } from 'zod';
import type { RecordedEvent } from '#commands/ports.ts';
import { Actor, type LedgerEvent, PiiDigest } from '#domain/kernel/event.ts';
import { Digest } from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';

/** An event on the wire: the envelope in snake case, `data` as it is stored and hashed. */
export const EventReply = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    schema: z.int(),
    stream: z.string(),
    revision: z.string(),
    position: z.string(),
    occurred_at: Instant,
    zone: z.string(),
    local_date: LocalDate,
    actor: Actor,
    command_id: z.string(),
    content_hash: Digest,
    correlation_id: z.string(),
    causation_id: z.string().nullable(),
    keys: z.array(SubjectKey),
    data: z.record(z.string(), z.unknown()),
    pii: z.array(PiiDigest),
    sealed: z.array(Digest),
  })
  .meta({ id: 'Event', description: 'One event of the log. `data` is told of by /event-types.' });
export type EventReply = z.infer<typeof EventReply>;

/** A stored event as it is told. */
export const eventReply = (
  { position, revision }: Pick<RecordedEvent, 'position' | 'revision'>,
  event: LedgerEvent,
): EventReply => ({
  id: event.id,
  type: event.type,
  schema: event.schema,
  stream: event.stream,
  revision: String(revision),
  position: String(position),
  occurred_at: event.occurredAt,
  zone: event.zone,
  local_date: event.localDate,
  actor: event.actor,
  command_id: event.commandId,
  content_hash: event.contentHash,
  correlation_id: event.correlationId,
  causation_id: event.causationId,
  keys: event.keys,
  data: event.data,
  pii: event.pii,
  sealed: event.sealed,
});
