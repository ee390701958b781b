import { z } from 'zod';
import { Label, Reference } from '#domain/kernel/fields.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { Instant, Zone } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** A park, open or closed for good. */
export const ParkRow = z.strictObject({
  park: ParkId,
  code: Reference,
  name: Label,
  currency: Currency,
  zone: Zone,
  status: z.enum(['open', 'closed']),
  openedAt: Instant,
  closedAt: Instant.nullable(),
  ...lastEvent,
});
export type ParkRow = z.infer<typeof ParkRow>;

const evolve = (row: ParkRow | null, event: ProjectedEvent): ParkRow | null => {
  const { fact } = event;
  const { at, zone } = fact.when;
  switch (fact.type) {
    case 'ParkOpened':
      return {
        ...fact.data,
        zone,
        status: 'open',
        openedAt: at,
        closedAt: null,
        ...after(event),
      };
    case 'ParkClosed':
      return row && { ...row, status: 'closed', closedAt: at, ...after(event) };
    default:
      return row;
  }
};

/** Every park, by its id. */
export const parks: Projection<ParkRow> = {
  name: 'parks',
  version: 1,
  row: ParkRow,
  handles: ['ParkOpened', 'ParkClosed'],
  keys: ({ fact }) => ('park' in fact.data && fact.data.park !== null ? [fact.data.park] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`park:${key}`),
  columns: {
    code: { path: ['code'], type: 'text' },
    status: { path: ['status'], type: 'text' },
  },
  indexes: [['code'], ['status']],
};
