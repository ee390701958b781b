import { z } from 'zod';
import { Odometer_m, Reference } from '#domain/kernel/fields.ts';
import { DriverId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import { RentalEndReason, RentalVoidReason } from '#domain/rentals/events.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * Who had a vehicle from when to when. `recorded` became known when it was over, `voided` never was;
 * `endedAt` is null while the driver has the vehicle, and for a voided rental that had no end.
 */
export const RentalRow = z.strictObject({
  rental: RentalId,
  vehicle: VehicleId,
  driver: DriverId,
  park: ParkId,
  plan: Reference.nullable(),
  rate: Reference.nullable(),
  status: z.enum(['open', 'ended', 'recorded', 'voided']),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  zone: Zone,
  localDate: LocalDate,
  endReason: RentalEndReason.nullable(),
  voidReason: RentalVoidReason.nullable(),
  odometerStart_m: Odometer_m.nullable(),
  odometerEnd_m: Odometer_m.nullable(),
  ...lastEvent,
});
export type RentalRow = z.infer<typeof RentalRow>;

const evolve = (row: RentalRow | null, event: ProjectedEvent): RentalRow | null => {
  const { fact } = event;
  const { at: startedAt, zone, localDate } = fact.when;
  const begun = { startedAt, zone, localDate, endReason: null, voidReason: null };
  switch (fact.type) {
    case 'RentalStarted': {
      const { odometer_m: odometerStart_m, ...party } = fact.data;
      const open = { status: 'open', endedAt: null, odometerStart_m, odometerEnd_m: null } as const;
      return { ...party, ...begun, ...open, ...after(event) };
    }
    case 'RentalRecorded': {
      const unread = { odometerStart_m: null, odometerEnd_m: null };
      return { ...fact.data, ...begun, status: 'recorded', ...unread, ...after(event) };
    }
    case 'RentalEnded': {
      const { reason: endReason, odometer_m: odometerEnd_m } = fact.data;
      const ended = { endedAt: fact.when.at, endReason, odometerEnd_m };
      return row && { ...row, status: 'ended', ...ended, ...after(event) };
    }
    case 'RentalVoided':
      return row && { ...row, status: 'voided', voidReason: fact.data.reason, ...after(event) };
    default:
      return row;
  }
};

/** Every rental, by its id. */
export const rentals: Projection<RentalRow> = {
  name: 'rentals',
  version: 1,
  row: RentalRow,
  handles: ['RentalStarted', 'RentalEnded', 'RentalRecorded', 'RentalVoided'],
  keys: ({ fact }) =>
    'rental' in fact.data && fact.data.rental !== null ? [fact.data.rental] : [],
  evolve,
  subject: (key) => SubjectKey.parse(`rental:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    started_at: { path: ['startedAt'], type: 'timestamptz' },
    ended_at: { path: ['endedAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['vehicle', 'started_at'],
    ['driver', 'started_at'],
    ['park', 'started_at'],
    ['status', 'started_at'],
    ['started_at'],
  ],
};
