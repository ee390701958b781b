import { z } from 'zod';
import { DisputeReason, FineVoidReason } from '#domain/fines/events.ts';
import { Code, PenaltyPoints, Reference } from '#domain/kernel/fields.ts';
import { DriverId, FineId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, type FactNamed, lastEvent } from './rowFields.ts';

/**
 * A fine and whoever bears it now, null where nobody had the vehicle. The local date is that of the offence;
 * `statusSince` the true time of the step that led to `status`; `reattributions` how often it changed hands.
 */
export const FineRow = z.strictObject({
  fine: FineId,
  vehicle: VehicleId,
  park: ParkId,
  driver: DriverId.nullable(),
  rental: RentalId.nullable(),
  offence: Code,
  reference: Reference,
  amount: NonNegativeMoney,
  points: PenaltyPoints,
  status: z.enum(['issued', 'disputed', 'confirmed', 'paid', 'voided']),
  statusSince: Instant,
  disputeReason: DisputeReason.nullable(),
  voidReason: FineVoidReason.nullable(),
  reattributions: z.int(),
  offenceAt: Instant,
  zone: Zone,
  localDate: LocalDate,
  recordedAt: Instant,
  ...lastEvent,
});
export type FineRow = z.infer<typeof FineRow>;

const issued = ({ data, when }: FactNamed<'FineIssued'>, event: ProjectedEvent): FineRow => {
  const { factHash: _, ...content } = data;
  return {
    ...content,
    status: 'issued',
    statusSince: when.at,
    disputeReason: null,
    voidReason: null,
    reattributions: 0,
    offenceAt: when.at,
    zone: when.zone,
    localDate: when.localDate,
    recordedAt: event.recordedAt,
    ...after(event),
  };
};

const changed = (row: FineRow, { fact }: ProjectedEvent): FineRow => {
  const statusSince = fact.when.at;
  switch (fact.type) {
    case 'FineDisputed':
      return { ...row, status: 'disputed', statusSince, disputeReason: fact.data.reason };
    case 'FineConfirmed':
      return { ...row, status: 'confirmed', statusSince };
    case 'FinePaid':
      return { ...row, status: 'paid', statusSince };
    case 'FineVoided':
      return { ...row, status: 'voided', statusSince, voidReason: fact.data.reason };
    case 'FineReattributed': {
      const { driver, rental } = fact.data;
      return { ...row, driver, rental, reattributions: row.reattributions + 1 };
    }
    default:
      return row;
  }
};

const evolve = (row: FineRow | null, event: ProjectedEvent): FineRow | null => {
  if (event.fact.type === 'FineIssued') return issued(event.fact, event);
  return row && { ...changed(row, event), ...after(event) };
};

/** Every fine, by its id. */
export const fines: Projection<FineRow> = {
  name: 'fines',
  version: 1,
  row: FineRow,
  handles: [
    'FineIssued',
    'FineDisputed',
    'FineConfirmed',
    'FineVoided',
    'FinePaid',
    'FineReattributed',
  ],
  keys: ({ fact }) => ('fine' in fact.data && fact.data.fine !== null ? [fact.data.fine] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`fine:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    driver: { path: ['driver'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    rental: { path: ['rental'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    reference: { path: ['reference'], type: 'text' },
    offence_at: { path: ['offenceAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['vehicle', 'offence_at'],
    ['driver', 'offence_at'],
    ['park', 'offence_at'],
    ['rental', 'offence_at'],
    ['status', 'offence_at'],
    ['offence_at'],
    ['reference'],
  ],
};
