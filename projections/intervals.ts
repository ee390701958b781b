import { Interval, type IntervalVersion } from '#domain/features/interval.ts';
import { intervalsTouched } from './intervalKeys.ts';
import { placeOf, saidOf } from './intervalVersions.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { subjectOfKey } from './rowFields.ts';

const append = (row: Interval, version: IntervalVersion): Interval => {
  const { from: startsAt, to: endsAt, known: lastKnown, park, driver, localDate } = version;
  const last = { startsAt, endsAt, lastKnown, park, driver, localDate };
  const reassigned = row.reassigned || driver !== row.driver;
  const redated = row.redated || localDate !== row.localDate;
  return { ...row, ...last, reassigned, redated, versions: [...row.versions, version] };
};

const begin = (interval: string, event: ProjectedEvent, version: IntervalVersion): Interval => {
  const { from: startsAt, to: endsAt, known, park, driver, localDate } = version;
  const last = { startsAt, endsAt, firstKnown: known, lastKnown: known, park, driver, localDate };
  const place = placeOf(event, interval);
  return { interval, ...place, ...last, reassigned: false, redated: false, versions: [version] };
};

const evolve = (row: Interval | null, event: ProjectedEvent, key: string): Interval | null => {
  const said = saidOf(event, key, row?.versions.at(-1) ?? null);
  if (said === null) return row;
  const version = { ...said, known: event.position.toString(), event: event.id };
  return row ? append(row, version) : begin(key, event, version);
};

/**
 * Stretches of true time, each with all versions of what was known of it: what features are reckoned from.
 * The keys are `<subject>/<kind>`, for steps `<subject>/<kind>/<event>`, of fittings
 * `<subject>/fitting/<fitting>`, of what telemetry showed `<subject>/condition`.
 */
export const intervals: Projection<Interval> = {
  name: 'intervals',
  version: 4,
  row: Interval,
  handles: [
    'ParkOpened',
    'ParkClosed',
    'DriverRegistered',
    'DriverMoved',
    'VehicleRegistered',
    'VehicleMoved',
    'VehicleCommissioned',
    'VehicleWithdrawn',
    'VehicleReinstated',
    'VehicleRetired',
    'RentalStarted',
    'RentalEnded',
    'RentalRecorded',
    'RentalVoided',
    'RepairRequested',
    'RepairOpened',
    'RepairCompleted',
    'RepairCancelled',
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
    'DeviceFitted',
    'DeviceRemoved',
    'DeviceFittingVoided',
    'ConditionNoted',
    'ConditionAmended',
    'ConditionVoided',
    'EntryPosted',
  ],
  keys: intervalsTouched,
  evolve,
  subject: subjectOfKey,
  columns: {
    kind: { path: ['kind'], type: 'text' },
    vehicle: { path: ['vehicle'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    local_date: { path: ['localDate'], type: 'date' },
    starts_at: { path: ['startsAt'], type: 'timestamptz' },
    ends_at: { path: ['endsAt'], type: 'timestamptz' },
    first_known: { path: ['firstKnown'], type: 'bigint' },
    last_known: { path: ['lastKnown'], type: 'bigint' },
    reassigned: { path: ['reassigned'], type: 'text' },
    redated: { path: ['redated'], type: 'text' },
  },
  indexes: [
    ['kind', 'park', 'starts_at'],
    ['park', 'kind', 'local_date'],
    ['vehicle', 'kind', 'ends_at'],
    ['driver', 'kind', 'local_date'],
    ['reassigned', 'kind', 'local_date'],
    ['redated', 'kind', 'local_date'],
    ['last_known'],
  ],
};
