import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { BatchJobs, BatchSchedule, BatchWork } from '#commands/batchJobs.ts';
import { hourOfDay, momentOf, plusDays } from '#commands/localDate.ts';
import type { Mailer } from '#commands/mail.ts';
import { ParkId, type Tenant } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate, type Zone } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { parks } from '#projections/parks.ts';
import { readPage } from '#projections/query.ts';
import type { FleetReport } from '#reports/data.ts';
import { fleetReport } from '#reports/fleetReport.ts';
import { shownMoney } from '#reports/shown.ts';
import type { OpenLedger } from './openLedger.ts';

/** The kind of job that sends the daily report of a park. */
export const FLEET_REPORT = 'fleet_report';

/** By then what happened on the day before is known, as far as devices tell of themselves. */
const REPORT_HOUR = 5;
/** A process that was away for longer leaves days out. */
const DAYS_BACK = 3;
const PARKS_MAX = 1_000;

const Data = z.strictObject({ park: ParkId, day: LocalDate });

/** The days that a park should have a report of by now, the latest first. */
export const reportDays = (now: Instant, zone: Zone): readonly LocalDate[] => {
  const today = momentOf(now, zone).localDate;
  const latest = plusDays(today, now < hourOfDay(today, zone, REPORT_HOUR) ? -2 : -1);
  return Array.from({ length: DAYS_BACK }, (_, n) => plusDays(latest, -n));
};

/**
 * Looks every ten minutes which parks should have a report by now, and has it sent. Jobs know their park and
 * day by their key, so that each is sent once, and a time at which nothing was running is made up for.
 */
export const reportSchedule = (
  { sql, now, platformZone }: Pick<OpenLedger, 'sql' | 'now' | 'platformZone'>,
  tenants: Iterable<Tenant>,
  jobs: Pick<BatchJobs, 'put'>,
): BatchSchedule => ({
  ...{ name: FLEET_REPORT, cron: '*/10 * * * *', zone: platformZone },
  tick: async () => {
    for (const tenant of tenants) {
      const filters = [{ column: 'status', is: 'open' }];
      const asked = { tenant, filters, order: null, cursor: null, limit: PARKS_MAX };
      const { rows } = await readPage(sql)(parks, asked);
      for (const { row } of rows) {
        for (const day of reportDays(now(), row.zone)) {
          const data = { park: row.park, day };
          const put = await jobs.put({
            kind: FLEET_REPORT,
            tenant,
            key: `${row.park}:${day}`,
            data,
          })();
          // The next tick asks again for all of them.
          if (isLeft(put)) return;
        }
      }
    }
  },
});

const textOf = ({ park, day, vehicles, revenue, costs }: FleetReport): string =>
  `Fleet report of ${park.name} (${park.code}), ${day}.\n\n` +
  `Vehicles: ${vehicles.length}\nRevenue, net of tax: ${shownMoney(revenue)}\n` +
  `Costs: ${shownMoney(costs)}\n\nThe whole report is attached.\n`;

/** Sends the daily report of a park to whoever gets those of its tenant. */
export const sendFleetReport =
  (
    read: (
      tenant: Tenant,
      of: { readonly park: ParkId; readonly day: LocalDate },
    ) => Promise<FleetReport | null>,
    mailer: Mailer,
    receivers: ReadonlyMap<Tenant, string>,
  ): BatchWork =>
  async ({ tenant, data }) => {
    const { park, day } = Data.parse(data);
    const to = receivers.get(tenant);
    if (to === undefined) return left({ code: 'nobody_to_send_to', again: false });
    const report = await read(tenant, { park, day });
    if (report === null) return left({ code: 'park_unknown', again: false });
    const name = `fleet-report-${report.park.code.replaceAll('/', '-')}-${day}.pdf`;
    const attachment = { name, mediaType: 'application/pdf', bytes: await fleetReport(report) };
    const sent = await mailer.send({
      ...{ id: `fleet-report.${park}.${day}`, to, attachments: [attachment] },
      subject: `Fleet report ${report.park.name}, ${day}`,
      text: textOf(report),
    })();
    if (!isLeft(sent)) return right(null);
    const { code } = sent.left;
    return left({ code: snakeCase(code), again: code !== 'MailRefused' });
  };
