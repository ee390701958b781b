import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConditionCommand, conditionDecider } from '#domain/conditions/condition.ts';
import {
  ConditionAmended,
  ConditionAmendReason,
  ConditionKind,
  ConditionNoted,
  ConditionVoided,
  ConditionVoidReason,
} from '#domain/conditions/events.ts';
import { lateDataDecider } from '#domain/conditions/lateData.ts';
import { ConditionId, DeviceIdent } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import {
  ann,
  berlin,
  bob,
  digest,
  evening,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(conditionDecider);

const condition = ConditionId.parse(uuid8(0x65));
const ident = DeviceIdent.parse('000000000000017');
const concerned = { condition, vehicle: van, park: berlin, driver: ann, rental: rentalOfAnn };
const said = { kind: 'geofence', matter: 'yard', ident } as const;
const open = { endedAt: null, evidence: digest(1) };
const note = { type: 'NoteCondition', ...concerned, ...said, ...open, when: noon } as const;
const noted = fact(ConditionNoted, noon, { ...concerned, ...said, ...open });
const amend = {
  type: 'AmendCondition',
  condition,
  endedAt: evening.at,
  evidence: digest(2),
  reason: 'went_on',
  when: morning,
} as const;
const amended = fact(ConditionAmended, morning, {
  ...concerned,
  startedAt: morning.at,
  endedAt: evening.at,
  evidence: digest(2),
  reason: 'went_on',
});
const strike = { type: 'VoidCondition', condition, reason: 'late_data' } as const;
const voided = fact(ConditionVoided, noon, { ...concerned, reason: 'late_data' });

describe('a condition', () => {
  it('is noted once, and under one content', () => {
    given().when(note).yields(noted);
    given(noted).when(note).yields();
    given(noted, amended).when(note).yields();
    // Whose it is may be known otherwise by then: it stays as it was noted.
    given(noted)
      .when({ ...note, driver: bob, rental: rentalOfBob })
      .yields();
  });

  it.each([
    { kind: 'fault' },
    { matter: 'depot' },
    { ident: null },
    { endedAt: evening.at },
    { evidence: null },
    { when: morning },
  ] as const)('is another one with %o', (other) => {
    given(noted)
      .when({ ...note, ...other })
      .refuses('ConditionAlreadyNoted');
  });

  it('does not end before it begins, and names its fence or code', () => {
    given()
      .when({ ...note, endedAt: morning.at })
      .refuses('EndBeforeStart');
    for (const kind of ['geofence', 'fault'] as const) {
      given()
        .when({ ...note, kind, matter: null })
        .refuses('MatterMissing');
    }
    given()
      .when({ ...note, kind: 'parking', matter: null })
      .yields(fact(ConditionNoted, noon, { ...noted.data, kind: 'parking', matter: null }));
  });

  it('goes on and ends, and stays with whom it was', () => {
    given(noted).when(amend).yields(amended);
    given(noted, amended).when(amend).yields();
    given(noted, amended)
      .when({ ...amend, evidence: null })
      .yields();
    given(noted)
      .when({ ...amend, endedAt: null, when: evening, evidence: null })
      .yields(
        fact(ConditionAmended, evening, {
          ...amended.data,
          ...{ startedAt: evening.at, endedAt: null, evidence: digest(1) },
        }),
      );
    given(noted)
      .when({ ...amend, endedAt: morning.at, when: noon })
      .refuses('EndBeforeStart');
    given().when(amend).refuses('ConditionUnknown');
  });

  it('that never was stays so, and is struck out where it began', () => {
    given(noted).when(strike).yields(voided);
    given(noted, amended)
      .when(strike)
      .yields(fact(ConditionVoided, morning, voided.data));
    given(noted, voided).when(strike).yields();
    given(noted, voided).when(amend).yields();
    given(noted, voided).when(note).yields();
    given().when(strike).refuses('ConditionUnknown');
  });
});

describe('the laws of a condition', () => {
  const extent = {
    condition: fc.constant(condition),
    endedAt: fc.constantFrom(null, noon.at, evening.at),
    evidence: fc.constantFrom(null, digest(1), digest(2)),
    when: fc.constantFrom(morning, noon, evening),
  };
  const anyCommand: fc.Arbitrary<ConditionCommand> = fc.oneof(
    fc.record({
      ...extent,
      type: fc.constant('NoteCondition'),
      vehicle: fc.constant(van),
      park: fc.constant(berlin),
      driver: fc.constantFrom(ann, null),
      rental: fc.constantFrom(rentalOfAnn, null),
      kind: anyOf(ConditionKind),
      matter: fc.constantFrom('yard', 'P0301', null),
      ident: fc.constantFrom(ident, null),
    }),
    fc.record({
      ...extent,
      type: fc.constant('AmendCondition'),
      reason: anyOf(ConditionAmendReason),
    }),
    fc.record({
      type: fc.constant('VoidCondition'),
      condition: fc.constant(condition),
      reason: anyOf(ConditionVoidReason),
    }),
  );

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(conditionDecider, anyCommand);
    expect(seen.events).toEqual(['ConditionAmended', 'ConditionNoted', 'ConditionVoided']);
    expect(seen.refusals).toEqual([
      'ConditionAlreadyNoted',
      'ConditionUnknown',
      'EndBeforeStart',
      'MatterMissing',
    ]);
  });

  it('are kept by the remark on late data too', () => {
    const anyRemark = fc.record({
      type: fc.constant('IgnoreLateData' as const),
      vehicle: fc.constant(van),
      park: fc.constant(berlin),
      ident: fc.constant(ident),
      to: fc.constant(evening.at),
      readings: fc.integer({ min: 1 }),
      when: fc.constant(noon),
    });
    expect(holdToLaws(lateDataDecider, anyRemark).events).toEqual(['LateDataIgnored']);
  });
});
