import { describe, expect, it } from 'vitest';
import {
  IncidentAmended,
  IncidentConfirmed,
  IncidentReattributed,
  IncidentRecorded,
  unmeasured,
} from '#domain/incidents/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { incidents } from '#projections/incidents.ts';
import { about, annDrives, rowOf } from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  bob,
  digest,
  evening,
  incident,
  moment,
  noon,
  rentalOfBob,
  trip,
} from '#tests/support/samples.ts';

const toBob = { driver: bob, rental: rentalOfBob } as const;

describe('the incidents read model', () => {
  const recorded = fact(IncidentRecorded, noon, {
    incident,
    ...annDrives,
    kind: 'speeding',
    endedAt: evening.at,
    trip,
    ...unmeasured,
    max_speed_kmh: 131,
    limit_kmh: 100,
    duration_s: 40,
    evidence: null,
    factHash: digest(1),
  });

  it('tells violations from incidents, and follows them', () => {
    const confirmed = fact(IncidentConfirmed, evening, { incident, ...annDrives });
    expect(rowOf(incidents, incident, recorded, confirmed)).toMatchObject({
      class: 'violation',
      status: 'confirmed',
      startedAt: noon.at,
      endedAt: evening.at,
      trip,
    });
    const theft = { ...recorded, data: { ...recorded.data, kind: 'theft' as const } };
    expect(rowOf(incidents, incident, theft)?.class).toBe('incident');
    const data = { incident, ...about, driver: null, rental: null, fromDriver: ann, basis };
    const moved = rowOf(incidents, incident, recorded, fact(IncidentReattributed, noon, data));
    expect([moved?.driver, moved?.reattributions]).toEqual([null, 1]);
  });

  it('shows what was measured last, in the phase that it was in', () => {
    const confirmed = fact(IncidentConfirmed, evening, { incident, ...annDrives });
    const dayBefore = moment('2026-03-01T22:30:00.000Z');
    const now = {
      ...{ startedAt: dayBefore.at, endedAt: noon.at, trip: null, ...unmeasured },
      ...{ max_speed_kmh: 140, limit_kmh: 90, duration_s: 70, evidence: digest(5) },
    };
    const data = { incident, ...about, ...toBob, ...now, reason: 'went_on' } as const;
    const amended = fact(IncidentAmended, dayBefore, data);
    expect(rowOf(incidents, incident, recorded, confirmed, amended)).toMatchObject({
      ...toBob,
      ...now,
      kind: 'speeding',
      status: 'confirmed',
      statusSince: evening.at,
      localDate: '2026-03-01',
      amendments: 1,
      amendReason: 'went_on',
    });
  });
});
