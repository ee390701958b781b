import { plusDays, startOfDay } from '#commands/localDate.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import type { ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { accountDays } from '#projections/accountDays.ts';
import { incidents } from '#projections/incidents.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { parks } from '#projections/parks.ts';
import type { Projection } from '#projections/projection.ts';
import {
  type ColumnFilter,
  type Page,
  type PageRequest,
  readPage,
  readRow,
} from '#projections/query.ts';
import { rentals } from '#projections/rentals.ts';
import { trips } from '#projections/trips.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { FleetReport } from '#reports/data.ts';
import { fleetReportOf } from '#reports/fleetReportOf.ts';
import type { OpenLedger } from './openLedger.ts';

const PAGE_ROWS = 1_000;
const ROWS_MAX = 100_000;
const CHART_DAYS = 14;

/** The daily report of a park from the read models; null where the tenant has no such park. */
export const readFleetReport =
  ({ sql, now }: Pick<OpenLedger, 'sql' | 'now'>) =>
  async (
    tenant: Tenant,
    { park: of, day }: { readonly park: ParkId; readonly day: LocalDate },
  ): Promise<FleetReport | null> => {
    const park = await readRow(sql)(parks, { tenant, key: of });
    if (park === null) return null;
    const all = async <Row>(
      projection: Projection<Row>,
      ...more: readonly ColumnFilter[]
    ): Promise<readonly Row[]> => {
      const filters = [{ column: 'park', is: of }, ...more];
      const rows: Row[] = [];
      let cursor: string | null = null;
      for (;;) {
        const asked: PageRequest = { tenant, filters, order: null, cursor, limit: PAGE_ROWS };
        const page: Page<Row> = await readPage(sql)(projection, asked);
        rows.push(...page.rows.map(({ row }) => row));
        if (rows.length > ROWS_MAX) throw new Error('a park has too many rows for a report');
        if (page.next === null) return rows;
        cursor = page.next;
      }
    };
    const next = plusDays(day, 1);
    const first = plusDays(day, 1 - CHART_DAYS);
    const span = { from: startOfDay(day, park.zone), to: startOfDay(next, park.zone) };
    const ofDay = { column: 'local_date', is: day };
    const begun = { column: 'started_at', below: span.to };
    const before = { column: 'date', below: first };
    const [receivable, deposits] = [ACCOUNTS.receivable.code, ACCOUNTS.deposits.code];
    return fleetReportOf({
      ...{ park, day, createdAt: now(), span },
      vehicles: await all(vehicles),
      trips: await all(trips, ofDay),
      rentals: [
        ...(await all(rentals, begun, { column: 'status', is: 'open' })),
        ...(await all(rentals, begun, { column: 'ended_at', from: span.from })),
      ],
      incidents: await all(incidents, ofDay),
      entries: await all(journalEntries, { column: 'date', is: day }),
      accountDays: [
        ...(await all(accountDays, before, { column: 'account', is: receivable })),
        ...(await all(accountDays, before, { column: 'account', is: deposits })),
        ...(await all(accountDays, { column: 'date', from: first, below: next })),
      ],
      days: Array.from({ length: CHART_DAYS }, (_, n) => plusDays(first, n)),
    });
  };
