import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DisputeReason,
  FineConfirmed,
  FineDisputed,
  FineIssued,
  FinePaid,
  FineReattributed,
  FineVoided,
  FineVoidReason,
  fineEvents,
} from '#domain/fines/events.ts';
import { type FineCommand, fineDecider } from '#domain/fines/fine.ts';
import { replay } from '#domain/kernel/decider.ts';
import { EventId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  anyCode,
  anyId,
  anyMoment,
  anyMoney,
  anyOf,
  anyReference,
  holdToLaws,
} from '#tests/support/arbitrary.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  digest,
  euro,
  evening,
  fine,
  lira,
  moment,
  money,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(fineDecider);

const identity = { fine, vehicle: van, park: berlin };
const concerned = { ...identity, driver: ann, rental: rentalOfAnn };
const content = {
  ...concerned,
  offence: 'speeding',
  reference: 'B/2026-118',
  amount: money('7000'),
  points: 1,
  factHash: digest(1),
};
const issue = { type: 'IssueFine', ...content, when: morning, parkCurrency: euro } as const;
const dispute = { type: 'DisputeFine', fine, reason: 'not_the_driver', when: noon } as const;
const confirm = { type: 'ConfirmFine', fine, when: noon } as const;
const cancel = { type: 'VoidFine', fine, reason: 'appeal_upheld', when: noon } as const;
const pay = { type: 'PayFine', fine, when: noon } as const;
const toBob = {
  type: 'ReattributeFine',
  fine,
  driver: bob,
  rental: rentalOfBob,
  basis,
  when: noon,
} as const;

const issued = fact(FineIssued, morning, content);
const disputed = fact(FineDisputed, noon, { ...concerned, reason: 'not_the_driver' });
const confirmed = fact(FineConfirmed, noon, concerned);
const voided = fact(FineVoided, noon, { ...concerned, reason: 'appeal_upheld' });
const paid = fact(FinePaid, noon, concerned);
const ofBob = { ...identity, driver: bob, rental: rentalOfBob };
const reattributed = fact(FineReattributed, noon, { ...ofBob, fromDriver: ann, basis });

const histories = {
  issued: [issued],
  disputed: [issued, disputed],
  confirmed: [issued, confirmed],
  paid: [issued, confirmed, paid],
  voided: [issued, voided],
};

describe('issuing a fine', () => {
  it('records it', () => given().when(issue).yields(issued));
  it('writes nothing when it comes again', () => {
    given(issued).when(issue).yields();
    given(...histories.voided)
      .when({ ...issue, when: evening })
      .yields();
  });
  it('takes no other fine under the same id', () => {
    given(issued)
      .when({ ...issue, factHash: digest(2) })
      .refuses('FineAlreadyIssued');
  });
  it('takes only the currency of the park', () => {
    given()
      .when({ ...issue, parkCurrency: lira })
      .refuses('ForeignCurrency');
  });
  it('may concern nobody', () => {
    const nobody = { driver: null, rental: null };
    given()
      .when({ ...issue, ...nobody })
      .yields(fact(FineIssued, morning, { ...content, ...nobody }));
  });
});

describe('the phases of a fine', () => {
  it.each([
    { phase: 'issued', command: dispute, event: disputed },
    { phase: 'issued', command: confirm, event: confirmed },
    { phase: 'issued', command: cancel, event: voided },
    { phase: 'disputed', command: confirm, event: confirmed },
    { phase: 'disputed', command: cancel, event: voided },
    { phase: 'confirmed', command: pay, event: paid },
    { phase: 'confirmed', command: cancel, event: voided },
    { phase: 'confirmed', command: dispute, event: disputed },
    { phase: 'paid', command: cancel, event: voided },
  ] as const)('$phase takes $command.type', ({ phase, command, event }) => {
    given(...histories[phase])
      .when(command)
      .yields(event);
  });
  it.each([
    { phase: 'disputed', command: dispute },
    { phase: 'confirmed', command: confirm },
    { phase: 'paid', command: pay },
    { phase: 'voided', command: cancel },
  ] as const)('$phase takes $command.type for a repeat', ({ phase, command }) => {
    given(...histories[phase])
      .when({ ...command, when: evening })
      .yields();
  });
  it.each([
    { phase: 'issued', command: pay },
    { phase: 'disputed', command: pay },
    { phase: 'paid', command: dispute },
    { phase: 'paid', command: confirm },
    { phase: 'voided', command: dispute },
    { phase: 'voided', command: confirm },
    { phase: 'voided', command: pay },
  ] as const)('$phase refuses $command.type', ({ phase, command }) => {
    given(...histories[phase])
      .when(command)
      .refuses('FinePhaseConflict');
  });
  it('begin with issued: what comes before leaves nothing', () => {
    expect(replay(fineDecider, [confirmed])).toEqual(fineDecider.initial);
  });
  it('names the phase that is in the way', () => {
    const decision = fineDecider.decide(pay, replay(fineDecider, histories.disputed));
    expect(decision).toMatchObject({ left: { fine, phase: 'disputed' } });
  });
  it.each([dispute, confirm, cancel, pay, toBob])('$type needs a fine', (command) => {
    given().when(command).refuses('FineUnknown');
  });
  it.each([dispute, confirm, cancel, pay, toBob])('$type is not before the offence', (command) => {
    const before = moment('2026-03-02T07:59:59.999Z');
    given(...histories.confirmed)
      .when({ ...command, when: before })
      .refuses('FactBeforeOffence');
  });
  it('may go on in the very moment of the offence', () => {
    given(issued)
      .when({ ...confirm, when: morning })
      .yields(fact(FineConfirmed, morning, concerned));
  });
});

describe('reattributing a fine', () => {
  it('names who had the vehicle, and who was thought to', () =>
    given(issued).when(toBob).yields(reattributed));
  it('leaves the phase, and later events concern the new driver', () => {
    given(issued, confirmed, reattributed)
      .when(pay)
      .yields(fact(FinePaid, noon, ofBob));
  });
  it('may leave nobody', () => {
    const nobody = { driver: null, rental: null };
    given(issued)
      .when({ ...toBob, ...nobody })
      .yields(fact(FineReattributed, noon, { ...identity, ...nobody, fromDriver: ann, basis }));
  });
  it('may change the driver alone', () => {
    given(issued)
      .when({ ...toBob, rental: rentalOfAnn })
      .yields(
        fact(FineReattributed, noon, { ...ofBob, rental: rentalOfAnn, fromDriver: ann, basis }),
      );
  });
  it('may change the rental alone', () => {
    given(issued)
      .when({ ...toBob, driver: ann })
      .yields(fact(FineReattributed, noon, { ...ofBob, driver: ann, fromDriver: ann, basis }));
  });
  it('writes nothing where it is so already', () => {
    given(issued, reattributed).when(toBob).yields();
    given(issued)
      .when({ ...toBob, driver: ann, rental: rentalOfAnn })
      .yields();
  });
  it('leaves a voided fine alone', () =>
    given(...histories.voided)
      .when(toBob)
      .yields());
});

describe('the laws of a fine', () => {
  const subject = {
    fine: fc.constant(fine),
    when: fc.oneof(fc.constantFrom(morning, noon, evening), anyMoment),
  };
  const attribution = {
    driver: fc.constantFrom(ann, bob, null),
    rental: fc.constantFrom(rentalOfAnn, rentalOfBob, null),
  };
  const anyCommand: fc.Arbitrary<FineCommand> = fc.oneof(
    fc.record({
      type: fc.constant('IssueFine'),
      ...subject,
      ...attribution,
      vehicle: fc.constant(van),
      park: fc.constant(berlin),
      offence: anyCode,
      reference: anyReference,
      amount: fc.oneof(anyMoney, fc.constant(money('7000'))),
      points: fc.integer({ min: 0, max: 100 }),
      factHash: fc.constantFrom(digest(1), digest(2)),
      parkCurrency: fc.constantFrom(euro, lira),
      when: fc.constantFrom(morning, noon),
    }),
    fc.record({ type: fc.constant('DisputeFine'), ...subject, reason: anyOf(DisputeReason) }),
    fc.record({ type: fc.constant('ConfirmFine'), ...subject }),
    fc.record({ type: fc.constant('VoidFine'), ...subject, reason: anyOf(FineVoidReason) }),
    fc.record({ type: fc.constant('PayFine'), ...subject }),
    fc.record({
      type: fc.constant('ReattributeFine'),
      ...subject,
      ...attribution,
      basis: anyId(EventId),
    }),
  );

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(fineDecider, anyCommand);
    expect(seen.events).toEqual(fineEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual([
      'FactBeforeOffence',
      'FineAlreadyIssued',
      'FinePhaseConflict',
      'FineUnknown',
      'ForeignCurrency',
    ]);
  });
});
