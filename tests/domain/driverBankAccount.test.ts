import { describe, it } from 'vitest';
import { driverDecider } from '#domain/drivers/driver.ts';
import { DriverBankAccountChanged, DriverRegistered } from '#domain/drivers/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { ann, berlin, evening, morning, noon, piiDigest } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(driverDecider);
const who = { driver: ann, park: berlin };
const registered = fact(DriverRegistered, morning, who, [piiDigest('identity', 1)]);
const account = [piiDigest('bank_account', 8)];
const asked = { driver: ann, pii: account, when: noon };
const change = { type: 'ChangeDriverBankAccount', ...asked } as const;
const changed = fact(DriverBankAccountChanged, noon, who, account);
const erased = fact(SubjectErased, evening, {
  ...{ subject: { kind: 'driver', id: ann }, erased: ['contact'], held: [] },
});

describe('where a driver is paid', () => {
  it('is said once, of a driver who is there and not erased', () => {
    given().when(change).refuses('DriverUnknown');
    given(registered).when(change).yields(changed);
    given(registered, changed).when(change).yields();
    given(registered, erased).when(change).refuses('DriverErased');
  });
});
