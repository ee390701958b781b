import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileMailer } from '#adapters/fileMailer.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { BatchJob } from '#commands/batchJobs.ts';
import type { MailFailure } from '#commands/mail.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { credit, debit, type EntryLine } from '#domain/finance/postingRule.ts';
import { BookId, Tenant } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { FLEET_REPORT, reportDays, reportSchedule, sendFleetReport } from '#main/dailyReports.ts';
import { readFleetReport } from '#main/readFleetReport.ts';
import { accountDays } from '#projections/accountDays.ts';
import { incidents } from '#projections/incidents.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { parks } from '#projections/parks.ts';
import { rentals } from '#projections/rentals.ts';
import { trips } from '#projections/trips.ts';
import { vehicles } from '#projections/vehicles.ts';
import { anEntry } from '#tests/support/books.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { logOf, show, told } from '#tests/support/projectedEvents.ts';
import {
  acme,
  ann,
  berlin,
  car,
  day,
  evening,
  instant,
  izmir,
  moment,
  money,
  morning,
  noon,
  van,
} from '#tests/support/samples.ts';

const ofNone = { book: BookId.parse(berlin), vehicle: null };
const posted = (n: number, date: string, lines: EntryLine[], change = {}) =>
  fact(EntryPosted, moment(`${date}T12:00:00.000Z`), anEntry(n, date, lines, change));
const rented = (cents: string) => [
  debit(ACCOUNTS.receivable, money(cents), { driver: ann }),
  credit(ACCOUNTS.rentals, money(cents)),
];

/** A van that earned on two days, a car that stood, and costs of neither. */
const facts = [
  told.parkOpened(),
  told.registered(),
  told.registered(morning, { vehicle: car, make: 'Volkswagen', model: 'ID.3' }),
  told.commissioned(),
  told.rentalStarted(morning),
  told.tripRecorded(morning, noon.at),
  told.rentalEnded(evening),
  posted(1, '2026-02-10', rented('7700')),
  posted(2, '2026-03-01', rented('5000')),
  posted(3, '2026-03-01', [
    debit(ACCOUNTS.bank, money('50000')),
    credit(ACCOUNTS.deposits, money('50000'), { driver: ann }),
  ]),
  posted(4, '2026-03-02', rented('10000')),
  posted(5, '2026-03-02', [
    debit(ACCOUNTS.repairs, money('2100')),
    credit(ACCOUNTS.suppliers, money('2100')),
  ]),
  posted(
    6,
    '2026-03-02',
    [debit(ACCOUNTS.insurance, money('9540')), credit(ACCOUNTS.suppliers, money('9540'))],
    ofNone,
  ),
  posted(7, '2026-03-02', [
    debit(ACCOUNTS.receivable, money('999', 'TRY')),
    credit(ACCOUNTS.rentals, money('999', 'TRY')),
  ]),
  posted(8, '2026-03-03', rented('10000')),
];
const now = () => instant('2026-03-03T06:00:00.000Z');
const of = { park: berlin, day: day('2026-03-02') };

let database: TestDatabase | undefined;
let sql: ReturnType<typeof postgresPool> | undefined;
const here = () => {
  if (!sql) throw new Error('not started');
  return { sql, now, platformZone: Zone.parse('UTC') };
};

beforeAll(async () => {
  database = await testDatabase();
  const limits = { connections_max: 2, statement_timeout_ms: 5_000 };
  sql = postgresPool({ url: database.url, ...limits, application: 'ledger-tests' });
  const shown = [parks, vehicles, trips, rentals, incidents, journalEntries, accountDays];
  await show(sql, shown, logOf(facts));
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

describe('the daily report of a park', () => {
  it('says what read models hold of the day', async () => {
    const report = await readFleetReport(here())(acme, of);
    expect(report).toMatchObject({
      ...{ park: { code: 'BER-1', name: 'Berlin' }, day: of.day, createdAt: now() },
      ...{ revenue: money('10000'), costs: money('11640') },
      ...{ receivables: money('22700'), deposits: money('50000') },
    });
    expect(report?.vehicles).toEqual([
      {
        ...{ vehicle: van, make: 'Renault', model: 'Twizy', status: 'available' },
        ...{ trips: 1, distance_m: 12_000, rented_share: 10 / 24, incidents: 0 },
        ...{ revenue: money('10000'), costs: money('2100') },
      },
      {
        ...{ vehicle: car, make: 'Volkswagen', model: 'ID.3', status: 'onboarding' },
        ...{ trips: 0, distance_m: 0, rented_share: 0, incidents: 0 },
        ...{ revenue: money('0'), costs: money('0') },
      },
    ]);
    const days = report?.days ?? [];
    expect(days).toHaveLength(14);
    expect(days[0]?.day).toBe('2026-02-17');
    expect(days.slice(-2)).toEqual([
      { day: '2026-03-01', revenue: money('5000'), costs: money('0') },
      { day: '2026-03-02', revenue: money('10000'), costs: money('11640') },
    ]);
    expect(await readFleetReport(here())(Tenant.parse('other'), of)).toBeNull();
  });

  it('is due at five in the morning where the park is, and for days that were left out', () => {
    const zone = Zone.parse('Europe/Berlin');
    const days = (at: string) => reportDays(instant(at), zone);
    expect(days('2026-03-03T03:59:59.999Z')).toEqual(['2026-03-01', '2026-02-28', '2026-02-27']);
    expect(days('2026-03-03T04:00:00.000Z')).toEqual(['2026-03-02', '2026-03-01', '2026-02-28']);
  });

  it('is a job for every park and day, of tenants that somebody gets reports for', async () => {
    const jobs: BatchJob[] = [];
    const put = (job: BatchJob) => async () => {
      jobs.push(job);
      return right(true);
    };
    await reportSchedule(here(), [Tenant.parse('other'), acme], { put }).tick();
    expect(jobs.map(({ key }) => key)).toEqual(
      ['02', '01'].map((date) => `${berlin}:2026-03-${date}`).concat(`${berlin}:2026-02-28`),
    );
    expect(jobs[0]).toMatchObject({ kind: FLEET_REPORT, tenant: acme, data: of });
    const away = () => async () => left({ code: 'Unavailable', detail: 'away' } as const);
    await reportSchedule(here(), [acme], { put: away }).tick();
  });
});

describe('sending a report', () => {
  const receivers = new Map([[acme, 'ops@example.org']]);
  const job = { kind: FLEET_REPORT, tenant: acme, key: 'k', data: of };
  const signal = new AbortController().signal;

  it('is a mail with the report, one file however often it is sent', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-reports-'));
    const mailer = fileMailer({ directory, from: 'ledger@example.org' });
    const send = sendFleetReport(readFleetReport(here()), mailer, receivers);
    for (let n = 0; n < 2; n += 1) expect(await send(job, signal)).toEqual(right(null));
    expect(await readdir(directory)).toEqual([`fleet-report.${berlin}.2026-03-02.eml`]);
    const mail = await readFile(join(directory, `fleet-report.${berlin}.2026-03-02.eml`), 'utf8');
    expect(mail).toContain('To: ops@example.org');
    expect(mail).toContain('Subject: Fleet report Berlin, 2026-03-02');
    expect(mail).toContain('Revenue, net of tax: 100.00 EUR');
    expect(mail).toContain('filename=fleet-report-BER-1-2026-03-02.pdf');
    await rm(directory, { recursive: true });
  });

  it.each<readonly [MailFailure['code'], object]>([
    ['MailNotSent', { code: 'mail_not_sent', again: true }],
    ['MailUnknown', { code: 'mail_unknown', again: true }],
    ['MailRefused', { code: 'mail_refused', again: false }],
  ])('that comes to %s is tried again or not', async (code, failure) => {
    const mailer = { send: () => async () => left({ code, reason: 'x' }) };
    const send = sendFleetReport(readFleetReport(here()), mailer, receivers);
    expect(await send(job, signal)).toEqual(left(failure));
  });

  it('is no use where there is nobody to send it to, or no such park', async () => {
    const mailer = { send: () => async () => right(null) };
    const send = sendFleetReport(readFleetReport(here()), mailer, receivers);
    expect(await send({ ...job, tenant: Tenant.parse('other') }, signal)).toEqual(
      left({ code: 'nobody_to_send_to', again: false }),
    );
    expect(await send({ ...job, data: { ...of, park: izmir } }, signal)).toEqual(
      left({ code: 'park_unknown', again: false }),
    );
  });
});
