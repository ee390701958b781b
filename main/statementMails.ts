import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { HoldingParts } from '#api/ownHoldings.ts';
import { ownStatement } from '#api/ownStatement.ts';
import type { BatchJobs, BatchSchedule, BatchWork } from '#commands/batchJobs.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Mailer } from '#commands/mail.ts';
import { readRunLines } from '#commands/runs/runLines.ts';
import { runAsItIs, slotOf } from '#commands/runs/slot.ts';
import { PartyId, RunId, Tenant } from '#domain/kernel/ids.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { investorOf } from '#reports/investorOf.ts';
import { investorStatement } from '#reports/investorStatement.ts';
import { shownMoney, shownPeriod } from '#reports/shown.ts';
import type { OpenLedger } from './openLedger.ts';

/** The kind of job that looks who is paid by a posted run, and the kind that sends one of them a mail. */
export const STATEMENTS_OF_RUN = 'statements_of_run';
export const INVESTOR_STATEMENT = 'investor_statement';

/** A process that was away for longer leaves runs out. */
const DAYS_BACK = 14;
const DAY_MS = 86_400_000;
const RUNS_MAX = 1_000;

const Posted = z.array(z.object({ tenant: Tenant, run: RunId }));
const OfRun = z.strictObject({ run: RunId });
const OfParty = z.strictObject({ run: RunId, party: PartyId });
const Contact = z.object({ email: z.email() });

/** Looks every ten minutes which payouts were posted; each is known by its key, and looked into once. */
export const statementSchedule = (
  { sql, now, platformZone }: Pick<OpenLedger, 'sql' | 'now' | 'platformZone'>,
  isMailed: (tenant: Tenant) => boolean,
  jobs: Pick<BatchJobs, 'put'>,
): BatchSchedule => ({
  ...{ name: STATEMENTS_OF_RUN, cron: '*/10 * * * *', zone: platformZone },
  tick: async () => {
    const since = instantOf(epochMs(now()) - DAYS_BACK * DAY_MS);
    const rows = await sql`
      select tenant, key as run from runs
       where kind = 'payout' and phase = 'posted' and row->>'postedAt' >= ${since}
       order by tenant, key limit ${RUNS_MAX}`;
    for (const { tenant, run } of Posted.parse(rows)) {
      if (!isMailed(tenant)) continue;
      const put = await jobs.put({ kind: STATEMENTS_OF_RUN, tenant, key: run, data: { run } })();
      // The next tick asks again for all of them.
      if (isLeft(put)) return;
    }
  },
});

/** Has a statement sent to everybody whom a run pays. Asked again, it puts the same jobs. */
export const statementsOfRun =
  (parts: HoldingParts, jobs: Pick<BatchJobs, 'put'>): BatchWork =>
  async ({ tenant, data }) => {
    const { run } = OfRun.parse(data);
    const parties = new Set<PartyId>();
    const read = await readRunLines(parts)(tenant, run, async (lines) => {
      for (const { party } of lines) parties.add(party);
      return right(null);
    });
    if (isLeft(read)) return left({ code: 'unavailable', again: true });
    for (const party of parties) {
      const job = { kind: INVESTOR_STATEMENT, tenant, key: `${run}:${party}` };
      const put = await jobs.put({ ...job, data: { run, party } })();
      if (isLeft(put)) return left({ code: 'unavailable', again: true });
    }
    return right(null);
  };

/**
 * Sends an investor the statement of a run's month, to the address in the vault. Where there is none, or the
 * run was taken back meanwhile, nothing is sent, and that is all right.
 */
export const sendStatement =
  (parts: HoldingParts, mailer: Mailer): BatchWork =>
  async ({ tenant, data }) => {
    const { run, party } = OfParty.parse(data);
    const { workspace } = parts;
    const found = await runAsItIs(workspace)(tenant, run);
    if (isLeft(found)) return left({ code: snakeCase(found.left.code), again: true });
    if (found.right.phase !== 'posted') return right(null);
    const kept = await workspace.vault.read({ tenant, subject: party })();
    if (isLeft(kept)) return left({ code: 'unavailable', again: true });
    const dataOf = (wanted: string) =>
      kept.right.find((entry) => entry.class === wanted)?.data ?? null;
    const contact = Contact.safeParse(dataOf('contact'));
    if (!contact.success) return right(null);
    const { period } = slotOf(run);
    const createdAt = workspace.now();
    const today = momentOf(createdAt, workspace.platformZone).localDate;
    const statement = await ownStatement(parts)(tenant, party, { period, today });
    if (isLeft(statement)) return left({ code: 'unavailable', again: true });
    const runs = statement.right.flatMap((part) => part.runs);
    // Holdings are read from a read model, which follows the log.
    if (!runs.some((each) => each.run === run))
      return left({ code: 'read_model_behind', again: true });
    const investor = investorOf(party, dataOf('identity'), dataOf('contact'));
    const bytes = await investorStatement({ investor, period, createdAt, parts: statement.right });
    const earned = statement.right.map((part) => shownMoney(part.earned)).join(', ');
    const sent = await mailer.send({
      id: `statement.${deriveUuid('statement', tenant, run, party)}`,
      to: contact.data.email,
      subject: `Your statement of ${shownPeriod(period)}`,
      text: `Your statement of ${shownPeriod(period)} is attached.\n\nEarned this month: ${earned}\n`,
      attachments: [{ name: `statement-${period}.pdf`, mediaType: 'application/pdf', bytes }],
    })();
    if (!isLeft(sent)) return right(null);
    const { code } = sent.left;
    return left({ code: snakeCase(code), again: code !== 'MailRefused' });
  };
