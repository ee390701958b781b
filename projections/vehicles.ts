import { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { Label, Odometer_m } from '#domain/kernel/fields.ts';
import {
  Digest,
  DocumentId,
  DriverId,
  ParkId,
  PartyId,
  RentalId,
  RepairId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import { RepairReason, Severity } from '#domain/maintenance/events.ts';
import {
  RetirementReason,
  VehicleDocumentKind,
  VinCheck,
  WithdrawalReason,
} from '#domain/registry/events.ts';
import { statusOf, VEHICLE_STATUSES } from '#domain/registry/vehicleStatus.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, earliest, type FactNamed, lastEvent, withNewest } from './rowFields.ts';

const DOCUMENTS_MAX = 100;
const OPEN_REPAIRS_MAX = 500;

/** A repair that is asked for or under way, `since` it got there. */
const OpenRepair = z.strictObject({
  repair: RepairId,
  phase: z.enum(['requested', 'open']),
  reason: RepairReason,
  severity: Severity,
  since: Instant,
});

const VehicleDocument = z.strictObject({
  document: DocumentId,
  kind: VehicleDocumentKind,
  digest: Digest,
  expiresOn: LocalDate.nullable(),
});

/**
 * A vehicle as its own stream tells it: the newest 100 documents (older ones are counted), the earliest day
 * on which one of them expires, the rental that has not ended, and the repairs that are not closed. A vehicle
 * with more than 500 of those is parked.
 */
export const VehicleRow = z.strictObject({
  vehicle: VehicleId,
  park: ParkId,
  owner: PartyId,
  make: Label,
  model: Label,
  year: z.int(),
  vinCheck: VinCheck,
  zone: Zone,
  currency: Currency,
  status: z.enum(VEHICLE_STATUSES),
  registeredAt: Instant,
  commissionedAt: Instant.nullable(),
  withdrawn: z.strictObject({ reason: WithdrawalReason, since: Instant }).nullable(),
  retired: z.strictObject({ reason: RetirementReason, since: Instant }).nullable(),
  odometer_m: Odometer_m,
  odometerAt: Instant,
  documents: z.array(VehicleDocument).max(DOCUMENTS_MAX),
  documentsDropped: z.int(),
  nextExpiry: LocalDate.nullable(),
  rental: z.strictObject({ rental: RentalId, driver: DriverId, since: Instant }).nullable(),
  repairs: z.array(OpenRepair).max(OPEN_REPAIRS_MAX),
  erased: z.array(PiiClass),
  ...lastEvent,
});
export type VehicleRow = z.infer<typeof VehicleRow>;

const handles = [
  'VehicleRegistered',
  'VehicleDocumentRecorded',
  'OdometerRead',
  'VehicleMoved',
  'VehicleOwnerChanged',
  'VehicleCommissioned',
  'VehicleWithdrawn',
  'VehicleReinstated',
  'VehicleRetired',
  'RentalStarted',
  'RentalEnded',
  'RentalVoided',
  'RepairRequested',
  'RepairOpened',
  'RepairCompleted',
  'RepairCancelled',
  'SubjectErased',
] as const;

const keys = ({ fact }: ProjectedEvent): readonly string[] => {
  if (fact.type === 'SubjectErased') {
    return fact.data.subject.kind === 'vehicle' ? [fact.data.subject.id] : [];
  }
  return 'vehicle' in fact.data && fact.data.vehicle !== null ? [fact.data.vehicle] : [];
};

const registered = ({ data, when }: FactNamed<'VehicleRegistered'>, event: ProjectedEvent) => {
  const { operation: _, ...described } = data;
  const row: VehicleRow = {
    ...described,
    zone: when.zone,
    status: 'onboarding',
    registeredAt: when.at,
    commissionedAt: null,
    withdrawn: null,
    retired: null,
    odometerAt: when.at,
    documents: [],
    documentsDropped: 0,
    nextExpiry: null,
    rental: null,
    repairs: [],
    erased: [],
    ...after(event),
  };
  return row;
};

/** The newest reading by true time counts; an older one that comes late changes nothing. */
const withOdometer = (row: VehicleRow, odometer_m: number | null, at: Instant): VehicleRow =>
  odometer_m === null || at < row.odometerAt ? row : { ...row, odometer_m, odometerAt: at };

const withDocument = (
  row: VehicleRow,
  { data }: FactNamed<'VehicleDocumentRecorded'>,
): VehicleRow => {
  const { document, kind, digest, expiresOn } = data;
  const { items, dropped } = withNewest(
    row.documents,
    { document, kind, digest, expiresOn },
    { isSame: (held) => held.document === document, items_max: DOCUMENTS_MAX },
  );
  const nextExpiry = earliest(items.map((held) => held.expiresOn));
  return {
    ...row,
    documents: items,
    documentsDropped: row.documentsDropped + dropped,
    nextExpiry,
  };
};

const withoutRental = (row: VehicleRow, rental: RentalId): VehicleRow =>
  row.rental?.rental === rental ? { ...row, rental: null } : row;

const withoutRepair = (row: VehicleRow, repair: RepairId): VehicleRow => ({
  ...row,
  repairs: row.repairs.filter((held) => held.repair !== repair),
});

const withRepair = (
  row: VehicleRow,
  { type, data, when }: FactNamed<'RepairRequested' | 'RepairOpened'>,
): VehicleRow => {
  const { repair, reason, severity } = data;
  const phase = type === 'RepairOpened' ? 'open' : 'requested';
  const others = withoutRepair(row, repair).repairs;
  return { ...row, repairs: [...others, { repair, phase, reason, severity, since: when.at }] };
};

const changed = (row: VehicleRow, fact: LedgerFact): VehicleRow => {
  const { at, zone } = fact.when;
  switch (fact.type) {
    case 'VehicleDocumentRecorded':
      return withDocument(row, fact);
    case 'OdometerRead':
      return withOdometer(row, fact.data.odometer_m, at);
    case 'VehicleMoved':
      return { ...row, park: fact.data.to, currency: fact.data.currency, zone };
    case 'VehicleOwnerChanged':
      return { ...row, owner: fact.data.to };
    case 'VehicleCommissioned':
      return { ...row, commissionedAt: at };
    case 'VehicleWithdrawn':
      return { ...row, withdrawn: { reason: fact.data.reason, since: at } };
    case 'VehicleReinstated':
      return { ...row, withdrawn: null };
    case 'VehicleRetired':
      return { ...row, retired: { reason: fact.data.reason, since: at } };
    case 'RentalStarted': {
      const { rental, driver, odometer_m } = fact.data;
      return withOdometer({ ...row, rental: { rental, driver, since: at } }, odometer_m, at);
    }
    case 'RentalEnded':
      return withOdometer(withoutRental(row, fact.data.rental), fact.data.odometer_m, at);
    case 'RentalVoided':
      return withoutRental(row, fact.data.rental);
    case 'RepairRequested':
    case 'RepairOpened':
      return withRepair(row, fact);
    case 'RepairCompleted':
      return withOdometer(withoutRepair(row, fact.data.repair), fact.data.odometer_m, at);
    case 'RepairCancelled':
      return withoutRepair(row, fact.data.repair);
    case 'SubjectErased':
      return { ...row, erased: [...new Set([...row.erased, ...fact.data.erased])].sort() };
    default:
      return row;
  }
};

const statusIn = ({ retired, commissionedAt, withdrawn, repairs, rental }: VehicleRow) =>
  statusOf({
    retired: retired !== null,
    commissioned: commissionedAt !== null,
    withdrawn: withdrawn !== null,
    inRepair: repairs.some(({ phase }) => phase === 'open'),
    rented: rental !== null,
    criticalDefect: repairs.some(({ severity }) => severity === 'critical'),
  });

const evolve = (row: VehicleRow | null, event: ProjectedEvent): VehicleRow | null => {
  const { fact } = event;
  if (fact.type === 'VehicleRegistered') return registered(fact, event);
  if (row === null) return null;
  const next = changed(row, fact);
  return { ...next, status: statusIn(next), ...after(event) };
};

/** Every vehicle, by its id. */
export const vehicles: Projection<VehicleRow> = {
  name: 'vehicles',
  version: 1,
  row: VehicleRow,
  handles,
  keys,
  evolve,
  subject: (key) => SubjectKey.parse(`asset:${key}`),
  columns: {
    park: { path: ['park'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    owner: { path: ['owner'], type: 'text' },
    driver: { path: ['rental', 'driver'], type: 'text' },
    registered_at: { path: ['registeredAt'], type: 'timestamptz' },
    next_expiry: { path: ['nextExpiry'], type: 'date' },
  },
  indexes: [['park', 'status'], ['status'], ['owner'], ['driver'], ['next_expiry']],
};
