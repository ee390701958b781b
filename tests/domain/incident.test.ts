import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DisputeReason } from '#domain/fines/events.ts';
import {
  IncidentAmendReason,
  IncidentConfirmed,
  IncidentDisputed,
  IncidentKind,
  IncidentReattributed,
  IncidentRecorded,
  IncidentVoided,
  IncidentVoidReason,
  incidentEvents,
  unmeasured,
} from '#domain/incidents/events.ts';
import { type IncidentCommand, incidentDecider } from '#domain/incidents/incident.ts';
import { replay } from '#domain/kernel/decider.ts';
import { EventId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyId, anyInstant, anyMoment, anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  digest,
  evening,
  incident,
  moment,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  trip,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(incidentDecider);

const identity = { incident, vehicle: van, park: berlin };
const concerned = { ...identity, driver: ann, rental: rentalOfAnn };
const said = {
  ...concerned,
  ...unmeasured,
  kind: 'speeding',
  endedAt: moment('2026-03-02T08:00:40.000Z').at,
  trip,
  max_speed_kmh: 131,
  limit_kmh: 100,
  evidence: null,
  factHash: digest(1),
} as const;
const content = { ...said, duration_s: 40 };
const record = { type: 'RecordIncident', ...said, when: morning } as const;
const dispute = { type: 'DisputeIncident', incident, reason: 'facts_wrong', when: noon } as const;
const confirm = { type: 'ConfirmIncident', incident, when: noon } as const;
const cancel = { type: 'VoidIncident', incident, reason: 'measured_wrong', when: noon } as const;
const toBob = {
  type: 'ReattributeIncident',
  incident,
  driver: bob,
  rental: rentalOfBob,
  basis,
  when: noon,
} as const;

const recorded = fact(IncidentRecorded, morning, content);
const disputed = fact(IncidentDisputed, noon, { ...concerned, reason: 'facts_wrong' });
const confirmed = fact(IncidentConfirmed, noon, concerned);
const voided = fact(IncidentVoided, noon, { ...concerned, reason: 'measured_wrong' });
const ofBob = { ...identity, driver: bob, rental: rentalOfBob };
const reattributed = fact(IncidentReattributed, noon, { ...ofBob, fromDriver: ann, basis });

const histories = {
  recorded: [recorded],
  disputed: [recorded, disputed],
  confirmed: [recorded, confirmed],
  voided: [recorded, voided],
};

describe('recording an incident', () => {
  it('takes it down', () => given().when(record).yields(recorded));
  it('writes nothing when it comes again', () => {
    given(recorded).when(record).yields();
    given(...histories.voided)
      .when({ ...record, when: evening })
      .yields();
  });
  it('takes no other incident under the same id', () => {
    given(recorded)
      .when({ ...record, factHash: digest(2) })
      .refuses('IncidentAlreadyRecorded');
  });
  it('does not end before it begins', () => {
    given()
      .when({ ...record, when: noon })
      .refuses('EndBeforeStart');
  });
  it('may be over in the same moment', () => {
    given()
      .when({ ...record, endedAt: morning.at })
      .yields(fact(IncidentRecorded, morning, { ...content, endedAt: morning.at, duration_s: 0 }));
  });
  it.each([{ max_speed_kmh: null }, { limit_kmh: null }])('is no speeding with %o', (missing) => {
    given()
      .when({ ...record, ...missing })
      .refuses('MeasureMissing');
  });
  it.each(IncidentKind.exclude(['speeding']).options)('needs no speeds for %s', (kind) => {
    const other = { kind, max_speed_kmh: null, limit_kmh: null, trip: null };
    given()
      .when({ ...record, ...other })
      .yields(fact(IncidentRecorded, morning, { ...content, ...other }));
  });
});

describe('the phases of an incident', () => {
  it.each([
    { phase: 'recorded', command: dispute, event: disputed },
    { phase: 'recorded', command: confirm, event: confirmed },
    { phase: 'recorded', command: cancel, event: voided },
    { phase: 'disputed', command: confirm, event: confirmed },
    { phase: 'disputed', command: cancel, event: voided },
    { phase: 'confirmed', command: cancel, event: voided },
    { phase: 'confirmed', command: dispute, event: disputed },
  ] as const)('$phase takes $command.type', ({ phase, command, event }) => {
    given(...histories[phase])
      .when(command)
      .yields(event);
  });
  it.each([
    { phase: 'disputed', command: dispute },
    { phase: 'confirmed', command: confirm },
    { phase: 'voided', command: cancel },
  ] as const)('$phase takes $command.type for a repeat', ({ phase, command }) => {
    given(...histories[phase])
      .when({ ...command, when: evening })
      .yields();
  });
  it.each([dispute, confirm])('voided refuses $type', (command) => {
    given(...histories.voided)
      .when(command)
      .refuses('IncidentPhaseConflict');
  });
  it('begin with recorded: what comes before leaves nothing', () => {
    expect(replay(incidentDecider, [confirmed])).toEqual(incidentDecider.initial);
  });
  it('names the phase that is in the way', () => {
    const decision = incidentDecider.decide(confirm, replay(incidentDecider, histories.voided));
    expect(decision).toMatchObject({ left: { incident, phase: 'voided' } });
  });
  it.each([dispute, confirm, cancel, toBob])('$type needs an incident', (command) => {
    given().when(command).refuses('IncidentUnknown');
  });
  it.each([dispute, confirm, cancel, toBob])('$type is not before the incident', (command) => {
    given(recorded)
      .when({ ...command, when: moment('2026-03-02T07:59:59.999Z') })
      .refuses('FactBeforeIncident');
  });
  it('may go on in the very moment it began', () => {
    given(recorded)
      .when({ ...confirm, when: morning })
      .yields(fact(IncidentConfirmed, morning, concerned));
  });
});

describe('reattributing an incident', () => {
  it('names who had the vehicle, and who was thought to', () =>
    given(recorded).when(toBob).yields(reattributed));
  it('leaves the phase, and later events concern the new driver', () => {
    given(recorded, confirmed, reattributed)
      .when(cancel)
      .yields(fact(IncidentVoided, noon, { ...ofBob, reason: 'measured_wrong' }));
    given(recorded, confirmed, reattributed).when(confirm).yields();
  });
  it('may leave nobody', () => {
    const nobody = { driver: null, rental: null };
    given(recorded)
      .when({ ...toBob, ...nobody })
      .yields(fact(IncidentReattributed, noon, { ...identity, ...nobody, fromDriver: ann, basis }));
  });
  it('may change the driver alone', () => {
    given(recorded)
      .when({ ...toBob, rental: rentalOfAnn })
      .yields(
        fact(IncidentReattributed, noon, { ...ofBob, rental: rentalOfAnn, fromDriver: ann, basis }),
      );
  });
  it('may change the rental alone', () => {
    given(recorded)
      .when({ ...toBob, driver: ann })
      .yields(fact(IncidentReattributed, noon, { ...ofBob, driver: ann, fromDriver: ann, basis }));
  });
  it('writes nothing where it is so already', () =>
    given(recorded, reattributed).when(toBob).yields());
  it('leaves a voided incident alone', () => {
    given(...histories.voided)
      .when(toBob)
      .yields();
  });
});

describe('the laws of an incident', () => {
  const subject = {
    incident: fc.constant(incident),
    when: fc.oneof(fc.constantFrom(morning, noon, evening), anyMoment),
  };
  const attribution = {
    driver: fc.constantFrom(ann, bob, null),
    rental: fc.constantFrom(rentalOfAnn, rentalOfBob, null),
  };
  const speed = fc.option(fc.integer({ min: 0, max: 400 }), { freq: 1 });
  const changing = {
    ...attribution,
    endedAt: fc.oneof(anyInstant, fc.constantFrom(noon.at, evening.at)),
    trip: fc.constantFrom(trip, null),
    max_speed_kmh: speed,
    limit_kmh: speed,
    manoeuvre: fc.constantFrom('braking' as const, 'cornering' as const, null),
    peak_cmps2: fc.constantFrom(512, null),
    distance_m: fc.constantFrom(900, null),
    fence: fc.constantFrom('yard', null),
    evidence: fc.constantFrom(digest(5), digest(6), null),
    when: fc.constantFrom(morning, noon),
  };
  const anyCommand: fc.Arbitrary<IncidentCommand> = fc.oneof(
    fc.record({
      type: fc.constant('RecordIncident'),
      ...subject,
      ...changing,
      vehicle: fc.constant(van),
      park: fc.constant(berlin),
      kind: fc.oneof(fc.constant('speeding' as const), anyOf(IncidentKind)),
      factHash: fc.constantFrom(digest(1), digest(2)),
    }),
    fc.record({
      type: fc.constant('AmendIncident'),
      ...subject,
      ...changing,
      reason: anyOf(IncidentAmendReason),
    }),
    fc.record({ type: fc.constant('DisputeIncident'), ...subject, reason: anyOf(DisputeReason) }),
    fc.record({ type: fc.constant('ConfirmIncident'), ...subject }),
    fc.record({ type: fc.constant('VoidIncident'), ...subject, reason: anyOf(IncidentVoidReason) }),
    fc.record({
      type: fc.constant('ReattributeIncident'),
      ...subject,
      ...attribution,
      basis: anyId(EventId),
    }),
  );

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(incidentDecider, anyCommand);
    expect(seen.events).toEqual(incidentEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual([
      'EndBeforeStart',
      'FactBeforeIncident',
      'IncidentAlreadyRecorded',
      'IncidentPhaseConflict',
      'IncidentTooLong',
      'IncidentUnknown',
      'MeasureMissing',
    ]);
  });
});
