import type { Logger } from 'pino';
import { batchJobs } from '#adapters/batchJobs.ts';
import { fileMailer } from '#adapters/fileMailer.ts';
import { smtpMailer } from '#adapters/smtpMailer.ts';
import type { Mailer } from '#commands/mail.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Config } from './config.ts';
import { FLEET_REPORT, reportSchedule, sendFleetReport } from './dailyReports.ts';
import { demoTenant } from './fillDemo.ts';
import type { MailConfig } from './mailConfig.ts';
import type { OpenLedger } from './openLedger.ts';
import { readFleetReport } from './readFleetReport.ts';

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

/** Starts the work in the background that outlives the process: what there is to do, and when. */
export const openBatchJobs = async (open: OpenLedger, logger: Logger) => {
  const { mail } = open.config;
  const receivers = receiversOf(open.config);
  const observe = (error: unknown): void =>
    logger.error({ work: 'jobs', err: error }, 'background');
  const jobs = await batchJobs({ url: open.url, kinds: [FLEET_REPORT], observe });
  const send = sendFleetReport(readFleetReport(open), mailerOf(mail), receivers);
  await jobs.work(FLEET_REPORT, send);
  await jobs.every([reportSchedule(open, [...receivers.keys()], jobs)]);
  return jobs;
};
