import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Actor } from '#domain/kernel/event.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Database } from './ports.ts';
import type { AnyProjection, ProjectedEvent } from './projection.ts';
import { type EventsOfSubject, eventsOfRow, refold, sameRow, shownRow } from './refold.ts';

const EVENTS_MAX = 5_000;

/** An event that a row was made of. */
interface ExplainingEvent {
  readonly id: EventId;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly actor: Actor;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
}

/**
 * Where a row comes from: the events that were folded into it up to `position`, by the code of `version`.
 * At most the last 5,000 are listed, `eventsInAll` counts them. `row` is null where there is none (any
 * more); `agrees` is whether folding these events anew gives the row as it stands; `isParked` says that
 * later events wait for a failed one.
 */
export interface Explanation {
  readonly readModel: string;
  readonly version: number;
  readonly generation: number;
  readonly tenant: Tenant;
  readonly key: string;
  readonly position: bigint;
  readonly row: unknown;
  readonly events: readonly ExplainingEvent[];
  readonly eventsInAll: number;
  readonly agrees: boolean;
  readonly isParked: boolean;
}

/**
 * No live table of this version, or the timeline that events are found through has not got far enough yet.
 */
export interface CannotExplain {
  readonly code: 'no_live_table' | 'timeline_behind';
}

const explaining = (event: ProjectedEvent): ExplainingEvent => {
  const { id, position, stream, revision, actor, recordedAt, fact } = event;
  const { type, when } = fact;
  return { id, position, stream, revision, type, actor, occurredAt: when.at, recordedAt };
};

/** Explains a row by the events that made it. */
export const explain =
  (parts: { readonly sql: Database; readonly eventsOfSubject: EventsOfSubject }) =>
  async (
    projection: AnyProjection,
    { tenant, key }: { readonly tenant: Tenant; readonly key: string },
  ): Promise<Either<CannotExplain, Explanation>> => {
    const shown = await shownRow(parts.sql, projection, { tenant, key });
    if (!shown) return left({ code: 'no_live_table' });
    const { generation, position, row, isParked, skips } = shown;
    const history = await parts.eventsOfSubject(tenant, projection.subject(key), position);
    if (!history) return left({ code: 'timeline_behind' });
    const events = eventsOfRow(projection, key, history);
    const fresh = refold(projection, key, { events, skips });
    const { name: readModel, version } = projection;
    return right({
      readModel,
      version,
      generation: generation.generation,
      tenant,
      key,
      position,
      row,
      events: events.slice(-EVENTS_MAX).map(explaining),
      eventsInAll: events.length,
      agrees: sameRow(fresh.row, row),
      isParked,
    });
  };
