import type { History } from '#domain/access/held.ts';
import {
  DriverDocumentRecorded,
  DriverLockedOut,
  DriverLockoutLifted,
  DriverRegistered,
} from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { DocumentId, EventId, LockoutId, RepairId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  VehicleCommissioned,
  VehicleDocumentRecorded,
  VehicleRegistered,
} from '#domain/registry/events.ts';
import { RentalEnded, RentalStarted } from '#domain/rentals/events.ts';
import {
  ann,
  berlin,
  day,
  digest,
  euro,
  moment,
  morning,
  operation,
  owner,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';

/** The stream of some facts, its ids counted from `first`. */
export const history = (first: number, facts: readonly LedgerFact[]): History =>
  facts.map((each, index) => ({
    id: EventId.parse(uuid8(first + index)),
    revision: BigInt(index),
    position: BigInt(first + index),
    fact: each,
  }));

export const spring = moment('2026-03-01T06:00:00.000Z');
export const annIs = { driver: ann, park: berlin };
export const vanIs = { vehicle: van, park: berlin };
export const rentalIs = { rental: rentalOfAnn, ...vanIs, driver: ann };
export const lockout = LockoutId.parse(uuid8(0x90));
export const repair = RepairId.parse(`${van}~${uuid8(0x91)}`);

export const driverPaper = (
  kind: 'licence' | 'insurance',
  expiresOn: LocalDate | null,
  n: number,
  validFrom: LocalDate | null = null,
) => {
  const document = DocumentId.parse(uuid8(n));
  const content = { document, kind, digest: digest(n), validFrom, expiresOn };
  return fact(DriverDocumentRecorded, spring, { ...annIs, ...content });
};

export const vanPaper = (
  kind: 'registration' | 'insurance',
  expiresOn: LocalDate | null,
  n: number,
) => {
  const document = DocumentId.parse(uuid8(n));
  const content = { document, kind, digest: digest(n), expiresOn };
  return fact(VehicleDocumentRecorded, spring, { ...vanIs, ...content });
};

export const lockedOut = (when: Moment, until: Instant | null) =>
  fact(DriverLockedOut, when, { ...annIs, lockout, reason: 'conduct', until });
export const lifted = (when: Moment) =>
  fact(DriverLockoutLifted, when, { ...annIs, lockout, reason: 'appeal_upheld' });

export const takes = (when: Moment) =>
  fact(RentalStarted, when, { ...rentalIs, plan: null, rate: null, odometer_m: null });
export const returns = (when: Moment) =>
  fact(RentalEnded, when, { ...rentalIs, reason: 'returned', odometer_m: null });

/** A driver whose papers are all in order. */
export const goodDriver: readonly LedgerFact[] = [
  fact(DriverRegistered, spring, annIs),
  driverPaper('licence', day('2026-03-02'), 0xa0),
  driverPaper('insurance', null, 0xa1),
];

/** A vehicle that is fit and whose papers are all in order. */
export const goodVan: readonly LedgerFact[] = [
  fact(VehicleRegistered, spring, {
    ...vanIs,
    owner,
    make: 'Renault',
    model: 'Twizy',
    year: 2021,
    vinCheck: 'no_check_digit',
    currency: euro,
    odometer_m: 0,
    operation,
  }),
  fact(VehicleCommissioned, spring, vanIs),
  vanPaper('registration', day('2030-01-01'), 0xa2),
  vanPaper('insurance', day('2030-01-01'), 0xa3),
];

/** The van that Ann took on the morning of 2 March. */
export const takenVan: readonly LedgerFact[] = [...goodVan, takes(morning)];
