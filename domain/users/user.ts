import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ActorId, DriverId } from '#domain/kernel/ids.ts';
import { type Instant, type Moment, secondsBetween } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type UserEvent,
  UserReinstated,
  UserRightsGranted,
  UserRightsObserved,
  UserRightsRevoked,
  UserSuspended,
} from './events.ts';
import {
  type CarriedRights,
  type GrantedRights,
  isNothing,
  NO_RIGHTS,
  rightsBeyond,
  rightsCommon,
  rightsTogether,
} from './rights.ts';

/** How many parks may be granted to one user. */
const GRANTED_PARKS_MAX = 100;
/**
 * Rights that were seen so long ago, at most, are not written down again although others were seen since:
 * whoever takes turns with two tokens must not fill the log.
 */
const SEEN_LATELY_S = 60;

/** The rights that a token carries: what it lets do, the driver that its bearer is, and who issued it. */
export interface Carried extends CarriedRights {
  readonly driver: DriverId | null;
  readonly source: string;
}

interface ObserveRights {
  readonly type: 'ObserveRights';
  readonly user: ActorId;
  readonly carried: Carried;
  readonly when: Moment;
}

interface ChangeGrant {
  readonly type: 'GrantRights' | 'RevokeRights';
  readonly user: ActorId;
  readonly rights: GrantedRights;
  readonly when: Moment;
}

interface SuspendUser {
  readonly type: 'SuspendUser';
  readonly user: ActorId;
  readonly reason: string;
  readonly when: Moment;
}

/** What one may ask about a user. Whether the one who asks may is asked elsewhere. */
export type UserCommand =
  | ObserveRights
  | ChangeGrant
  | SuspendUser
  | { readonly type: 'ReinstateUser'; readonly user: ActorId; readonly when: Moment };

/** Why not: nobody has ever come with a token of that user, too many parks, or a part of all of them. */
export type UserRefusal =
  | { readonly code: 'UserUnknown'; readonly user: ActorId }
  | { readonly code: 'GrantedParksExceeded'; readonly parks_max: number }
  | { readonly code: 'AllParksGranted' };

/** Rights as they were seen, and when. */
export interface Seen {
  readonly carried: Carried;
  readonly at: Instant;
}

/**
 * What is known of a user. `seen` are the rights that tokens carried, the newest last, with those that had
 * been seen less than a minute before it: for so long both may be in use. It is empty where nobody came yet.
 */
export interface UserState {
  readonly seen: readonly Seen[];
  readonly granted: GrantedRights;
  readonly suspended: { readonly reason: string; readonly since: Instant } | null;
}

type Decision = Either<UserRefusal, readonly UserEvent[]>;
const nothing: Decision = right([]);

const isLately = ({ at }: Seen, now: Instant): boolean =>
  secondsBetween({ from: at, to: now }) < SEEN_LATELY_S;

/** Whether the log says already that the user comes with these rights. */
export const isSeen = (state: UserState, carried: Carried, now: Instant): boolean => {
  const text = canonicalJson(carried);
  const last = state.seen.at(-1);
  return state.seen.some(
    (one) => (one === last || isLately(one, now)) && canonicalJson(one.carried) === text,
  );
};

const grant = ({ user, rights, when }: ChangeGrant, { granted }: UserState): Decision => {
  const added = rightsBeyond(rights, granted);
  if (isNothing(added)) return nothing;
  const { parks } = rightsTogether(granted, added);
  if (parks.kind === 'listed' && parks.parks.length > GRANTED_PARKS_MAX)
    return left({ code: 'GrantedParksExceeded', parks_max: GRANTED_PARKS_MAX });
  return right([fact(UserRightsGranted, when, { user, ...added })]);
};

const revoke = ({ user, rights, when }: ChangeGrant, { granted }: UserState): Decision => {
  const namesSome = rights.parks.kind === 'listed' && rights.parks.parks.length > 0;
  // Taking one park back from all of them would leave all but one, which a grant cannot say.
  if (granted.parks.kind === 'all' && namesSome) return left({ code: 'AllParksGranted' });
  const taken = rightsCommon(granted, rights);
  return isNothing(taken) ? nothing : right([fact(UserRightsRevoked, when, { user, ...taken })]);
};

const decide = (command: UserCommand, state: UserState): Decision => {
  const { user, when } = command;
  if (command.type === 'ObserveRights') {
    const { carried } = command;
    return isSeen(state, carried, when.at)
      ? nothing
      : right([fact(UserRightsObserved, when, { user, ...carried })]);
  }
  if (state.seen.length === 0) return left({ code: 'UserUnknown', user });
  switch (command.type) {
    case 'GrantRights':
      return grant(command, state);
    case 'RevokeRights':
      return revoke(command, state);
    case 'SuspendUser': {
      const { reason } = command;
      return state.suspended ? nothing : right([fact(UserSuspended, when, { user, reason })]);
    }
    case 'ReinstateUser':
      return state.suspended ? right([fact(UserReinstated, when, { user })]) : nothing;
    default:
      return unreachable(command);
  }
};

const evolve = (state: UserState, event: UserEvent): UserState => {
  switch (event.type) {
    case 'UserRightsObserved': {
      const { user: _, ...carried } = event.data;
      const { at } = event.when;
      const text = canonicalJson(carried);
      const others = state.seen.filter(
        (one) => isLately(one, at) && canonicalJson(one.carried) !== text,
      );
      return { ...state, seen: [...others, { carried, at }] };
    }
    case 'UserRightsGranted':
      return { ...state, granted: rightsTogether(state.granted, event.data) };
    case 'UserRightsRevoked':
      return { ...state, granted: rightsBeyond(state.granted, event.data) };
    case 'UserSuspended':
      return { ...state, suspended: { reason: event.data.reason, since: event.when.at } };
    case 'UserReinstated':
      return { ...state, suspended: null };
    default:
      return unreachable(event);
  }
};

/** One user: what tokens of theirs were seen to carry, what was granted besides, and whether all rests. */
export const userDecider: Decider<UserCommand, UserEvent, UserState, UserRefusal> = {
  initial: { seen: [], granted: NO_RIGHTS, suspended: null },
  decide,
  evolve,
};
