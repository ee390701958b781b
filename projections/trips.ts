import { z } from 'zod';
import { StoredInstant } from '#domain/features/stored.ts';
import { Odometer_m } from '#domain/kernel/fields.ts';
import { Digest, DriverId, ParkId, RentalId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import { TripAmendReason, TripMeasure, TripVoidReason } from '#domain/trips/events.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * A trip as it is known now. `recorded` became known as a whole afterwards, `amended` changed after it had
 * ended, `voided` never was; `endedAt` and `measure` are null while it is under way. The local date is that
 * of its start. `evidence` is the digest of the readings that it was concluded from, null where there are
 * none.
 */
export const TripRow = z.strictObject({
  trip: TripId,
  vehicle: VehicleId,
  park: ParkId,
  driver: DriverId.nullable(),
  rental: RentalId.nullable(),
  status: z.enum(['open', 'ended', 'recorded', 'amended', 'voided']),
  startedAt: StoredInstant,
  endedAt: StoredInstant.nullable(),
  zone: Zone,
  localDate: LocalDate,
  measure: TripMeasure.nullable(),
  evidence: Digest.nullable(),
  odometerStart_m: Odometer_m.nullable(),
  odometerEnd_m: Odometer_m.nullable(),
  amendments: z.int(),
  amendReason: TripAmendReason.nullable(),
  voidReason: TripVoidReason.nullable(),
  ...lastEvent,
});
export type TripRow = z.infer<typeof TripRow>;

const whole = { amendments: 0, amendReason: null, voidReason: null } as const;
const unended = { endedAt: null, measure: null, evidence: null, odometerEnd_m: null } as const;

const evolve = (row: TripRow | null, event: ProjectedEvent): TripRow | null => {
  const { fact } = event;
  const { at: startedAt, zone, localDate } = fact.when;
  const started = { startedAt, zone, localDate };
  switch (fact.type) {
    case 'TripStarted': {
      const { odometer_m: odometerStart_m, ...about } = fact.data;
      const open = { ...unended, status: 'open', odometerStart_m, ...whole } as const;
      return { ...about, ...started, ...open, ...after(event) };
    }
    case 'TripEnded': {
      const { odometer_m: odometerEnd_m, startedAt: _, ...ended } = fact.data;
      const endedAt = fact.when.at;
      return row && { ...row, ...ended, status: 'ended', endedAt, odometerEnd_m, ...after(event) };
    }
    case 'TripRecorded': {
      const { factHash: _, ...recorded } = fact.data;
      const unread = { odometerStart_m: null, odometerEnd_m: null };
      const status = 'recorded';
      return { ...recorded, ...started, status, ...unread, ...whole, ...after(event) };
    }
    case 'TripAmended': {
      if (row === null) return null;
      const { reason: amendReason, startedAt: movedTo, ...amended } = fact.data;
      const amendments = row.amendments + 1;
      const next = { ...row, ...amended, amendments, amendReason, ...after(event) };
      return { ...next, ...(movedTo !== null && started), status: 'amended' };
    }
    case 'TripVoided':
      return row && { ...row, status: 'voided', voidReason: fact.data.reason, ...after(event) };
    default:
      return row;
  }
};

/** Every trip, by its id. */
export const trips: Projection<TripRow> = {
  name: 'trips',
  version: 2,
  row: TripRow,
  handles: ['TripStarted', 'TripEnded', 'TripRecorded', 'TripAmended', 'TripVoided'],
  keys: ({ fact }) => ('trip' in fact.data && fact.data.trip !== null ? [fact.data.trip] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`trip:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    rental: { path: ['rental'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    started_at: { path: ['startedAt'], type: 'timestamptz' },
    ended_at: { path: ['endedAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['vehicle', 'started_at'],
    ['driver', 'started_at'],
    ['park', 'started_at'],
    ['rental', 'started_at'],
    ['status', 'started_at'],
    ['started_at'],
  ],
};
