import { z } from 'zod';
import type { AssetTotal } from '#domain/assets/performance.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import type { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, type Interval, type LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import type { Database } from './ports.ts';

const ROWS_MAX = 100_000;
const Sum = z.string().regex(/^\d{1,30}$/);
const AssetTotals = z.array(
  z.strictObject({
    ...{ period: Period, rule: z.string().nullable() },
    ...{ account: AccountCode, currency: Currency, debit: Sum, credit: Sum },
  }),
);
const Stretches = z.array(z.strictObject({ from: Instant, to: Instant.nullable() }));
const Distance = z.array(z.strictObject({ trips: z.int(), distance_m: z.coerce.number() })).min(1);

/** Which asset, on which local days, both included; and when they begin and end. */
export interface AssetSpan {
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly since: Instant;
  readonly until: Instant;
}

/** When an asset was rented and when in repair, and how far it went, in a span. */
export interface AssetDoings {
  readonly rented: readonly Interval[];
  readonly down: readonly Interval[];
  readonly trips: number;
  readonly distance_m: number;
}

type Connected<Asked, Answer> = (asked: Asked) => Promise<Answer>;

/** What the read models say of one asset in a span of days. */
export const assetFigures = (
  sql: Database,
): {
  readonly totals: Connected<Omit<AssetSpan, 'since' | 'until'>, readonly AssetTotal[]>;
  readonly doings: Connected<AssetSpan, AssetDoings>;
} => ({
  totals: async ({ tenant, vehicle, from, to }) =>
    AssetTotals.parse(
      await sql`
        select row->>'period' as period, row->'rule'->>'name' as rule, line->>'account' as account,
               line->'amount'->>'currency' as currency,
               coalesce(sum((line->'amount'->>'amount')::bigint) filter (where line->>'side' = 'debit'), 0)::text as debit,
               coalesce(sum((line->'amount'->>'amount')::bigint) filter (where line->>'side' = 'credit'), 0)::text as credit
          from journal_entries, jsonb_array_elements(row->'lines') as line
         where tenant = ${tenant} and book = ${vehicle} and date >= ${from}::text::date and date <= ${to}::text::date
         group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${ROWS_MAX}`,
    ),
  doings: async ({ tenant, vehicle, from, to, since, until }) => {
    const [rented, down, trips] = await Promise.all([
      sql`
        select row->>'startedAt' as from, row->>'endedAt' as to from rentals
         where tenant = ${tenant} and vehicle = ${vehicle} and status <> 'voided'
           and started_at < ${until}::text::timestamptz
           and (ended_at is null or ended_at > ${since}::text::timestamptz) limit ${ROWS_MAX}`,
      sql`
        select row->>'openedAt' as from, row->>'closedAt' as to from repairs
         where tenant = ${tenant} and vehicle = ${vehicle} and row->>'openedAt' < ${until}
           and (closed_at is null or closed_at > ${since}::text::timestamptz) limit ${ROWS_MAX}`,
      sql`
        select count(*)::int as trips, coalesce(sum((row->'measure'->>'distance_m')::bigint), 0)::text as distance_m
          from trips
         where tenant = ${tenant} and vehicle = ${vehicle} and status <> 'voided'
           and local_date >= ${from}::text::date and local_date <= ${to}::text::date`,
    ]);
    const [driven] = Distance.parse([...trips]);
    if (!driven) throw new Error('a sum has one row');
    return { rented: Stretches.parse([...rented]), down: Stretches.parse([...down]), ...driven };
  },
});
