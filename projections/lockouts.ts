import { z } from 'zod';
import { Code } from '#domain/kernel/fields.ts';
import { DriverId, LockoutId, ParkId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * A lockout, from `startedAt` until `until`, null: until further notice, unless it was lifted before.
 * `status` says whether it was lifted; that its time is over is no event.
 */
export const LockoutRow = z.strictObject({
  lockout: LockoutId,
  driver: DriverId,
  park: ParkId,
  status: z.enum(['imposed', 'lifted']),
  reasonCode: Code,
  startedAt: Instant,
  until: Instant.nullable(),
  zone: Zone,
  localDate: LocalDate,
  liftedAt: Instant.nullable(),
  liftReasonCode: Code.nullable(),
  ...lastEvent,
});
export type LockoutRow = z.infer<typeof LockoutRow>;

const evolve = (row: LockoutRow | null, event: ProjectedEvent): LockoutRow | null => {
  const { fact } = event;
  switch (fact.type) {
    case 'DriverLockedOut': {
      const { reason: reasonCode, ...imposed } = fact.data;
      const { at: startedAt, zone, localDate } = fact.when;
      const held = { status: 'imposed', liftedAt: null, liftReasonCode: null } as const;
      return { ...imposed, reasonCode, startedAt, zone, localDate, ...held, ...after(event) };
    }
    case 'DriverLockoutLifted': {
      const lifted = { liftedAt: fact.when.at, liftReasonCode: fact.data.reason };
      return row && { ...row, status: 'lifted', ...lifted, ...after(event) };
    }
    default:
      return row;
  }
};

/** Every lockout of a driver, by its id. */
export const lockouts: Projection<LockoutRow> = {
  name: 'lockouts',
  version: 1,
  row: LockoutRow,
  handles: ['DriverLockedOut', 'DriverLockoutLifted'],
  keys: ({ fact }) => ('lockout' in fact.data ? [`${fact.data.driver}/${fact.data.lockout}`] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`driver:${key.slice(0, key.indexOf('/'))}`),
  columns: {
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    started_at: { path: ['startedAt'], type: 'timestamptz' },
  },
  indexes: [['driver', 'started_at']],
};
