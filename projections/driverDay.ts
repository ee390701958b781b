import { z } from 'zod';
import { LogPosition, StoredInstant } from '#domain/features/stored.ts';
import { DriverId, EventId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate, type Moment, Zone } from '#domain/kernel/instant.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { DriverDaySummary, summaryOf } from './driverDaySummary.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { type FactNamed, subjectOfKey } from './rowFields.ts';

/**
 * One event in one driver's day. A trip, fine, incident or rental that a later event corrects stays one row:
 * `driver` and `summary` are as corrected, null for nobody; `void` says that it never was; `correctedBy`
 * names the last event that changed the row.
 */
export const DriverDayRow = z.strictObject({
  driver: DriverId.nullable(),
  localDate: LocalDate,
  zone: Zone,
  event: EventId,
  type: z.string(),
  occurredAt: StoredInstant,
  recordedAt: StoredInstant,
  stream: StreamName,
  position: LogPosition,
  vehicle: VehicleId.nullable(),
  summary: DriverDaySummary,
  void: z.boolean(),
  correctedBy: EventId.nullable(),
});
export type DriverDayRow = z.infer<typeof DriverDayRow>;

/** Copies of what other events say, and the bookkeeping of claims, are no part of a driver's day. */
const handles = [
  'DriverRegistered',
  'DriverDetailsChanged',
  'DriverMoved',
  'DriverDocumentRecorded',
  'DriverDocumentWithdrawn',
  'DriverRated',
  'PeerFeedbackGiven',
  'DriverDeactivated',
  'DriverReactivated',
  'SubjectErased',
  'ArrearsStated',
  'DepositStated',
  'RentalStarted',
  'RentalEnded',
  'RentalRecorded',
  'RentalVoided',
  'TripStarted',
  'TripEnded',
  'TripRecorded',
  'TripAmended',
  'TripVoided',
  'FineIssued',
  'FineDisputed',
  'FineConfirmed',
  'FineVoided',
  'FinePaid',
  'FineReattributed',
  'IncidentRecorded',
  'IncidentAmended',
  'IncidentDisputed',
  'IncidentConfirmed',
  'IncidentVoided',
  'IncidentReattributed',
] as const;

/**
 * The rows that a correction may change, or the one row of what may be corrected; null for an event that is
 * neither. They are named after the thing: a correction need not know which driver or day it corrects.
 */
const correctable = ({ fact }: ProjectedEvent): readonly string[] | null => {
  switch (fact.type) {
    case 'TripStarted':
      return [`trip:${fact.data.trip}/started`];
    case 'TripEnded':
      return [`trip:${fact.data.trip}/ended`];
    case 'TripRecorded':
      return [`trip:${fact.data.trip}/recorded`];
    case 'TripAmended':
    case 'TripVoided':
      return ['started', 'ended', 'recorded'].map((step) => `trip:${fact.data.trip}/${step}`);
    case 'RentalStarted':
      return [`rental:${fact.data.rental}/started`];
    case 'RentalEnded':
      return [`rental:${fact.data.rental}/ended`];
    case 'RentalRecorded':
      return [`rental:${fact.data.rental}/recorded`];
    case 'RentalVoided':
      return ['started', 'ended', 'recorded'].map((step) => `rental:${fact.data.rental}/${step}`);
    case 'FineIssued':
    case 'FineVoided':
    case 'FineReattributed':
      return [`fine:${fact.data.fine}/issued`];
    case 'IncidentRecorded':
    case 'IncidentAmended':
    case 'IncidentVoided':
    case 'IncidentReattributed':
      return [`incident:${fact.data.incident}/recorded`];
    default:
      return null;
  }
};

const begins = new Set<string>([
  'TripStarted',
  'TripEnded',
  'TripRecorded',
  'RentalStarted',
  'RentalEnded',
  'RentalRecorded',
  'FineIssued',
  'IncidentRecorded',
]);

/** A row of its own per driver for every event but those that live in a correctable row. */
const keys = (event: ProjectedEvent): readonly string[] => {
  const shared = correctable(event) ?? [];
  if (begins.has(event.fact.type)) return shared;
  const drivers = event.keys.filter((key) => key.startsWith('driver:'));
  return [...shared, ...drivers.map((key) => `${key}/${event.id}`)];
};

const driverIn = ({ fact }: ProjectedEvent, key: string): DriverId | null => {
  if (key.startsWith('driver:')) return DriverId.parse(subjectOfKey(key).slice('driver:'.length));
  return 'driver' in fact.data ? fact.data.driver : null;
};

const dayOf = ({ at: occurredAt, localDate, zone }: Moment) => ({ occurredAt, localDate, zone });

const entry = (event: ProjectedEvent, key: string): DriverDayRow => {
  const { fact, id, recordedAt, stream, position } = event;
  return {
    driver: driverIn(event, key),
    ...dayOf(fact.when),
    event: id,
    type: fact.type,
    recordedAt,
    stream: StreamName.parse(stream),
    position: position.toString(),
    vehicle: 'vehicle' in fact.data ? fact.data.vehicle : null,
    summary: summaryOf(fact),
    void: false,
    correctedBy: null,
  };
};

/**
 * A trip that has begun knows no measure yet, and is not told one by what becomes of its end; its end stays
 * where it was when its start moves.
 */
const amended = (row: DriverDayRow, { data, when }: FactNamed<'TripAmended'>): DriverDayRow => {
  const { distance_m, duration_s } = data.measure;
  const measured = row.type === 'TripStarted' ? {} : { distance_m, duration_s };
  const isMoved = data.startedAt !== null && row.type !== 'TripEnded';
  const summary = { ...row.summary, ...measured };
  return { ...row, ...(isMoved && dayOf(when)), driver: data.driver, summary };
};

const corrected = (row: DriverDayRow, event: ProjectedEvent): DriverDayRow => {
  const { fact, id: correctedBy } = event;
  switch (fact.type) {
    case 'TripAmended':
      return { ...amended(row, fact), correctedBy };
    case 'IncidentAmended': {
      const { driver, duration_s } = fact.data;
      const summary = { ...row.summary, duration_s };
      return { ...row, ...dayOf(fact.when), driver, summary, correctedBy };
    }
    case 'FineReattributed':
    case 'IncidentReattributed':
      return { ...row, driver: fact.data.driver, correctedBy };
    case 'FineVoided':
    case 'IncidentVoided':
    case 'RentalVoided':
    case 'TripVoided':
      return { ...row, void: true, correctedBy };
    default:
      return row;
  }
};

const evolve = (row: DriverDayRow | null, event: ProjectedEvent, key: string) => {
  if (row) return corrected(row, event);
  const isOwn = key === `${subjectOfKey(key)}/${event.id}`;
  return isOwn || begins.has(event.fact.type) ? entry(event, key) : null;
};

/**
 * What happened to a driver, by local date: a row per event and driver. Where a fact that came late moves a
 * trip, fine or incident to another driver, its row moves; what was done about it stays in the day of whoever
 * it was done to.
 */
export const driverDay: Projection<DriverDayRow> = {
  name: 'driver_day',
  version: 2,
  row: DriverDayRow,
  handles,
  keys,
  evolve,
  subject: subjectOfKey,
  columns: {
    driver: { path: ['driver'], type: 'text' },
    local_date: { path: ['localDate'], type: 'date' },
    occurred_at: { path: ['occurredAt'], type: 'timestamptz' },
    vehicle: { path: ['vehicle'], type: 'text' },
    void: { path: ['void'], type: 'text' },
  },
  indexes: [['driver', 'local_date', 'occurred_at']],
};
