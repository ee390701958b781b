import { z } from 'zod';
import { Actor } from '#domain/kernel/event.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import type { ProjectedEvent } from '#projections/projection.ts';

/**
 * An event in somebody's or something's history: when it happened, when it was recorded, and what it
 * says.
 */
export const LoggedEvent = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    stream: z.string(),
    revision: z.string(),
    position: z.string(),
    occurred_at: Instant,
    recorded_at: Instant,
    zone: Zone,
    local_date: LocalDate,
    actor: Actor,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'LoggedEvent' });
export type LoggedEvent = z.infer<typeof LoggedEvent>;

/** An event as it is told in a history. */
export const loggedEvent = (event: ProjectedEvent): LoggedEvent => {
  const { id, stream, revision, position, recordedAt, actor, fact } = event;
  return {
    id,
    type: fact.type,
    stream,
    revision: String(revision),
    position: String(position),
    occurred_at: fact.when.at,
    recorded_at: recordedAt,
    zone: fact.when.zone,
    local_date: fact.when.localDate,
    actor,
    data: fact.data,
  };
};
