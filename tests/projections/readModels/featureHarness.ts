import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { LedgerFact } from '#domain/events.ts';
import type { FeatureName } from '#domain/features/feature.ts';
import { SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import { RentalId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { driverKey, parkKey, type SubjectKey } from '#domain/kernel/subjects.ts';
import { calendar } from '#main/calendar.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { materialise } from '#projections/features/materialise.ts';
import { type AsOf, featureValues } from '#projections/features/query.ts';
import { ensureLive } from '#projections/generations.ts';
import { intervals } from '#projections/intervals.ts';
import type { Database } from '#projections/ports.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { logOf, show, told } from '#tests/support/projectedEvents.ts';
import { acme, ann, berlin, instant, moment, uuid8, van } from '#tests/support/samples.ts';
import { testPool } from '#tests/support/testProjections.ts';

const CALLS_MAX = 50;
export const opened = moment('2026-02-01T06:00:00.000Z');
export const otherTenant = Tenant.parse('other');
export const park = parkKey(berlin);
export const driver = driverKey(ann);
export const shown = [intervals, assetTimeline];

/**
 * The van is there and in service from February on; on 2 March it drove, but nobody is known to have had
 * it.
 */
export const history: readonly LedgerFact[] = [
  told.parkOpened(opened),
  told.driverRegistered(opened),
  told.registered(opened),
  told.commissioned(opened),
  told.tripRecorded(moment('2026-03-02T10:00:00.000Z'), moment('2026-03-02T11:00:00.000Z').at, {
    driver: null,
    rental: null,
  }),
];

/** What comes late: somebody had the van on 2 March. */
export const rentalOfTheDay = told.rentalRecorded(
  moment('2026-03-02T06:00:00.000Z'),
  moment('2026-03-03T12:00:00.000Z').at,
  { rental: RentalId.parse(`${van}~${uuid8(0x59)}`) },
);

export const thursday = instant('2026-03-05T08:00:00.000Z');

/** What features are reckoned with. */
export const reckoner = <Sql>(sql: Sql) => ({ sql, calendar, sleepOverhead_s: SLEEP_OVERHEAD_S });

interface Settling {
  readonly facts: readonly LedgerFact[];
  readonly now?: Instant;
  readonly parkedKeys?: number;
  readonly tenant?: Tenant;
}

const ask = (sql: Database) => {
  const values = (
    name: FeatureName,
    asOf: AsOf = 'latest',
    subject: SubjectKey = park,
    tenant = acme,
  ) =>
    featureValues(sql)({
      tenant,
      subject,
      names: [name],
      from: null,
      below: null,
      asOf,
      limit: 1_000,
    });
  return {
    values,
    /** The value of one window, by its first day. */
    valueOn: async (name: FeatureName, day: string, asOf: AsOf = 'latest', subject = park) =>
      (await values(name, asOf, subject)).find(({ windowFrom }) => windowFrom === day),
    /**
     * Shows the read models of some facts and materialises until there is no more; how many values changed.
     */
    settle: async ({ facts, now = thursday, parkedKeys = 0, tenant = acme }: Settling) => {
      await show(sql, shown, logOf(facts, tenant));
      const request = { tenant, now, checkpoint: String(facts.length), parkedKeys };
      let written = 0;
      for (let call = 0; call < CALLS_MAX; call += 1) {
        const done = await materialise(reckoner(sql))(request);
        written += done.valuesWritten;
        if (!done.isMore) return written;
      }
      throw new Error('it does not come to an end');
    },
    /** Forgets every row and value. */
    clear: async (): Promise<void> => {
      for (const { name } of shown) await sql`delete from ${sql(name)}`;
      await sql`
        truncate platform_features, platform_feature_marks, platform_feature_progress, platform_feature_stale`;
    },
  };
};

/** A database for the tests of a file, empty before each, and what one may ask of it. */
export const featureDatabase = () => {
  const held: { database: TestDatabase | null; sql: Database | null } = {
    database: null,
    sql: null,
  };
  const sql = (): Database => {
    if (!held.sql) throw new Error('there is a database only while tests run');
    return held.sql;
  };
  beforeAll(async () => {
    held.database = await testDatabase();
    held.sql = testPool(held.database.url);
    await ensureLive(held.sql, shown);
  });
  beforeEach(() => ask(sql()).clear());
  afterAll(async () => {
    await held.sql?.end({ timeout: 5 });
    await held.database?.drop();
  });
  return { sql, ask: () => ask(sql()) };
};
