import { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import { Code } from '#domain/kernel/fields.ts';
import { ActorId, DriverId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import {
  GrantedRights,
  NO_RIGHTS,
  type ParkScope,
  Permission,
  Role,
  rightsBeyond,
  rightsTogether,
} from '#domain/users/rights.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * Somebody who came with a token: what the last one that differed carried, what was granted besides, and
 * since when and why all rests, null while it does not. `parksCount` is null where a token is for all parks.
 */
export const UserRow = z.strictObject({
  user: ActorId,
  status: z.enum(['active', 'suspended']),
  carried: z.strictObject({
    roles: z.array(Role),
    permissions: z.array(Permission),
    parksCount: z.int().nullable(),
    driver: DriverId.nullable(),
    source: z.string(),
    since: Instant,
  }),
  granted: GrantedRights,
  suspended: z.strictObject({ reason: Code, since: Instant }).nullable(),
  firstSeenAt: Instant,
  ...lastEvent,
});
export type UserRow = z.infer<typeof UserRow>;

const countOf = (scope: ParkScope): number | null => {
  if (scope.kind === 'all') return null;
  return scope.kind === 'listed' ? scope.parks.length : scope.count;
};

const changed = (row: UserRow, fact: LedgerFact): UserRow => {
  switch (fact.type) {
    case 'UserRightsGranted':
      return { ...row, granted: rightsTogether(row.granted, fact.data) };
    case 'UserRightsRevoked':
      return { ...row, granted: rightsBeyond(row.granted, fact.data) };
    case 'UserSuspended': {
      const { reason } = fact.data;
      return { ...row, status: 'suspended', suspended: { reason, since: fact.when.at } };
    }
    case 'UserReinstated':
      return { ...row, status: 'active', suspended: null };
    default:
      return row;
  }
};

const evolve = (row: UserRow | null, event: ProjectedEvent): UserRow | null => {
  const { fact } = event;
  if (fact.type !== 'UserRightsObserved') {
    return row && { ...changed(row, fact), ...after(event) };
  }
  const { user, roles, permissions, parks, driver, source } = fact.data;
  const { at: since } = fact.when;
  const first = {
    user,
    status: 'active',
    granted: NO_RIGHTS,
    suspended: null,
    firstSeenAt: since,
  } as const;
  return {
    ...(row ?? first),
    carried: { roles, permissions, parksCount: countOf(parks), driver, source, since },
    ...after(event),
  };
};

/** Every user that ever came with a token, by their stand-in. */
export const users: Projection<UserRow> = {
  name: 'users',
  version: 1,
  row: UserRow,
  handles: [
    'UserRightsObserved',
    'UserRightsGranted',
    'UserRightsRevoked',
    'UserSuspended',
    'UserReinstated',
  ],
  keys: ({ fact }) => ('user' in fact.data ? [fact.data.user] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`user:${key}`),
  columns: { status: { path: ['status'], type: 'text' } },
  indexes: [['status']],
};
