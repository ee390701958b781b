import { describe, expect, it } from 'vitest';
import { DriverLockedOut, DriverLockoutLifted } from '#domain/drivers/events.ts';
import { LockoutId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { lockouts } from '#projections/lockouts.ts';
import { rowOf } from '#tests/support/projectedEvents.ts';
import { ann, berlin, evening, morning, noon, uuid8 } from '#tests/support/samples.ts';

const lockout = LockoutId.parse(uuid8(0x66));
const who = { driver: ann, park: berlin, lockout };
const imposed = fact(DriverLockedOut, morning, { ...who, reason: 'conduct', until: evening.at });
const lifted = fact(DriverLockoutLifted, noon, { ...who, reason: 'appeal_upheld' });
const key = `${ann}/${lockout}`;

describe('the lockouts read model', () => {
  it('shows why and how long somebody is locked out', () => {
    expect(rowOf(lockouts, key, imposed)).toMatchObject({
      driver: ann,
      status: 'imposed',
      reasonCode: 'conduct',
      startedAt: morning.at,
      until: evening.at,
      liftedAt: null,
    });
  });

  it('shows that it was lifted, and when', () => {
    expect(rowOf(lockouts, key, imposed, lifted)).toMatchObject({
      status: 'lifted',
      reasonCode: 'conduct',
      liftedAt: noon.at,
      liftReasonCode: 'appeal_upheld',
    });
    expect(rowOf(lockouts, key, lifted)).toBeNull();
  });
});
