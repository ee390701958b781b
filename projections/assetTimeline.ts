import { z } from 'zod';
import { LogPosition, StoredInstant } from '#domain/features/stored.ts';
import { EventId } from '#domain/kernel/ids.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { Projection } from './projection.ts';
import { subjectOfKey } from './rowFields.ts';

const POSITION_DIGITS = 20;

/** One event in the history of one of its subjects. */
export const AssetTimelineRow = z.strictObject({
  subject: SubjectKey,
  position: LogPosition,
  event: EventId,
  type: z.string(),
  stream: StreamName,
  revision: z.string().regex(/^\d{1,19}$/),
  occurredAt: StoredInstant,
  recordedAt: StoredInstant,
});
export type AssetTimelineRow = z.infer<typeof AssetTimelineRow>;

/**
 * Every event by every one of its keys: an asset's history is all rows whose key begins with `asset:<id>/`,
 * in the order of their keys. Rows are added and never change.
 */
export const assetTimeline: Projection<AssetTimelineRow> = {
  name: 'asset_timeline',
  version: 1,
  row: AssetTimelineRow,
  handles: 'all',
  keys: ({ keys, position }) =>
    keys.map((key) => `${key}/${position.toString().padStart(POSITION_DIGITS, '0')}`),
  evolve: (_, { id, fact, stream, revision, position, recordedAt }, key) => ({
    subject: subjectOfKey(key),
    position: position.toString(),
    event: id,
    type: fact.type,
    stream: StreamName.parse(stream),
    revision: revision.toString(),
    occurredAt: fact.when.at,
    recordedAt,
  }),
  subject: subjectOfKey,
  columns: {
    subject: { path: ['subject'], type: 'text' },
    position: { path: ['position'], type: 'bigint' },
    type: { path: ['type'], type: 'text' },
    occurred_at: { path: ['occurredAt'], type: 'timestamptz' },
    recorded_at: { path: ['recordedAt'], type: 'timestamptz' },
  },
  indexes: [
    ['subject', 'position'],
    ['subject', 'occurred_at'],
    ['recorded_at', 'position'],
  ],
};
