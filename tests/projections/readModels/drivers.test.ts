import { describe, expect, it } from 'vitest';
import {
  DriverDeactivated,
  DriverDocumentRecorded,
  DriverDocumentWithdrawn,
  DriverMoved,
  DriverRated,
  DriverReactivated,
  PeerFeedbackGiven,
} from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { DocumentId, RentalId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { drivers } from '#projections/drivers.ts';
import { annDrives, logOf, rowOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  berlin,
  bob,
  car,
  day,
  digest,
  evening,
  izmir,
  licence,
  moment,
  morning,
  noon,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const row = (...facts: LedgerFact[]) => rowOf(drivers, ann, told.driverRegistered(), ...facts);
const who = { driver: ann, park: berlin } as const;

describe('the drivers read model', () => {
  it('begins with an active driver of whom nothing is said', () => {
    expect(row()).toMatchObject({
      driver: ann,
      park: berlin,
      zone: 'Europe/Berlin',
      status: 'active',
      inactive: null,
      registeredAt: morning.at,
      ratings: { operator: { sum: 0, count: 0 }, peer: { sum: 0, count: 0 } },
      rental: null,
      erasure: null,
    });
  });

  it('adds up what others say, each kind for itself', () => {
    const rated = (source: 'operator' | 'customer', score: number) =>
      fact(DriverRated, noon, { ...who, source, score });
    const peer = fact(PeerFeedbackGiven, noon, {
      ...who,
      by: bob,
      score: 4,
      topics: ['punctuality', 'helpfulness'],
    });
    const said = row(rated('operator', 5), rated('customer', 2), rated('customer', 3), peer);
    expect(said?.ratings).toEqual({
      operator: { sum: 5, count: 1 },
      customer: { sum: 5, count: 2 },
      peer: { sum: 4, count: 1 },
    });
    expect(said?.topics).toEqual({
      punctuality: 1,
      vehicle_condition: 0,
      helpfulness: 1,
      communication: 0,
    });
    // Whoever gave the feedback has no row for it.
    expect([...rowsOf(drivers, logOf([told.driverRegistered(), peer])).keys()]).toEqual([ann]);
  });

  it('knows which document that counts expires first', () => {
    const filed = (n: number, expiresOn: string) =>
      fact(DriverDocumentRecorded, noon, {
        ...who,
        document: DocumentId.parse(uuid8(0x62 + n)),
        kind: 'licence',
        digest: digest(n),
        validFrom: null,
        expiresOn: day(expiresOn),
      });
    const both = row(filed(0, '2026-05-01'), filed(1, '2027-05-01'));
    expect(both?.nextExpiry).toBe('2026-05-01');
    const gone = fact(DriverDocumentWithdrawn, evening, {
      ...who,
      document: licence,
      reason: 'replaced',
    });
    const one = row(filed(0, '2026-05-01'), filed(1, '2027-05-01'), gone);
    expect(one?.nextExpiry).toBe('2027-05-01');
    expect(one?.documents.map(({ withdrawn }) => withdrawn)).toEqual(['replaced', null]);
  });

  it('has the vehicle whose rental began last and has not ended', () => {
    const other = RentalId.parse(`${car}~${uuid8(0x53)}`);
    const ofCar = (when: Moment) => told.rentalStarted(when, { rental: other, vehicle: car });
    const ofVan = told.rentalStarted(morning);
    // Two vehicles, two streams: whichever is told first.
    for (const facts of [
      [ofVan, ofCar(noon)],
      [ofCar(noon), ofVan],
    ]) {
      expect(row(...facts)?.rental).toEqual({ rental: other, vehicle: car, since: noon.at });
    }
    const back = row(ofVan, ofCar(noon), told.rentalEnded(evening, { rental: other }));
    expect(back?.rental).toEqual({ rental: rentalOfAnn, vehicle: van, since: morning.at });
    const never = fact(RentalVoided, evening, { ...annDrives, reason: 'recorded_in_error' });
    expect(row(ofVan, never)?.rental).toBe(null);
  });

  it('is deactivated for a reason, moves, and is erased class by class', () => {
    const off = fact(DriverDeactivated, noon, { ...who, reason: 'conduct' });
    expect(row(off)).toMatchObject({
      status: 'inactive',
      inactive: { reason: 'conduct', since: noon.at },
    });
    expect(row(off, fact(DriverReactivated, evening, who))).toMatchObject({
      status: 'active',
      inactive: null,
    });
    const there = moment('2026-03-02T12:00:00.000Z', 'Europe/Istanbul');
    const moved = row(fact(DriverMoved, there, { driver: ann, from: berlin, to: izmir }));
    expect([moved?.park, moved?.zone]).toEqual([izmir, 'Europe/Istanbul']);
    const subject = { kind: 'driver', id: ann } as const;
    const held = [{ class: 'document' as const, until: evening.at }];
    const erased = row(
      fact(SubjectErased, noon, { subject, erased: ['identity'], held }),
      fact(SubjectErased, evening, { subject, erased: ['contact', 'document'], held: [] }),
    );
    expect(erased?.erasure).toEqual({ erased: ['contact', 'document', 'identity'], held: [] });
  });
});
