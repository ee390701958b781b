import { z } from 'zod';
import {
  ConditionAmendReason,
  ConditionKind,
  ConditionVoidReason,
} from '#domain/conditions/events.ts';
import { Reference } from '#domain/kernel/fields.ts';
import {
  ConditionId,
  DeviceIdent,
  Digest,
  DriverId,
  ParkId,
  RentalId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate, type Moment, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * What telemetry showed of a vehicle. `open` goes on, and `endedAt` is null then; `voided` never was. The
 * driver is whoever had the vehicle by what was known when it was noted; the local date is that of the
 * beginning; `evidence` is the digest of the readings behind it, null where there are none.
 */
export const ConditionRow = z.strictObject({
  condition: ConditionId,
  vehicle: VehicleId,
  park: ParkId,
  driver: DriverId.nullable(),
  rental: RentalId.nullable(),
  kind: ConditionKind,
  matter: Reference.nullable(),
  ident: DeviceIdent.nullable(),
  status: z.enum(['open', 'over', 'voided']),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  zone: Zone,
  localDate: LocalDate,
  evidence: Digest.nullable(),
  amendments: z.int(),
  amendReason: ConditionAmendReason.nullable(),
  voidReason: ConditionVoidReason.nullable(),
  recordedAt: Instant,
  ...lastEvent,
});
export type ConditionRow = z.infer<typeof ConditionRow>;

/** From when to when it lasted. */
const extent = ({ at: startedAt, zone, localDate }: Moment, endedAt: Instant | null) => {
  const status: ConditionRow['status'] = endedAt === null ? 'open' : 'over';
  return { startedAt, zone, localDate, endedAt, status };
};

const unchanged = { amendments: 0, amendReason: null, voidReason: null };

const evolve = (row: ConditionRow | null, event: ProjectedEvent): ConditionRow | null => {
  const { fact, recordedAt } = event;
  switch (fact.type) {
    case 'ConditionNoted': {
      const { data, when } = fact;
      return { ...data, ...extent(when, data.endedAt), ...unchanged, recordedAt, ...after(event) };
    }
    case 'ConditionAmended': {
      if (row === null) return null;
      const { endedAt, evidence, reason: amendReason } = fact.data;
      const amendments = row.amendments + 1;
      const told = { ...extent(fact.when, endedAt), evidence, amendments, amendReason };
      return { ...row, ...told, ...after(event) };
    }
    case 'ConditionVoided':
      return row && { ...row, status: 'voided', voidReason: fact.data.reason, ...after(event) };
    default:
      return row;
  }
};

/** Every condition of every vehicle, by its id. */
export const conditions: Projection<ConditionRow> = {
  name: 'conditions',
  version: 1,
  row: ConditionRow,
  handles: ['ConditionNoted', 'ConditionAmended', 'ConditionVoided'],
  keys: ({ fact }) => ('condition' in fact.data ? [fact.data.condition] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`condition:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    kind: { path: ['kind'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    started_at: { path: ['startedAt'], type: 'timestamptz' },
  },
  indexes: [
    ['vehicle', 'started_at'],
    ['driver', 'started_at'],
    ['park', 'started_at'],
    ['status', 'started_at'],
    ['kind', 'started_at'],
    ['started_at'],
  ],
};
