import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DriverCommand, driverDecider } from '#domain/drivers/driver.ts';
import {
  DeactivationReason,
  DriverDocumentKind,
  driverEvents,
  FeedbackTopic,
} from '#domain/drivers/events.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { CommandId, DocumentId, LockoutId } from '#domain/kernel/ids.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { anyCode, anyMoment, anyOf, anyPii, holdToLaws } from '#tests/support/arbitrary.ts';
import { ann, berlin, bob, day, digest, instant, izmir, uuid8 } from '#tests/support/samples.ts';

describe('the laws of a driver', () => {
  const asked = { driver: fc.constant(ann), when: anyMoment };
  const fewOf = <Id>(schema: { readonly parse: (text: unknown) => Id }) =>
    fc.integer({ min: 0, max: 2 }).map((n) => schema.parse(uuid8(n)));
  const anyDay = fc.constantFrom(null, day('2024-02-29'), day('2026-01-01'), day('2030-12-31'));
  const score = fc.integer({ min: 1, max: 5 });
  const anyClass = anyOf(PiiClass);
  const filing = fc.record({
    type: fc.constant('RecordDriverDocument'),
    ...asked,
    document: fewOf(DocumentId),
    kind: anyOf(DriverDocumentKind),
    digest: fc.constantFrom(digest(1), digest(2)),
    validFrom: anyDay,
    expiresOn: anyDay,
    pii: anyPii,
  });
  const anyCommand: fc.Arbitrary<DriverCommand> = fc.oneof(
    fc.record({
      type: fc.constant('RegisterDriver'),
      ...asked,
      park: fc.constantFrom(berlin, izmir),
      operation: fewOf(CommandId),
      pii: anyPii,
    }),
    fc.record({ type: fc.constant('ChangeDriverDetails'), ...asked, pii: anyPii }),
    fc.record({ type: fc.constant('ChangeDriverBankAccount'), ...asked, pii: anyPii }),
    fc.record({ type: fc.constant('MoveDriver'), ...asked, to: fc.constantFrom(berlin, izmir) }),
    { arbitrary: filing, weight: 4 },
    fc.record({
      type: fc.constant('WithdrawDriverDocument'),
      ...asked,
      document: fewOf(DocumentId),
      reason: anyCode,
    }),
    fc.record({
      type: fc.constant('RateDriver'),
      ...asked,
      source: fc.constantFrom('operator', 'customer'),
      score,
    }),
    fc.record({
      type: fc.constant('GivePeerFeedback'),
      ...asked,
      by: fc.constantFrom(ann, bob),
      score,
      topics: fc.array(anyOf(FeedbackTopic), { maxLength: 6 }),
    }),
    fc.record({
      type: fc.constant('DeactivateDriver'),
      ...asked,
      reason: anyOf(DeactivationReason),
    }),
    fc.record({ type: fc.constant('ReactivateDriver'), ...asked }),
    fc.record({
      type: fc.constant('LockOutDriver'),
      ...asked,
      lockout: fewOf(LockoutId),
      reason: anyCode,
      until: fc.constantFrom(null, instant('2030-01-01T00:00:00.000Z')),
    }),
    fc.record({
      type: fc.constant('LiftLockout'),
      ...asked,
      lockout: fewOf(LockoutId),
      reason: anyCode,
    }),
    fc.record({
      type: fc.constant('AbandonClaim'),
      ...asked,
      operation: fewOf(CommandId),
      reason: anyCode,
    }),
    fc.record({
      type: fc.constant('EraseDriver'),
      ...asked,
      erased: fc.array(anyClass, { maxLength: 6 }),
      held: fc.uniqueArray(
        fc.record({ class: anyClass, until: fc.constant(instant('2029-01-01T00:00:00.000Z')) }),
        { selector: (entry) => entry.class },
      ),
    }),
  );

  it('is total, idempotent but for opinions, and survives being stored', () => {
    const seen = holdToLaws(driverDecider, anyCommand, ['RateDriver', 'GivePeerFeedback']);
    const types = [...driverEvents, SubjectErased].map(({ type }) => type);
    expect(seen.events).toEqual(types.sort());
    expect(seen.refusals).toEqual([
      'DocumentAlreadyRecorded',
      'DocumentDatesReversed',
      'DocumentUnknown',
      'DriverAlreadyRegistered',
      'DriverErased',
      'DriverUnknown',
      'EndBeforeStart',
      'FeedbackOnOneself',
      'LockoutUnknown',
      'OperationAbandoned',
    ]);
  });
});
