import { covers, type Instant } from '#domain/kernel/instant.ts';
import { type History, saying } from './held.ts';
import { type Finding, finding } from './reason.ts';

const isRegistered = saying('DriverRegistered');
const isActivity = saying('DriverDeactivated', 'DriverReactivated');
const isLockout = saying('DriverLockedOut');
const isLifted = saying('DriverLockoutLifted');

const lockouts = (happened: History, at: Instant): readonly Finding[] => {
  const lifted = new Set(happened.filter(isLifted).map(({ fact }) => fact.data.lockout));
  return happened
    .filter(isLockout)
    .filter(({ fact }) => !lifted.has(fact.data.lockout))
    .map((held) => ({ held, from: held.fact.when.at, to: held.fact.data.until }))
    .filter((lockout) => covers(lockout, at))
    .map(({ held, to }) => finding('driver_locked_out', [held], { until: to }));
};

/** What keeps a driver from driving at all, by what had happened by a moment. */
export const driverFindings = (happened: History, at: Instant): readonly Finding[] => {
  const last = happened.filter(isActivity).at(-1);
  return [
    ...(happened.some(isRegistered) ? [] : [finding('driver_not_registered', [])]),
    ...(last?.fact.type === 'DriverDeactivated' ? [finding('driver_deactivated', [last])] : []),
    ...lockouts(happened, at),
  ];
};
