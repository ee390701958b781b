import { isLeft } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { ConditionAmended, ConditionNoted, ConditionVoided } from '#domain/conditions/events.ts';
import { DriverRegistered } from '#domain/drivers/events.ts';
import { type LedgerFact, ledgerEvents } from '#domain/events.ts';
import { FineIssued } from '#domain/fines/events.ts';
import {
  ActorId,
  ConditionId,
  DeviceIdent,
  EventId,
  FittingId,
  RepairId,
  type Tenant,
  TripId,
} from '#domain/kernel/ids.ts';
import { type Instant, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairOpened, RepairRequested } from '#domain/maintenance/events.ts';
import { ParkOpened } from '#domain/parks/events.ts';
import { VehicleCommissioned, VehicleRegistered } from '#domain/registry/events.ts';
import { RentalEnded, RentalRecorded, RentalStarted } from '#domain/rentals/events.ts';
import {
  TripAmended,
  TripEnded,
  TripRecorded,
  TripStarted,
  TripVoided,
} from '#domain/trips/events.ts';
import { ensureLive } from '#projections/generations.ts';
import type { Database } from '#projections/ports.ts';
import type { AnyProjection, ProjectedEvent, Projection } from '#projections/projection.ts';
import { keysOf, step } from '#projections/step.ts';
import {
  acme,
  ann,
  berlin,
  digest,
  euro,
  fine,
  money,
  morning,
  operation,
  owner,
  rentalOfAnn,
  trip,
  uuid8,
  van,
} from './samples.ts';
import { streamOf } from './streamOfFact.ts';

const FIRST_RECORDED_MS = Date.parse('2026-03-02T20:00:00.000Z');
const FIRST_EVENT = 0x1_000;

/** When the event at a position was recorded: a minute after the one before. */
export const recordedAt = (position: number): Instant =>
  instantOf(FIRST_RECORDED_MS + position * 60_000);

/** The id of the event at a position. */
export const eventAt = (position: number): EventId => EventId.parse(uuid8(FIRST_EVENT + position));

const keysIn = (told: LedgerFact) => {
  const type = ledgerEvents.get(told.type);
  if (!type) throw new Error(`no such type: ${told.type}`);
  return type.subjects(told.data);
};

/** A log of facts at the positions 1, 2, 3 and so on, as projections see it. */
export const logOf = (
  facts: readonly LedgerFact[],
  tenant: Tenant = acme,
): readonly ProjectedEvent[] => {
  const revisions = new Map<string, bigint>();
  return facts.map((told, index) => {
    const position = index + 1;
    const stream = streamOf(told, tenant);
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    return {
      id: eventAt(position),
      tenant,
      stream,
      revision,
      position: BigInt(position),
      recordedAt: recordedAt(position),
      actor: { kind: 'system', id: ActorId.parse(uuid8(3)), role: 'reactor' },
      keys: keysIn(told),
      fact: told,
    };
  });
};

/**
 * The rows that a log comes to, by key. Every row is checked as the runner does; a refused one fails the
 * test.
 */
export const rowsOf = <Row>(
  projection: Projection<Row>,
  log: readonly ProjectedEvent[],
): ReadonlyMap<string, Row> => {
  const rows = new Map<string, Row>();
  const { handles } = projection;
  for (const event of log) {
    if (handles !== 'all' && !handles.includes(event.fact.type)) continue;
    const keys = keysOf(projection, event);
    if (isLeft(keys)) throw new Error(keys.left);
    for (const key of keys.right) {
      const next = step(projection, { row: rows.get(key) ?? null, event, key });
      if (isLeft(next)) throw new Error(`${projection.name}, ${event.fact.type}: ${next.left}`);
      if (next.right === null) rows.delete(key);
      else rows.set(key, projection.row.parse(next.right));
    }
  }
  return rows;
};

/** The one row of a key after some facts; null where there is none. */
export const rowOf = <Row>(
  projection: Projection<Row>,
  key: string,
  ...facts: readonly LedgerFact[]
): Row | null => rowsOf(projection, logOf(facts)).get(key) ?? null;

/**
 * Shows the rows of a log to readers: makes the tables if need be, and puts every row in place of what was
 * there.
 */
export const show = async (
  sql: Database,
  projections: readonly AnyProjection[],
  log: readonly ProjectedEvent[],
): Promise<void> => {
  await ensureLive(sql, projections);
  for (const projection of projections) {
    const rows = [...rowsOf(projection, log)];
    const tenants = new Set(log.map(({ tenant }) => tenant));
    for (const tenant of tenants) {
      await sql`delete from ${sql(projection.name)} where tenant = ${tenant}`;
      await sql`
        insert into ${sql(projection.name)} (tenant, key, row)
        select ${tenant}, key, row::jsonb
          from unnest(${rows.map(([key]) => key)}::text[], ${rows.map(([, row]) => JSON.stringify(row))}::text[])
               as shown(key, row)`;
    }
  }
};

/** The n-th trip and the n-th repair of the van. */
export const tripNo = (n: number) => TripId.parse(`${van}~${uuid8(0x500 + n)}`);
export const repairNo = (n: number) => RepairId.parse(`${van}~${uuid8(0x700 + n)}`);

const measure = { distance_m: 12_000, duration_s: 1_800, max_speed_kmh: 61, over_limit_s: null };

/** Who and what facts are about unless a test says otherwise: Ann drives the van, of Berlin. */
export const about = { vehicle: van, park: berlin } as const;
export const annDrives = { ...about, driver: ann, rental: rentalOfAnn } as const;
const agreed = { plan: null, rate: null } as const;

/** The n-th device in the van. */
export const deviceNo = (n: number) => ({
  fitting: FittingId.parse(`${van}~${uuid8(0xa00 + n)}`),
  ...about,
  ident: DeviceIdent.parse(`dev-${n}`),
});

const conditions = { offline: uuid8(0xb01), idling: uuid8(0xb02) } as const;
const conditionOf = (kind: keyof typeof conditions) => ({
  condition: ConditionId.parse(conditions[kind]),
  ...annDrives,
});

/** What a test wants otherwise than usual. */
type Other<Type extends { readonly data: z.ZodObject }> = Partial<z.infer<Type['data']>>;

/** Facts of the usual kind at a moment, each with what a test wants otherwise. */
export const told = {
  parkOpened: (when: Moment = morning, other: Other<typeof ParkOpened> = {}) =>
    fact(ParkOpened, when, {
      park: berlin,
      code: 'BER-1',
      name: 'Berlin',
      currency: euro,
      ...other,
    }),
  registered: (when: Moment = morning, other: Other<typeof VehicleRegistered> = {}) =>
    fact(VehicleRegistered, when, {
      ...about,
      owner,
      make: 'Renault',
      model: 'Twizy',
      year: 2021,
      vinCheck: 'no_check_digit',
      currency: euro,
      odometer_m: 1_000,
      operation,
      ...other,
    }),
  commissioned: (when: Moment = morning, other: Other<typeof VehicleCommissioned> = {}) =>
    fact(VehicleCommissioned, when, { ...about, ...other }),
  driverRegistered: (when: Moment = morning, other: Other<typeof DriverRegistered> = {}) =>
    fact(DriverRegistered, when, { driver: ann, park: berlin, ...other }),
  rentalStarted: (when: Moment = morning, other: Other<typeof RentalStarted> = {}) =>
    fact(RentalStarted, when, { ...annDrives, ...agreed, odometer_m: null, ...other }),
  rentalEnded: (when: Moment, other: Other<typeof RentalEnded> = {}) =>
    fact(RentalEnded, when, { ...annDrives, reason: 'returned', odometer_m: null, ...other }),
  rentalRecorded: (when: Moment, endedAt: Instant, other: Other<typeof RentalRecorded> = {}) =>
    fact(RentalRecorded, when, { ...annDrives, ...agreed, endedAt, ...other }),
  tripStarted: (when: Moment, other: Other<typeof TripStarted> = {}) =>
    fact(TripStarted, when, { trip, ...annDrives, odometer_m: null, ...other }),
  tripEnded: (when: Moment, startedAt: Instant, other: Other<typeof TripEnded> = {}) =>
    fact(TripEnded, when, { trip, ...annDrives, startedAt, measure, odometer_m: null, ...other }),
  tripRecorded: (when: Moment, endedAt: Instant, other: Other<typeof TripRecorded> = {}) =>
    fact(TripRecorded, when, {
      trip,
      ...annDrives,
      endedAt,
      measure,
      evidence: null,
      factHash: digest(9),
      ...other,
    }),
  tripAmended: (when: Moment, endedAt: Instant, other: Other<typeof TripAmended> = {}) =>
    fact(TripAmended, when, {
      trip,
      ...annDrives,
      startedAt: null,
      endedAt,
      measure,
      evidence: null,
      reason: 'late_data',
      ...other,
    }),
  tripVoided: (when: Moment, other: Other<typeof TripVoided> = {}) =>
    fact(TripVoided, when, { trip, ...annDrives, reason: 'late_data', ...other }),
  repairRequested: (when: Moment, other: Other<typeof RepairRequested> = {}) =>
    fact(RepairRequested, when, {
      ...about,
      repair: repairNo(1),
      reason: 'defect',
      severity: 'minor',
      ...other,
    }),
  repairOpened: (when: Moment, other: Other<typeof RepairOpened> = {}) =>
    fact(RepairOpened, when, {
      ...about,
      repair: repairNo(1),
      reason: 'defect',
      severity: 'minor',
      ...other,
    }),
  /** The van's one condition of a kind, noted by its first device. */
  conditionNoted: (
    kind: keyof typeof conditions,
    when: Moment,
    endedAt: Instant | null = null,
    other: Other<typeof ConditionNoted> = {},
  ) =>
    fact(ConditionNoted, when, {
      ...conditionOf(kind),
      ...{ kind, matter: null, ident: deviceNo(1).ident, endedAt, evidence: null },
      ...other,
    }),
  conditionAmended: (kind: keyof typeof conditions, when: Moment, endedAt: Instant) =>
    fact(ConditionAmended, when, {
      ...conditionOf(kind),
      ...{ startedAt: when.at, endedAt, evidence: null, reason: 'went_on' },
    }),
  conditionVoided: (kind: keyof typeof conditions, when: Moment) =>
    fact(ConditionVoided, when, { ...conditionOf(kind), reason: 'late_data' }),
  fineIssued: (when: Moment, other: Other<typeof FineIssued> = {}) =>
    fact(FineIssued, when, {
      fine,
      ...annDrives,
      offence: 'speeding',
      reference: 'B-1',
      amount: money('3000'),
      points: 1,
      factHash: digest(8),
      ...other,
    }),
};
