import { z } from 'zod';
import { Code } from '#domain/kernel/fields.ts';
import { ActorId, DriverId } from '#domain/kernel/ids.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, subjects, userKey } from '#domain/kernel/subjects.ts';
import { CarriedRights, GrantedRights } from './rights.ts';

const SOURCE_MAX_CHARS = 255;

export const UserRightsObserved = eventType({
  type: 'UserRightsObserved',
  about:
    'A token came in that carries these rights, which differ from what tokens of this user were last seen to carry. `source` is the issuer.',
  data: z.strictObject({
    user: ActorId,
    ...CarriedRights.shape,
    driver: DriverId.nullable(),
    source: z.string().min(1).max(SOURCE_MAX_CHARS),
  }),
  subjects: ({ user, driver }) => subjects(userKey(user), driver && driverKey(driver)),
});

export const UserRightsGranted = eventType({
  type: 'UserRightsGranted',
  about: 'An admin let a user do more than the tokens of the user say.',
  data: z.strictObject({ user: ActorId, ...GrantedRights.shape }),
  subjects: ({ user }) => subjects(userKey(user)),
});

export const UserRightsRevoked = eventType({
  type: 'UserRightsRevoked',
  about: 'An admin took back what had been granted. What tokens carry is not touched by it.',
  data: z.strictObject({ user: ActorId, ...GrantedRights.shape }),
  subjects: ({ user }) => subjects(userKey(user)),
});

export const UserSuspended = eventType({
  type: 'UserSuspended',
  about: 'From now on the user may do nothing, whatever tokens and grants say.',
  data: z.strictObject({ user: ActorId, reason: Code }),
  subjects: ({ user }) => subjects(userKey(user)),
});

export const UserReinstated = eventType({
  type: 'UserReinstated',
  about: 'The user may again do what tokens and grants say.',
  data: z.strictObject({ user: ActorId }),
  subjects: ({ user }) => subjects(userKey(user)),
});

export const userEvents = [
  UserRightsObserved,
  UserRightsGranted,
  UserRightsRevoked,
  UserSuspended,
  UserReinstated,
] as const;
export type UserEvent = Fact<(typeof userEvents)[number]>;
