import { z } from 'zod';
import { DeactivationReason, DriverDocumentKind, FeedbackTopic } from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { Code } from '#domain/kernel/fields.ts';
import { Digest, DocumentId, DriverId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, earliest, type FactNamed, lastEvent, withNewest } from './rowFields.ts';

const DOCUMENTS_MAX = 100;
const OPEN_RENTALS_MAX = 50;

/** Scores from 1 (worst) to 5, added up and counted. */
const Tally = z.strictObject({ sum: z.int(), count: z.int() });

/** A document on file; `withdrawn` is why it counts no more, null while it does. */
const DriverDocument = z.strictObject({
  document: DocumentId,
  kind: DriverDocumentKind,
  digest: Digest,
  validFrom: LocalDate.nullable(),
  expiresOn: LocalDate.nullable(),
  withdrawn: Code.nullable(),
});

const OpenRental = z.strictObject({ rental: RentalId, vehicle: VehicleId, since: Instant });

/**
 * A driver: the newest 100 documents (older ones are counted), the earliest day on which one that counts
 * expires, what others say of the driver, and the rentals that have not ended. `rental` is the one that began
 * last, null where the driver has no vehicle; `erasure` is null while nothing was erased.
 */
export const DriverRow = z.strictObject({
  driver: DriverId,
  park: ParkId,
  zone: Zone,
  status: z.enum(['active', 'inactive']),
  inactive: z.strictObject({ reason: DeactivationReason, since: Instant }).nullable(),
  registeredAt: Instant,
  documents: z.array(DriverDocument).max(DOCUMENTS_MAX),
  documentsDropped: z.int(),
  nextExpiry: LocalDate.nullable(),
  ratings: z.strictObject({ operator: Tally, customer: Tally, peer: Tally }),
  topics: z.record(FeedbackTopic, z.int()),
  rental: OpenRental.nullable(),
  rentals: z.array(OpenRental).max(OPEN_RENTALS_MAX),
  erasure: z
    .strictObject({
      erased: z.array(PiiClass),
      held: z.array(z.strictObject({ class: PiiClass, until: Instant })),
    })
    .nullable(),
  ...lastEvent,
});
export type DriverRow = z.infer<typeof DriverRow>;

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
  'RentalStarted',
  'RentalEnded',
  'RentalVoided',
  'SubjectErased',
] as const;

/** Whoever gave feedback is not touched by it: `driver` is the one it is about. */
const keys = ({ fact }: ProjectedEvent): readonly string[] => {
  if (fact.type === 'SubjectErased') {
    return fact.data.subject.kind === 'driver' ? [fact.data.subject.id] : [];
  }
  if (!('driver' in fact.data) || fact.data.driver === null) return [];
  return [fact.data.driver];
};

const none = { sum: 0, count: 0 };

const registered = ({ data, when }: FactNamed<'DriverRegistered'>, event: ProjectedEvent) => {
  const row: DriverRow = {
    driver: data.driver,
    park: data.park,
    zone: when.zone,
    status: 'active',
    inactive: null,
    registeredAt: when.at,
    documents: [],
    documentsDropped: 0,
    nextExpiry: null,
    ratings: { operator: none, customer: none, peer: none },
    topics: { punctuality: 0, vehicle_condition: 0, helpfulness: 0, communication: 0 },
    rental: null,
    rentals: [],
    erasure: null,
    ...after(event),
  };
  return row;
};

const nextExpiryOf = (documents: DriverRow['documents']) =>
  earliest(documents.map(({ withdrawn, expiresOn }) => (withdrawn === null ? expiresOn : null)));

const withDocument = (row: DriverRow, { data }: FactNamed<'DriverDocumentRecorded'>): DriverRow => {
  const { document, kind, digest, validFrom, expiresOn } = data;
  const { items: documents, dropped } = withNewest(
    row.documents,
    { document, kind, digest, validFrom, expiresOn, withdrawn: null },
    { isSame: (held) => held.document === document, items_max: DOCUMENTS_MAX },
  );
  const documentsDropped = row.documentsDropped + dropped;
  return { ...row, documents, documentsDropped, nextExpiry: nextExpiryOf(documents) };
};

const withdrawn = (row: DriverRow, { data }: FactNamed<'DriverDocumentWithdrawn'>): DriverRow => {
  const documents = row.documents.map((held) =>
    held.document === data.document ? { ...held, withdrawn: data.reason } : held,
  );
  return { ...row, documents, nextExpiry: nextExpiryOf(documents) };
};

const rated = (row: DriverRow, by: keyof DriverRow['ratings'], score: number): DriverRow => {
  const { sum, count } = row.ratings[by];
  return { ...row, ratings: { ...row.ratings, [by]: { sum: sum + score, count: count + 1 } } };
};

const withTopics = (row: DriverRow, { data }: FactNamed<'PeerFeedbackGiven'>): DriverRow => {
  const topics = { ...row.topics };
  for (const topic of data.topics) topics[topic] += 1;
  return { ...row, topics };
};

/** Rentals lie in the streams of different vehicles, so which of them began last is told by true time. */
const withRentals = (row: DriverRow, rentals: DriverRow['rentals']): DriverRow => {
  const sorted = rentals.toSorted((left, right) =>
    `${left.since} ${left.rental}` < `${right.since} ${right.rental}` ? -1 : 1,
  );
  return { ...row, rentals: sorted, rental: sorted.at(-1) ?? null };
};

const withoutRental = (row: DriverRow, rental: RentalId): DriverRow =>
  withRentals(
    row,
    row.rentals.filter((held) => held.rental !== rental),
  );

const erased = (row: DriverRow, { data }: FactNamed<'SubjectErased'>): DriverRow => {
  const classes = [...new Set([...(row.erasure?.erased ?? []), ...data.erased])].sort();
  return { ...row, erasure: { erased: classes, held: data.held } };
};

const changed = (row: DriverRow, fact: LedgerFact): DriverRow => {
  const { at, zone } = fact.when;
  switch (fact.type) {
    case 'DriverMoved':
      return { ...row, park: fact.data.to, zone };
    case 'DriverDocumentRecorded':
      return withDocument(row, fact);
    case 'DriverDocumentWithdrawn':
      return withdrawn(row, fact);
    case 'DriverRated':
      return rated(row, fact.data.source, fact.data.score);
    case 'PeerFeedbackGiven':
      return rated(withTopics(row, fact), 'peer', fact.data.score);
    case 'DriverDeactivated':
      return { ...row, status: 'inactive', inactive: { reason: fact.data.reason, since: at } };
    case 'DriverReactivated':
      return { ...row, status: 'active', inactive: null };
    case 'RentalStarted': {
      const { rental, vehicle } = fact.data;
      return withRentals(row, [...row.rentals, { rental, vehicle, since: at }]);
    }
    case 'RentalEnded':
    case 'RentalVoided':
      return withoutRental(row, fact.data.rental);
    case 'SubjectErased':
      return erased(row, fact);
    default:
      return row;
  }
};

const evolve = (row: DriverRow | null, event: ProjectedEvent): DriverRow | null => {
  const { fact } = event;
  if (fact.type === 'DriverRegistered') return registered(fact, event);
  return row && { ...changed(row, fact), ...after(event) };
};

/** Every driver, by id. */
export const drivers: Projection<DriverRow> = {
  name: 'drivers',
  version: 1,
  row: DriverRow,
  handles,
  keys,
  evolve,
  subject: (key) => SubjectKey.parse(`driver:${key}`),
  columns: {
    park: { path: ['park'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    vehicle: { path: ['rental', 'vehicle'], type: 'text' },
    registered_at: { path: ['registeredAt'], type: 'timestamptz' },
    next_expiry: { path: ['nextExpiry'], type: 'date' },
  },
  indexes: [['park', 'status'], ['status'], ['vehicle'], ['next_expiry']],
};
