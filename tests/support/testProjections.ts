import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { EventStore } from '#commands/ports.ts';
import { LedgerEvent } from '#domain/kernel/event.ts';
import { ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, instantOf } from '#domain/kernel/instant.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { assetKey, parkKey, SubjectKey } from '#domain/kernel/subjects.ts';
import type { Projection } from '#projections/projection.ts';
import { acme, digest, moment, uuid8 } from './samples.ts';

/** The odometer of each vehicle, and when it was last read; a retired vehicle has no row. */
export const OdometerRow = z.strictObject({
  vehicle: VehicleId,
  park: ParkId,
  odometer_m: z.int(),
  reads: z.int(),
  knownAt: Instant,
});
export type OdometerRow = z.infer<typeof OdometerRow>;

/** Folds readings; throws at those that are refused. */
export const odometersRefusing = (
  refuses: (odometer_m: number) => boolean,
): Projection<OdometerRow> => ({
  name: 'test_odometers',
  version: 1,
  row: OdometerRow,
  handles: ['VehicleRegistered', 'OdometerRead', 'VehicleRetired'],
  keys: ({ fact }) =>
    'vehicle' in fact.data && fact.data.vehicle !== null ? [fact.data.vehicle] : [],
  evolve: (row, { fact, recordedAt: knownAt }) => {
    switch (fact.type) {
      case 'VehicleRegistered': {
        const { vehicle, park, odometer_m } = fact.data;
        return { vehicle, park, odometer_m, reads: 0, knownAt };
      }
      case 'OdometerRead': {
        const { vehicle, park, odometer_m } = fact.data;
        if (refuses(odometer_m)) throw new Error('poisonous');
        return { vehicle, park, odometer_m, reads: (row?.reads ?? 0) + 1, knownAt };
      }
      case 'VehicleRetired':
        return null;
      default:
        return row;
    }
  },
  subject: (key) => assetKey(VehicleId.parse(key)),
  columns: {
    park: { path: ['park'], type: 'text' },
    odometer_m: { path: ['odometer_m'], type: 'bigint' },
    known_at: { path: ['knownAt'], type: 'timestamptz' },
  },
  indexes: [['park'], ['odometer_m']],
});

/** A reading of so many metres is poison to `odometers`. */
export const POISON_M = 666;
/** Readings with one poisonous value. */
export const odometers = odometersRefusing((odometer_m) => odometer_m === POISON_M);

/** How many vehicles each park has, and which came last. */
export const ParkRow = z.strictObject({
  vehicles: z.int(),
  last: VehicleId.nullable(),
  lastDay: z.string().nullable(),
});
export type ParkRow = z.infer<typeof ParkRow>;

const change = (row: ParkRow | null, by: number, vehicle: VehicleId, day: string): ParkRow => ({
  vehicles: (row?.vehicles ?? 0) + by,
  last: by > 0 ? vehicle : (row?.last ?? null),
  lastDay: day,
});

/** Counts vehicles; a move touches two rows. */
export const parkCounts: Projection<ParkRow> = {
  name: 'test_parks',
  version: 1,
  row: ParkRow,
  handles: ['VehicleRegistered', 'VehicleMoved', 'VehicleRetired'],
  keys: ({ fact }) => {
    if (fact.type === 'VehicleMoved') return [fact.data.from, fact.data.to];
    if (fact.type === 'VehicleRegistered' || fact.type === 'VehicleRetired')
      return [fact.data.park];
    return [];
  },
  evolve: (row, { fact }, key) => {
    const day = fact.when.localDate;
    switch (fact.type) {
      case 'VehicleRegistered':
        return change(row, 1, fact.data.vehicle, day);
      case 'VehicleRetired':
        return change(row, -1, fact.data.vehicle, day);
      case 'VehicleMoved':
        return change(row, key === fact.data.to ? 1 : -1, fact.data.vehicle, day);
      default:
        return row;
    }
  },
  subject: (key) => parkKey(ParkId.parse(key)),
  columns: { last_day: { path: ['lastDay'], type: 'date' } },
  indexes: [],
};

/** The last event of each subject; handles everything, and several keys per event. */
export const SubjectRow = z.strictObject({ events: z.int(), last: z.string(), type: z.string() });
export type SubjectRow = z.infer<typeof SubjectRow>;

export const lastOfSubject: Projection<SubjectRow> = {
  name: 'test_subjects',
  version: 1,
  row: SubjectRow,
  handles: 'all',
  keys: ({ keys }) => keys,
  evolve: (row, { id, fact }) => ({ events: (row?.events ?? 0) + 1, last: id, type: fact.type }),
  subject: (key) => SubjectKey.parse(key),
  columns: {},
  indexes: [],
};

/** The n-th vehicle and the n-th park of these tests. */
export const vehicle = (n: number): VehicleId => VehicleId.parse(uuid8(0x10_000 + n));
export const park = (n: number): ParkId => ParkId.parse(uuid8(0x20_000 + n));

/** Something that happened to the n-th vehicle. */
export type Happening =
  | { readonly type: 'registered'; readonly vehicle: number; readonly park: number }
  | { readonly type: 'read'; readonly vehicle: number; readonly odometer_m: number }
  | { readonly type: 'moved'; readonly vehicle: number; readonly from: number; readonly to: number }
  | { readonly type: 'retired'; readonly vehicle: number; readonly park: number };

const stored = (happening: Happening) => {
  const subject = vehicle(happening.vehicle);
  switch (happening.type) {
    case 'registered':
      return {
        type: 'VehicleRegistered',
        keys: [assetKey(subject), parkKey(park(happening.park))],
        data: {
          vehicle: subject,
          park: park(happening.park),
          owner: uuid8(0x30),
          operation: uuid8(0x31),
          make: 'Ford',
          model: 'Transit',
          year: 2024,
          vinCheck: 'check_digit_valid',
          currency: 'EUR',
          odometer_m: 0,
        },
      };
    case 'read':
      return {
        type: 'OdometerRead',
        keys: [assetKey(subject), parkKey(park(0))],
        data: { vehicle: subject, park: park(0), odometer_m: happening.odometer_m },
      };
    case 'moved':
      return {
        type: 'VehicleMoved',
        keys: [assetKey(subject), parkKey(park(happening.from)), parkKey(park(happening.to))],
        data: {
          vehicle: subject,
          from: park(happening.from),
          to: park(happening.to),
          currency: 'EUR',
        },
      };
    default:
      return {
        type: 'VehicleRetired',
        keys: [assetKey(subject), parkKey(park(happening.park))],
        data: { vehicle: subject, park: park(happening.park), reason: 'sold' },
      };
  }
};

/** The n-th event of a log, in a stream of its own vehicle. */
const eventOf = (happening: Happening, n: number): LedgerEvent =>
  LedgerEvent.parse({
    ...stored(happening),
    id: uuid8(0x1_000_000 + n),
    schema: 1,
    tenant: acme,
    stream: streamOf(happening),
    ...happenedAt(n),
    actor: { kind: 'system', id: uuid8(3), role: 'reactor' },
    commandId: uuid8(0x1_000_000 + n),
    contentHash: digest(5),
    correlationId: uuid8(4),
    causationId: null,
    pii: [],
    sealed: [],
  });

const streamOf = ({ vehicle: n }: Happening): StreamName =>
  StreamName.parse(`vehicle-${acme}.${vehicle(n)}`);

const happenedAt = (n: number) => {
  const { at: occurredAt, zone, localDate } = moment(instantOf(1_700_000_000_000 + n * 1_000));
  return { occurredAt, zone, localDate };
};

/** Appends happenings one after another; `from` numbers the first of them. Knows how long each stream is. */
export const happen = (store: EventStore) => {
  const revisions = new Map<string, bigint>();
  let count = 0;
  return async (...happenings: readonly Happening[]): Promise<bigint> => {
    let position = 0n;
    for (const happening of happenings) {
      const stream = streamOf(happening);
      const expected = revisions.get(stream) ?? 'no_stream';
      count += 1;
      const appended = await store.append({
        stream,
        expected,
        events: [eventOf(happening, count)],
      })();
      if (isLeft(appended)) throw new Error(`not appended: ${appended.left.code}`);
      revisions.set(stream, appended.right.revision);
      position = appended.right.position;
    }
    return position;
  };
};

/** Happenings among few vehicles and parks, so that rows are touched often; none of them poisonous. */
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    type: fc.constant('registered'),
    vehicle: fc.nat({ max: 5 }),
    park: fc.nat({ max: 3 }),
  }),
  fc.record({
    type: fc.constant('read'),
    vehicle: fc.nat({ max: 5 }),
    odometer_m: fc.integer({ min: 1_000, max: 2_000 }),
  }),
  fc.record({
    type: fc.constant('moved'),
    vehicle: fc.nat({ max: 5 }),
    from: fc.nat({ max: 1 }),
    to: fc.integer({ min: 2, max: 3 }),
  }),
  fc.record({
    type: fc.constant('retired'),
    vehicle: fc.nat({ max: 5 }),
    park: fc.nat({ max: 3 }),
  }),
);

/** The same with poisonous readings among them. */
export const anyHappeningOrPoison: fc.Arbitrary<Happening> = fc.oneof(
  { arbitrary: anyHappening, weight: 8 },
  {
    arbitrary: fc.record({
      type: fc.constant('read'),
      vehicle: fc.nat({ max: 5 }),
      odometer_m: fc.constant(POISON_M),
    }),
    weight: 1,
  },
);

/** A pool on the database of a test. */
export const testPool = (url: string) =>
  postgresPool({
    url,
    connections_max: 4,
    statement_timeout_ms: 30_000,
    application: 'ledger-projections',
  });
