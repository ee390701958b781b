import { describe, it } from 'vitest';
import { driverDecider } from '#domain/drivers/driver.ts';
import { DriverRegistered } from '#domain/drivers/events.ts';
import { LockoutId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ann, evening, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { annIs, lifted, lockedOut, lockout, spring } from './scene.ts';

const { given } = spec(driverDecider);
const registered = fact(DriverRegistered, spring, annIs);
const lockOut = {
  type: 'LockOutDriver',
  driver: ann,
  lockout,
  reason: 'conduct',
  until: null,
  when: morning,
} as const;
const lift = {
  type: 'LiftLockout',
  driver: ann,
  lockout,
  reason: 'appeal_upheld',
  when: noon,
} as const;

describe('a lockout', () => {
  it('begins, once', () => {
    given(registered).when(lockOut).yields(lockedOut(morning, null));
    given(registered, lockedOut(morning, null)).when(lockOut).yields();
  });

  it('ends after it began', () => {
    const until = { ...lockOut, until: noon.at };
    given(registered).when(until).yields(lockedOut(morning, noon.at));
    given(registered)
      .when({ ...until, when: noon })
      .refuses('EndBeforeStart');
  });

  it('is lifted, once, and not before it began', () => {
    given(registered, lockedOut(morning, null)).when(lift).yields(lifted(noon));
    given(registered, lockedOut(morning, null), lifted(noon)).when(lift).yields();
    given(registered, lockedOut(evening, null)).when(lift).refuses('EndBeforeStart');
  });

  it('must be there to be lifted, and so must the driver', () => {
    given(registered).when(lift).refuses('LockoutUnknown');
    const other = { ...lift, lockout: LockoutId.parse(uuid8(0x99)) };
    given(registered, lockedOut(morning, null)).when(other).refuses('LockoutUnknown');
    given().when(lockOut).refuses('DriverUnknown');
  });
});
