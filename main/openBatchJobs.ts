import type { Logger } from 'pino';
import { batchJobs } from '#adapters/batchJobs.ts';
import { fileMailer } from '#adapters/fileMailer.ts';
import { smtpMailer } from '#adapters/smtpMailer.ts';
import type { Imports } from '#api/routes/imports.ts';
import type { BatchSchedule } from '#commands/batchJobs.ts';
import type { Mailer } from '#commands/mail.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { ImportKind } from '#ingest/imports/importMapping.ts';
import { askImport, IMPORT, importWork } from '#ingest/imports/imports.ts';
import { readRow } from '#projections/query.ts';
import type { Config } from './config.ts';
import { FLEET_REPORT, reportSchedule, sendFleetReport } from './dailyReports.ts';
import { demoTenant } from './fillDemo.ts';
import { lookIntoFolder, tenantsIn } from './importFolder.ts';
import type { MailConfig } from './mailConfig.ts';
import type { OpenLedger } from './openLedger.ts';
import { readFleetReport } from './readFleetReport.ts';
import {
  INVESTOR_STATEMENT,
  STATEMENTS_OF_RUN,
  sendStatement,
  statementSchedule,
  statementsOfRun,
} from './statementMails.ts';

const DAY_MS = 86_400_000;

const mailerOf = ({ way, from }: MailConfig): Mailer =>
  way.kind === 'smtp'
    ? smtpMailer({ url: way.url, from })
    : fileMailer({ directory: way.directory, from });

/** What the demo sends stays on this machine, in files. */
const DEMO_RECEIVER = 'fleet@example.org';

const receiversOf = ({ mail, demo }: Config): ReadonlyMap<Tenant, string> => {
  if (mail.reportsTo !== null) return mail.reportsTo;
  const isShown = demo !== null && mail.way.kind === 'files';
  return new Map(isShown ? [[demoTenant, DEMO_RECEIVER]] : []);
};

/** The demo's investors are made up: nothing for them leaves this machine. */
const isMailed =
  ({ mail, demo }: Config) =>
  (tenant: Tenant): boolean =>
    demo === null || tenant !== demoTenant || mail.way.kind === 'files';

/** Looks for files of every tenant and kind, and lets go of what was read long ago. */
const importSchedule = (
  { config, now, importFiles, platformZone: zone }: OpenLedger,
  look: Imports['look'],
): BatchSchedule => {
  const { directory, every_min, kept_days } = config.imports;
  return {
    ...{ name: IMPORT, cron: `*/${every_min} * * * *`, zone },
    tick: async () => {
      await importFiles.sweep(instantOf(epochMs(now()) - kept_days * DAY_MS))();
      if (look === null || directory === null) return;
      for (const tenant of await tenantsIn(directory)) {
        for (const kind of ImportKind.options) await look(tenant, kind);
      }
    },
  };
};

/** Starts the work in the background that outlives the process: what there is to do, and when. */
export const openBatchJobs = async (open: OpenLedger, logger: Logger) => {
  const { config, sql, openings, ledger: workspace } = open;
  const receivers = receiversOf(config);
  const observe = (error: unknown): void =>
    logger.error({ work: 'jobs', err: error }, 'background');
  const kinds = [FLEET_REPORT, STATEMENTS_OF_RUN, INVESTOR_STATEMENT, IMPORT];
  const jobs = await batchJobs({ url: open.url, kinds, observe });
  const mailer = mailerOf(config.mail);
  const parts = { workspace, openings, readings: { row: readRow(sql) } };
  await jobs.work(FLEET_REPORT, sendFleetReport(readFleetReport(open), mailer, receivers));
  await jobs.work(STATEMENTS_OF_RUN, statementsOfRun(parts, jobs));
  await jobs.work(INVESTOR_STATEMENT, sendStatement(parts, mailer));
  const taking = { workspace, files: open.importFiles, jobs };
  await jobs.work(IMPORT, importWork(taking));
  const refused = (code: string): void => logger.warn({ work: 'import', code }, 'background');
  const { directory } = config.imports;
  const look =
    directory === null ? null : lookIntoFolder(taking, directory, { now_ms: Date.now, refused });
  await jobs.every([
    reportSchedule(open, [...receivers.keys()], jobs),
    statementSchedule(open, isMailed(config), jobs),
    importSchedule(open, look),
  ]);
  const imports: Imports = {
    ask: askImport(taking),
    statuses: open.importFiles.statuses,
    look,
  };
  return { ...jobs, imports };
};
