import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { TripId } from '#domain/kernel/ids.ts';
import type { TripEvent } from '#domain/trips/events.ts';
import { type LogbookCommand, logbookDecider } from '#domain/trips/logbook.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import {
  ann,
  berlin,
  digest,
  moment,
  rentalOfAnn,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const other = TripId.parse(`${van}~${uuid8(0x53)}`);
const bounds = { registeredAt: moment('2026-01-01T00:00:00.000Z').at, retiredAt: null };
const about = { vehicle: van, park: berlin, bounds };
const byAnn = { driver: ann, rental: rentalOfAnn };
const report = { distance_m: 12_000, max_speed_kmh: 83, over_limit_s: 20 };

const times = Array.from({ length: 8 }, (_, hour) => moment(`2026-03-02T0${hour}:00:00.000Z`));
const trips = [trip, other, TripId.parse(`${van}~${uuid8(0x54)}`)];

const anyCommand: fc.Arbitrary<LogbookCommand> = fc
  .record({
    when: fc.constantFrom(...times),
    to: fc.constantFrom(...times),
    trip: fc.constantFrom(...trips),
    hash: fc.integer({ min: 0, max: 3 }),
    distance_m: fc.integer({ min: 0, max: 2 }),
    driver: fc.constantFrom(byAnn, { driver: null, rental: null }),
    isMoved: fc.boolean(),
    which: fc.constantFrom('start', 'end', 'record', 'amend', 'void', 'close'),
  })
  .map(({ when, to, hash, distance_m, driver, isMoved, which, trip: of }): LogbookCommand => {
    const told = { ...report, distance_m };
    const base = { ...about, trip: of, when };
    switch (which) {
      case 'start':
        return { type: 'StartTrip', ...base, ...driver, odometer_m: null };
      case 'end':
        return { type: 'EndTrip', ...base, report: told, odometer_m: null };
      case 'record':
        return {
          type: 'RecordTrip',
          ...base,
          ...driver,
          endedAt: to.at,
          report: told,
          evidence: null,
          factHash: digest(hash),
        };
      case 'amend':
        return {
          type: 'AmendTrip',
          ...base,
          ...driver,
          startedAt: isMoved ? when.at : null,
          endedAt: to.at,
          report: told,
          evidence: digest(hash),
          reason: 'late_data',
        };
      case 'void':
        return { type: 'VoidTrip', vehicle: van, trip: of, reason: 'late_data', when };
      default:
        return { type: 'CloseSegment', vehicle: van, park: berlin, segment: 0, when };
    }
  });

describe('the laws of a logbook', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(logbookDecider, anyCommand);
    expect(seen.events).toEqual([
      'TripAmended',
      'TripEnded',
      'TripRecorded',
      'TripStarted',
      'TripVoided',
    ]);
    expect(seen.refusals).toEqual(expect.arrayContaining(['TripIsVoid', 'TripOverlaps']));
  });

  it('never holds two trips at the same time', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60, size: 'max' }), (commands) => {
        const history: TripEvent[] = [];
        for (const command of commands) {
          const decision = logbookDecider.decide(command, replay(logbookDecider, history));
          if (decision._tag === 'Right') history.push(...decision.right);
        }
        const state = replay(logbookDecider, history);
        const standing = [...state.current.trips.values()].filter(({ voided }) => !voided);
        const known = standing.sort((left, right) =>
          left.from === right.from
            ? (left.to ?? '9') < (right.to ?? '9')
              ? -1
              : 1
            : left.from < right.from
              ? -1
              : 1,
        );
        expect(known.filter(({ to }) => to === null).length).toBeLessThanOrEqual(1);
        known.slice(1).forEach(({ from }, index) => {
          const before = known[index];
          expect(before && before.to !== null && before.to <= from).toBe(true);
        });
      }),
    );
  });
});
