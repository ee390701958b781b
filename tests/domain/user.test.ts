import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { ActorId, ParkId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  UserReinstated,
  UserRightsGranted,
  UserRightsObserved,
  UserRightsRevoked,
  UserSuspended,
  userEvents,
} from '#domain/users/events.ts';
import { type GrantedRights, NO_RIGHTS, Role } from '#domain/users/rights.ts';
import { type Carried, type UserCommand, userDecider } from '#domain/users/user.ts';
import { anyCode, anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { berlin, evening, izmir, moment, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(userDecider);

const user = ActorId.parse(uuid8(0x90));
const carried: Carried = {
  roles: ['operator'],
  permissions: [],
  parks: { kind: 'listed', parks: [berlin] },
  driver: null,
  source: 'urn:issuer',
};
const asAdmin: Carried = { ...carried, roles: ['admin'], parks: { kind: 'all' } };
const seen = (when = morning, rights = carried) =>
  fact(UserRightsObserved, when, { user, ...rights });
const observe = (when = noon, rights = carried) =>
  ({ type: 'ObserveRights', user, carried: rights, when }) as const;
const some = (change: Partial<GrantedRights>): GrantedRights => ({ ...NO_RIGHTS, ...change });
const granted = (change: Partial<GrantedRights>, when = noon) =>
  fact(UserRightsGranted, when, { user, ...some(change) });
const revoked = (change: Partial<GrantedRights>, when = noon) =>
  fact(UserRightsRevoked, when, { user, ...some(change) });
const ask = (type: 'GrantRights' | 'RevokeRights', change: Partial<GrantedRights>) =>
  ({ type, user, rights: some(change), when: noon }) as const;
const listed = (...parks: ParkId[]) => ({ kind: 'listed' as const, parks });
const suspended = fact(UserSuspended, noon, { user, reason: 'left_the_company' });

describe('the rights that tokens carry', () => {
  it('are written down when they are first seen', () => given().when(observe()).yields(seen(noon)));
  it('are written down once', () => given(seen()).when(observe()).yields());
  it('are written down when they differ', () =>
    given(seen()).when(observe(noon, asAdmin)).yields(seen(noon, asAdmin)));
  it('are written down again when they are again as they were', () =>
    given(seen(), seen(noon, asAdmin)).when(observe(evening)).yields(seen(evening)));
  it('are written down once a minute where two tokens take turns', () => {
    const second = moment('2026-03-02T12:00:01.000Z');
    const almost = moment('2026-03-02T12:00:59.999Z');
    const minute = moment('2026-03-02T12:01:00.000Z');
    const both = [seen(noon), seen(second, asAdmin)];
    given(...both)
      .when(observe(almost))
      .yields();
    given(...both)
      .when(observe(minute))
      .yields(seen(minute));
  });
  it('are kept while both may be in use', () => {
    const second = moment('2026-03-02T12:00:01.000Z');
    const both = replay(userDecider, [seen(noon), seen(second, asAdmin)]);
    expect(both.seen.map(({ carried: { roles } }) => roles)).toEqual([['operator'], ['admin']]);
    const one = replay(userDecider, [seen(morning), seen(second, asAdmin)]);
    expect(one.seen.map(({ carried: { roles } }) => roles)).toEqual([['admin']]);
  });
});

describe('a grant', () => {
  const immobilize = { permissions: ['immobilize'] } as const;

  it('is for somebody who was here', () => {
    given()
      .when(ask('GrantRights', { roles: ['auditor'] }))
      .refuses('UserUnknown');
    given()
      .when(ask('RevokeRights', { roles: ['auditor'] }))
      .refuses('UserUnknown');
  });
  it('says what is new', () => {
    const before = granted({ roles: ['auditor'], parks: listed(berlin) });
    given(seen(), before)
      .when(ask('GrantRights', { roles: ['auditor', 'analyst'], parks: listed(berlin, izmir) }))
      .yields(granted({ roles: ['analyst'], parks: listed(izmir) }));
    given(seen(), before)
      .when(ask('GrantRights', { roles: ['auditor'] }))
      .yields();
  });
  it('is taken back as far as it had been given', () => {
    const before = granted({ permissions: [...immobilize.permissions], parks: listed(berlin) });
    given(seen(), before)
      .when(ask('RevokeRights', { roles: ['admin'], permissions: ['immobilize'] }))
      .yields(revoked({ permissions: ['immobilize'] }));
    given(seen(), before)
      .when(ask('RevokeRights', { parks: { kind: 'all' } }))
      .yields(revoked({ parks: listed(berlin) }));
    given(seen())
      .when(ask('RevokeRights', { roles: ['operator'] }))
      .yields();
  });
  it('of all parks is taken back whole', () => {
    const before = granted({ parks: { kind: 'all' } });
    given(seen(), before)
      .when(ask('GrantRights', { parks: listed(berlin) }))
      .yields();
    given(seen(), before)
      .when(ask('RevokeRights', { parks: listed(berlin) }))
      .refuses('AllParksGranted');
    given(seen(), before)
      .when(ask('RevokeRights', { parks: { kind: 'all' } }))
      .yields(revoked({ parks: { kind: 'all' } }));
    expect(
      replay(userDecider, [seen(), before, revoked({ parks: { kind: 'all' } })]).granted,
    ).toEqual(NO_RIGHTS);
  });
  it('leaves what it does not name', () => {
    const before = granted({ roles: ['auditor'], parks: { kind: 'all' } });
    const after = replay(userDecider, [seen(), before, revoked({ roles: ['auditor'] })]);
    expect(after.granted).toEqual(some({ parks: { kind: 'all' } }));
  });
  it('names no more parks than can be kept', () => {
    const parks = Array.from({ length: 100 }, (_, n) => ParkId.parse(uuid8(0x1_000 + n)));
    const full = granted({ parks: listed(...parks) });
    given(seen(), full)
      .when(ask('GrantRights', { parks: listed(berlin) }))
      .refuses('GrantedParksExceeded');
  });
});

describe('a suspension', () => {
  const suspend = { type: 'SuspendUser', user, reason: 'left_the_company', when: noon } as const;
  const reinstate = { type: 'ReinstateUser', user, when: noon } as const;
  const reinstated = fact(UserReinstated, noon, { user });

  it('begins and ends once', () => {
    given().when(suspend).refuses('UserUnknown');
    given(seen()).when(suspend).yields(suspended);
    given(seen(), suspended).when(suspend).yields();
    given(seen(), suspended).when(reinstate).yields(reinstated);
    given(seen()).when(reinstate).yields();
  });
  it('says since when and why', () => {
    const { suspended: said } = replay(userDecider, [seen(), suspended]);
    expect(said).toEqual({ reason: 'left_the_company', since: noon.at });
    expect(replay(userDecider, [seen(), suspended, reinstated]).suspended).toBeNull();
  });
});

const anyParks = fc.oneof(
  fc.constant({ kind: 'all' as const }),
  fc.subarray([berlin, izmir]).map((parks) => listed(...parks)),
);
const anyRights = fc.record({
  roles: fc.subarray([...Role.options]),
  permissions: fc.subarray(['immobilize' as const]),
  parks: anyParks,
});
const crowded = fc.constant(
  some({ parks: listed(...Array.from({ length: 101 }, (_, n) => ParkId.parse(uuid8(n + 1)))) }),
);
const anyCommand: fc.Arbitrary<UserCommand> = fc.oneof(
  fc.record({
    type: fc.constant('ObserveRights'),
    user: fc.constant(user),
    carried: fc.record({
      roles: fc.subarray([...Role.options]),
      permissions: fc.subarray(['immobilize' as const]),
      parks: anyParks,
      driver: fc.constant(null),
      source: fc.constant('urn:issuer'),
    }),
    when: anyMoment,
  }),
  fc.record({
    type: fc.constantFrom('GrantRights', 'RevokeRights'),
    user: fc.constant(user),
    rights: fc.oneof({ weight: 6, arbitrary: anyRights }, { weight: 1, arbitrary: crowded }),
    when: anyMoment,
  }),
  fc.record({
    type: fc.constant('SuspendUser'),
    user: fc.constant(user),
    reason: anyCode,
    when: anyMoment,
  }),
  fc.record({ type: fc.constant('ReinstateUser'), user: fc.constant(user), when: anyMoment }),
);

describe('the laws of a user', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const met = holdToLaws(userDecider, anyCommand);
    expect(met.events).toEqual(userEvents.map(({ type }) => type).sort());
    expect(met.refusals).toEqual(['AllParksGranted', 'GrantedParksExceeded', 'UserUnknown']);
  });
});
