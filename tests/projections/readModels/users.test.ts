import { describe, expect, it } from 'vitest';
import { ActorId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  UserReinstated,
  UserRightsGranted,
  UserRightsObserved,
  UserRightsRevoked,
  UserSuspended,
} from '#domain/users/events.ts';
import { NO_RIGHTS, type ParkScope } from '#domain/users/rights.ts';
import { users } from '#projections/users.ts';
import { rowOf } from '#tests/support/projectedEvents.ts';
import { berlin, digest, evening, izmir, morning, noon, uuid8 } from '#tests/support/samples.ts';

const user = ActorId.parse(uuid8(0x90));
const seen = (parks: ParkScope, when = morning) =>
  fact(UserRightsObserved, when, {
    user,
    roles: ['operator'],
    permissions: [],
    parks,
    driver: null,
    source: 'urn:issuer',
  });
const both = { kind: 'listed' as const, parks: [berlin, izmir] };

describe('the users read model', () => {
  it('counts the parks of a token, and says nothing where it is for all', () => {
    const countIn = (parks: ParkScope) => rowOf(users, user, seen(parks))?.carried.parksCount;
    expect(countIn(both)).toBe(2);
    expect(countIn({ kind: 'digest', digest: digest(1), count: 900 })).toBe(900);
    expect(countIn({ kind: 'all' })).toBeNull();
  });

  it('holds what was granted apart from what the last token carried', () => {
    const row = rowOf(
      users,
      user,
      seen({ kind: 'all' }),
      fact(UserRightsGranted, noon, { user, roles: ['auditor'], permissions: [], parks: both }),
      fact(UserRightsRevoked, noon, {
        ...NO_RIGHTS,
        user,
        parks: { kind: 'listed', parks: [berlin] },
      }),
      seen(both, evening),
    );
    expect(row?.granted).toEqual({
      roles: ['auditor'],
      permissions: [],
      parks: { kind: 'listed', parks: [izmir] },
    });
    expect(row?.carried).toMatchObject({ roles: ['operator'], parksCount: 2, since: evening.at });
    expect(row?.firstSeenAt).toBe(morning.at);
  });

  it('says who is suspended, since when and why', () => {
    const suspended = fact(UserSuspended, noon, { user, reason: 'left' });
    expect(rowOf(users, user, seen(both), suspended)).toMatchObject({
      status: 'suspended',
      suspended: { reason: 'left', since: noon.at },
    });
    const again = fact(UserReinstated, evening, { user });
    expect(rowOf(users, user, seen(both), suspended, again)).toMatchObject({
      status: 'active',
      suspended: null,
    });
  });
});
