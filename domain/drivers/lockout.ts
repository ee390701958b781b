import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import type { DriverId, LockoutId, ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { type Fact, fact } from '#domain/kernel/registry.ts';
import { DriverLockedOut, DriverLockoutLifted } from './events.ts';

interface LockOut {
  readonly type: 'LockOutDriver';
  readonly driver: DriverId;
  readonly lockout: LockoutId;
  readonly reason: string;
  readonly until: Instant | null;
  readonly when: Moment;
}

interface Lift {
  readonly type: 'LiftLockout';
  readonly driver: DriverId;
  readonly lockout: LockoutId;
  readonly reason: string;
  readonly when: Moment;
}

/** Keeping a driver from driving for a while, `until` null: until further notice; and letting go again. */
export type LockoutCommand = LockOut | Lift;

export type LockoutRefusal =
  | { readonly code: 'LockoutUnknown'; readonly lockout: LockoutId }
  | { readonly code: 'EndBeforeStart' };

/** Every lockout there ever was, with when it began and whether it was lifted. */
export type Lockouts = ReadonlyMap<
  LockoutId,
  { readonly since: Instant; readonly lifted: boolean }
>;

export type LockoutEvent = Fact<typeof DriverLockedOut> | Fact<typeof DriverLockoutLifted>;

type Decision = Either<LockoutRefusal, readonly LockoutEvent[]>;

const lockOut = (command: LockOut, park: ParkId, lockouts: Lockouts): Decision => {
  const { driver, lockout, reason, until, when } = command;
  if (lockouts.has(lockout)) return right([]);
  if (until !== null && until <= when.at) return left({ code: 'EndBeforeStart' });
  return right([fact(DriverLockedOut, when, { driver, park, lockout, reason, until })]);
};

const lift = (
  { driver, lockout, reason, when }: Lift,
  park: ParkId,
  lockouts: Lockouts,
): Decision => {
  const known = lockouts.get(lockout);
  if (!known) return left({ code: 'LockoutUnknown', lockout });
  if (known.lifted) return right([]);
  if (when.at < known.since) return left({ code: 'EndBeforeStart' });
  return right([fact(DriverLockoutLifted, when, { driver, park, lockout, reason })]);
};

/** Decides what is asked about the lockouts of a driver of a park. */
export const decideLockout = (
  command: LockoutCommand,
  { park, lockouts }: { readonly park: ParkId; readonly lockouts: Lockouts },
): Decision => {
  switch (command.type) {
    case 'LockOutDriver':
      return lockOut(command, park, lockouts);
    case 'LiftLockout':
      return lift(command, park, lockouts);
    default:
      return unreachable(command);
  }
};

/** The lockouts after one more event. */
export const evolveLockouts = (
  lockouts: Lockouts,
  { type, when, data }: LockoutEvent,
): Lockouts => {
  if (type === 'DriverLockedOut') {
    return new Map(lockouts).set(data.lockout, { since: when.at, lifted: false });
  }
  const known = lockouts.get(data.lockout);
  return known ? new Map(lockouts).set(data.lockout, { ...known, lifted: true }) : lockouts;
};
