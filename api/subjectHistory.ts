import type { FastifyRequest } from 'fastify';
import type { Instant } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import type { ProjectedEvent } from '#projections/projection.ts';
import { callerOf } from './caller.ts';
import type { Readings } from './reading.ts';

/** Where the history of a subject ends, as the timeline read model has it; null where it has none. */
export const endOfHistory = async (
  { page }: Readings,
  request: FastifyRequest,
  subject: SubjectKey,
): Promise<bigint | null> => {
  const last = await page(assetTimeline, {
    tenant: callerOf(request).tenant,
    filters: [{ column: 'subject', is: subject }],
    order: { column: 'position', direction: 'falling' },
    cursor: null,
    limit: 1,
  });
  const position = last.rows[0]?.row.position;
  return position === undefined ? null : BigInt(position);
};

/** What was known, as a position: an instant of recording means the last event recorded by then. */
export const knownUpTo = (
  all: readonly ProjectedEvent[],
  known_at: bigint | Instant | undefined,
): bigint => {
  if (typeof known_at === 'bigint') return known_at;
  const isKnown = ({ recordedAt }: ProjectedEvent) =>
    known_at === undefined || recordedAt <= known_at;
  return all.findLast(isKnown)?.position ?? 0n;
};
