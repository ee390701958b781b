import { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import { replay } from '#domain/kernel/decider.ts';
import { ActorId, DriverId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import type { UserEvent } from '#domain/users/events.ts';
import { CarriedRights, GrantedRights, Permission, Role } from '#domain/users/rights.ts';
import { type UserState, userDecider } from '#domain/users/user.ts';

/** What a user may do, or could do at some moment, and why. */
export const UserReply = z
  .strictObject({
    user_id: ActorId,
    known_position: z
      .string()
      .meta({ description: 'Send it as `known_at` to see the same again.' }),
    true_at: Instant.nullable(),
    suspended: z.strictObject({ reason: z.string(), since: Instant }).nullable(),
    roles: z.array(Role).meta({ description: 'In force then: carried or granted.' }),
    permissions: z.array(Permission).meta({ description: 'In force then: carried or granted.' }),
    carried: z
      .array(
        z.strictObject({
          ...CarriedRights.shape,
          driver_id: DriverId.nullable(),
          source: z.string(),
          since: Instant,
        }),
      )
      .meta({ description: 'What tokens said; several where several were used within a minute.' }),
    granted: GrantedRights.meta({ description: 'What an admin had granted besides.' }),
  })
  .meta({ id: 'User' });

const isUserEvent = (fact: LedgerFact): fact is LedgerFact & UserEvent =>
  fact.type === 'UserRightsObserved' ||
  fact.type === 'UserRightsGranted' ||
  fact.type === 'UserRightsRevoked' ||
  fact.type === 'UserSuspended' ||
  fact.type === 'UserReinstated';

/** The state that some facts of a user's history come to. */
export const userStateOf = (facts: readonly LedgerFact[]): UserState =>
  replay(userDecider, facts.filter(isUserEvent));

/** A user's rights in the form of the wire; while suspended none is in force. */
export const userReply = (
  { seen, granted, suspended }: UserState,
  about: Pick<z.infer<typeof UserReply>, 'user_id' | 'known_position' | 'true_at'>,
): z.infer<typeof UserReply> => {
  const sources = suspended ? [] : [...seen.map(({ carried }) => carried), granted];
  return {
    ...about,
    suspended,
    roles: Role.options.filter((role) => sources.some(({ roles }) => roles.includes(role))),
    permissions: Permission.options.filter((one) =>
      sources.some(({ permissions }) => permissions.includes(one)),
    ),
    carried: seen.map(({ carried: { driver: driver_id, ...rights }, at: since }) => ({
      ...rights,
      driver_id,
      since,
    })),
    granted,
  };
};
