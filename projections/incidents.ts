import { z } from 'zod';
import { DisputeReason } from '#domain/fines/events.ts';
import {
  IncidentAmendReason,
  IncidentKind,
  IncidentMeasure,
  IncidentVoidReason,
  ViolationKind,
} from '#domain/incidents/events.ts';
import { Duration_s } from '#domain/kernel/fields.ts';
import {
  Digest,
  DriverId,
  IncidentId,
  ParkId,
  RentalId,
  TripId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate, type Moment, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, type FactNamed, lastEvent } from './rowFields.ts';

/**
 * A violation or an incident and whoever answers for it now, null where nobody had the vehicle. `class` tells
 * violations (of a rule) from incidents (that befell the vehicle); the local date is that of the beginning.
 * `evidence` is the digest of the readings that it was concluded from, null where there are none.
 */
export const IncidentRow = z.strictObject({
  incident: IncidentId,
  vehicle: VehicleId,
  park: ParkId,
  driver: DriverId.nullable(),
  rental: RentalId.nullable(),
  trip: TripId.nullable(),
  kind: IncidentKind,
  class: z.enum(['violation', 'incident']),
  status: z.enum(['recorded', 'disputed', 'confirmed', 'voided']),
  statusSince: Instant,
  disputeReason: DisputeReason.nullable(),
  voidReason: IncidentVoidReason.nullable(),
  reattributions: z.int(),
  startedAt: Instant,
  endedAt: Instant,
  zone: Zone,
  localDate: LocalDate,
  ...IncidentMeasure.shape,
  duration_s: Duration_s,
  evidence: Digest.nullable(),
  amendments: z.int(),
  amendReason: IncidentAmendReason.nullable(),
  recordedAt: Instant,
  ...lastEvent,
});
export type IncidentRow = z.infer<typeof IncidentRow>;

const violations = new Set<string>(ViolationKind.options);

const beganAt = ({ at: startedAt, zone, localDate }: Moment) => ({ startedAt, zone, localDate });

const recorded = (
  { data, when }: FactNamed<'IncidentRecorded'>,
  event: ProjectedEvent,
): IncidentRow => {
  const { factHash: _, ...content } = data;
  return {
    ...content,
    class: violations.has(data.kind) ? 'violation' : 'incident',
    status: 'recorded',
    statusSince: when.at,
    disputeReason: null,
    voidReason: null,
    reattributions: 0,
    amendments: 0,
    amendReason: null,
    ...beganAt(when),
    recordedAt: event.recordedAt,
    ...after(event),
  };
};

const changed = (row: IncidentRow, { fact }: ProjectedEvent): IncidentRow => {
  const statusSince = fact.when.at;
  switch (fact.type) {
    case 'IncidentAmended': {
      const { reason: amendReason, ...told } = fact.data;
      const amendments = row.amendments + 1;
      return { ...row, ...told, ...beganAt(fact.when), amendments, amendReason };
    }
    case 'IncidentDisputed':
      return { ...row, status: 'disputed', statusSince, disputeReason: fact.data.reason };
    case 'IncidentConfirmed':
      return { ...row, status: 'confirmed', statusSince };
    case 'IncidentVoided':
      return { ...row, status: 'voided', statusSince, voidReason: fact.data.reason };
    case 'IncidentReattributed': {
      const { driver, rental } = fact.data;
      return { ...row, driver, rental, reattributions: row.reattributions + 1 };
    }
    default:
      return row;
  }
};

const evolve = (row: IncidentRow | null, event: ProjectedEvent): IncidentRow | null => {
  if (event.fact.type === 'IncidentRecorded') return recorded(event.fact, event);
  return row && { ...changed(row, event), ...after(event) };
};

/** Every violation and incident, by its id. */
export const incidents: Projection<IncidentRow> = {
  name: 'incidents',
  version: 2,
  row: IncidentRow,
  handles: [
    'IncidentRecorded',
    'IncidentAmended',
    'IncidentDisputed',
    'IncidentConfirmed',
    'IncidentVoided',
    'IncidentReattributed',
  ],
  keys: ({ fact }) => ('incident' in fact.data ? [fact.data.incident] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`incident:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    trip: { path: ['trip'], type: 'text' },
    kind: { path: ['kind'], type: 'text' },
    class: { path: ['class'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    started_at: { path: ['startedAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['vehicle', 'started_at'],
    ['driver', 'started_at'],
    ['park', 'started_at'],
    ['status', 'started_at'],
    ['kind', 'started_at'],
    ['trip'],
    ['started_at'],
  ],
};
