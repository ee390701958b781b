import { z } from 'zod';
import { AccountCode } from '#domain/finance/accounts.ts';
import type { ParkId, Tenant } from '#domain/kernel/ids.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import type { Database } from './ports.ts';

const ROWS_MAX = 100_000;
const Sum = z.string().regex(/^\d{1,30}$/);

/** The sums of an account in one currency, in minor units. */
const Totals = z.strictObject({
  account: AccountCode,
  currency: Currency,
  debit: Sum,
  credit: Sum,
});
export type Totals = z.infer<typeof Totals>;

const VehicleTotals = Totals.extend({ vehicle: VehicleId.nullable() });
export type VehicleTotals = z.infer<typeof VehicleTotals>;

const DayTotals = Totals.extend({ date: z.string() });
export type DayTotals = z.infer<typeof DayTotals>;

/** Days of some parks, both included; `parks` null: all of them, `from` null: from the first. */
export interface Span {
  readonly tenant: Tenant;
  readonly parks: readonly ParkId[] | null;
  readonly from: LocalDate | null;
  readonly to: LocalDate;
}

const spanned = (sql: Database, { tenant, parks, from, to }: Span) => sql`
  tenant = ${tenant} and date <= ${to}::text::date
  ${from === null ? sql`` : sql`and date >= ${from}::text::date`}
  ${parks === null ? sql`` : sql`and park = any(${[...parks]})`}`;

/**
 * What the books say of a span of days: added up by account, by day and by vehicle. Sums over days are read
 * from sums of days, so that they cost the same however many entries there are.
 */
export const bookFigures = (sql: Database) => ({
  /** Each account's sums, by code and currency. */
  totals: async (span: Span): Promise<readonly Totals[]> =>
    z.array(Totals).parse(
      await sql`
        select account, currency, sum(debit)::text as debit, sum(credit)::text as credit
          from account_days where ${spanned(sql, span)}
         group by account, currency order by account, currency`,
    ),
  /** Each account's sums day by day. */
  byDay: async (span: Span): Promise<readonly DayTotals[]> =>
    z.array(DayTotals).parse(
      await sql`
        select date::text as date, account, currency, sum(debit)::text as debit,
               sum(credit)::text as credit
          from account_days where ${spanned(sql, span)}
         group by date, account, currency order by date, account, currency limit ${ROWS_MAX}`,
    ),
  /** Each account's sums by vehicle; null for what belongs to none. */
  byVehicle: async (span: Span): Promise<readonly VehicleTotals[]> =>
    z.array(VehicleTotals).parse(
      await sql`
        select vehicle, line->>'account' as account, line->'amount'->>'currency' as currency,
               coalesce(sum((line->'amount'->>'amount')::bigint) filter (where line->>'side' = 'debit'), 0)::text as debit,
               coalesce(sum((line->'amount'->>'amount')::bigint) filter (where line->>'side' = 'credit'), 0)::text as credit
          from journal_entries, jsonb_array_elements(row->'lines') as line
         where ${spanned(sql, span)}
         group by 1, 2, 3 order by 1, 2, 3 limit ${ROWS_MAX}`,
    ),
});
