import { z } from 'zod';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** An entry of the journal as it was posted; rows are added and never change. */
export const JournalEntryRow = z.strictObject({
  ...EntryPosted.data.shape,
  recordedAt: Instant,
  ...lastEvent,
});
export type JournalEntryRow = z.infer<typeof JournalEntryRow>;

/** Every entry of the journal, by its id. */
export const journalEntries: Projection<JournalEntryRow> = {
  name: 'journal_entries',
  version: 1,
  row: JournalEntryRow,
  handles: ['EntryPosted'],
  keys: ({ fact }) => (fact.type === 'EntryPosted' ? [fact.data.entry] : []),
  evolve: (row, event) =>
    event.fact.type === 'EntryPosted'
      ? { ...event.fact.data, recordedAt: event.recordedAt, ...after(event) }
      : row,
  subject: (key) => SubjectKey.parse(`entry:${key}`),
  columns: {
    book: { path: ['book'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    vehicle: { path: ['vehicle'], type: 'text' },
    period: { path: ['period'], type: 'text' },
    date: { path: ['date'], type: 'date' },
    transaction: { path: ['transaction'], type: 'text' },
    basis: { path: ['basis'], type: 'text' },
  },
  indexes: [['date'], ['book', 'date'], ['park', 'date'], ['transaction'], ['basis']],
};
