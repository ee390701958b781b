import { describe, expect, it } from 'vitest';
import {
  IncidentAmended,
  IncidentConfirmed,
  IncidentDisputed,
  IncidentRecorded,
  IncidentVoided,
  unmeasured,
} from '#domain/incidents/events.ts';
import { incidentDecider } from '#domain/incidents/incident.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ann,
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
const confirm = { type: 'ConfirmIncident', incident, when: noon } as const;

const recorded = fact(IncidentRecorded, morning, content);
const disputed = fact(IncidentDisputed, noon, { ...concerned, reason: 'facts_wrong' });
const confirmed = fact(IncidentConfirmed, noon, concerned);
const voided = fact(IncidentVoided, noon, { ...concerned, reason: 'measured_wrong' });
const histories = {
  recorded: [recorded],
  disputed: [recorded, disputed],
  confirmed: [recorded, confirmed],
  voided: [recorded, voided],
};

describe('amending an incident', () => {
  const earlier = moment('2026-03-02T07:59:50.000Z');
  const measured = { ...unmeasured, max_speed_kmh: 140, limit_kmh: 100 };
  const end = moment('2026-03-02T08:01:00.000Z').at;
  const amend = {
    type: 'AmendIncident',
    incident,
    driver: bob,
    rental: rentalOfBob,
    endedAt: end,
    trip: null,
    ...measured,
    evidence: digest(5),
    reason: 'late_data',
    when: earlier,
  } as const;
  const ofBob = { ...identity, driver: bob, rental: rentalOfBob };
  const amended = fact(IncidentAmended, earlier, {
    ...ofBob,
    startedAt: earlier.at,
    endedAt: end,
    trip: null,
    ...measured,
    duration_s: 70,
    evidence: digest(5),
    reason: 'late_data',
  });

  it('replaces what was said, from its beginning on, once', () => {
    given(recorded).when(amend).yields(amended);
    given(recorded, amended).when(amend).yields();
    given(recorded, amended)
      .when({ ...amend, evidence: null, reason: 'measured_again' })
      .yields();
    given(recorded, amended)
      .when({ ...confirm, when: earlier })
      .yields(fact(IncidentConfirmed, earlier, ofBob));
  });

  it.each([
    { max_speed_kmh: 141 },
    { manoeuvre: 'braking' },
    { peak_cmps2: 500 },
    { distance_m: 1 },
    { fence: 'yard' },
    { trip },
    { evidence: digest(6) },
  ] as const)('is done for %o alone', (other) => {
    given(recorded, amended)
      .when({ ...amend, ...other })
      .yields(fact(IncidentAmended, earlier, { ...amended.data, ...other }));
  });

  it.each(['disputed', 'confirmed'] as const)('leaves what was %s as it is', (phase) => {
    given(...histories[phase])
      .when(amend)
      .yields(amended);
    const state = replay(incidentDecider, [...histories[phase], amended]);
    expect(state).toMatchObject({ phase, driver: bob, when: earlier, max_speed_kmh: 140 });
  });

  it('leaves alone what was voided, and refuses what cannot have been', () => {
    given(...histories.voided)
      .when(amend)
      .yields();
    given().when(amend).refuses('IncidentUnknown');
    given(recorded)
      .when({ ...amend, max_speed_kmh: null })
      .refuses('MeasureMissing');
    given(recorded)
      .when({ ...amend, when: evening })
      .refuses('EndBeforeStart');
    given(recorded)
      .when({ ...amend, endedAt: moment('2026-03-17T08:00:00.000Z').at })
      .refuses('IncidentTooLong');
  });
});
