import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileMailer } from '#adapters/fileMailer.ts';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { smtpMailer } from '#adapters/smtpMailer.ts';
import type { BatchJob } from '#commands/batchJobs.ts';
import { reverseRun } from '#commands/runs/runs.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { EventId, type PartyId } from '#domain/kernel/ids.ts';
import {
  INVESTOR_STATEMENT,
  STATEMENTS_OF_RUN,
  sendStatement,
  statementsOfRun,
} from '#main/statementMails.ts';
import { memoryReadings } from '#tests/api/memoryReadings.ts';
import { payoutScene } from '#tests/commands/runs/payoutScene.ts';
import { requestOf, rightOf, springMorning } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { smtpServer } from '#tests/support/smtpServer.ts';

const december = Period.parse('2025-12');
const signal = new AbortController().signal;

/** A month of an asset that is paid to one with an address and one without. */
const scene = async () => {
  const log = memoryLog();
  const seen = await payoutScene(memoryEventStore(log));
  const { parts } = seen;
  const vault = memoryVault(memoryVaultData(), { isLogged: async (events) => new Set(events) });
  const [ada, ben] = [await seen.party(), await seen.party()];
  const entries = [
    { subject: ada, class: 'identity', data: { name: 'Ada Example' } },
    { subject: ada, class: 'contact', data: { email: 'ada@example.org' } },
    { subject: ben, class: 'contact', data: { email: null } },
  ] as const;
  const event = EventId.parse(uuid8(0x66));
  rightOf(await vault.put({ tenant: acme, event, entries, at: springMorning })());
  await seen.agree('2025-12-01');
  await seen.issue('2025-12-01', [
    { party: ada, shares: 600 },
    { party: ben, shares: 400 },
  ]);
  await seen.month(december, '123456', [[ACCOUNTS.repairs, '33540']]);
  rightOf(await seen.close(december));
  const { id: run } = rightOf(await seen.propose(december));
  rightOf(await seen.approve(run));
  rightOf(await seen.post(run));
  const readings = memoryReadings(log);
  const workspace = { ...parts.workspace, vault };
  return { ...seen, vault, ada, ben, run, holding: { ...parts, workspace, readings } };
};

let started: Awaited<ReturnType<typeof scene>> | undefined;
let directory = '';
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};
const jobTo = (party: PartyId): BatchJob => {
  const { run } = here();
  const key = `${run}:${party}`;
  return { kind: INVESTOR_STATEMENT, tenant: acme, key, data: { run, party } };
};

beforeAll(async () => {
  started = await scene();
  directory = await mkdtemp(join(tmpdir(), 'ledger-statements-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the statements of a payout', () => {
  it('are a job for everybody whom it pays, the same ones however often it is looked', async () => {
    const { run, holding, ada, ben } = here();
    const jobs: BatchJob[] = [];
    const put = (job: BatchJob) => async () => {
      jobs.push(job);
      return right(true);
    };
    const job = { kind: STATEMENTS_OF_RUN, tenant: acme, key: run, data: { run } };
    for (let n = 0; n < 2; n += 1) {
      expect(await statementsOfRun(holding, { put })(job, signal)).toEqual(right(null));
    }
    const wanted = [ada, ben].map(jobTo).map(({ key }) => key);
    expect(new Set(jobs.map(({ key }) => key))).toEqual(new Set(wanted));
    expect(JSON.stringify(jobs)).not.toMatch(/example/i);
    const away = () => async () => left({ code: 'Unavailable', detail: 'away' } as const);
    const failed = await statementsOfRun(holding, { put: away })(job, signal);
    expect(failed).toEqual(left({ code: 'unavailable', again: true }));
  });

  it('are one mail to whoever has an address, however often they are sent', async () => {
    const { holding, ada, ben } = here();
    const send = sendStatement(holding, fileMailer({ directory, from: 'ledger@example.org' }));
    for (const party of [ada, ada, ben]) {
      expect(await send(jobTo(party), signal)).toEqual(right(null));
    }
    const [file = '', ...more] = await readdir(directory);
    expect(more).toEqual([]);
    const mail = await readFile(join(directory, file), 'utf8');
    expect(mail).toContain('To: ada@example.org');
    expect(mail).toContain('Subject: Your statement of December 2025');
    expect(mail).toContain('Earned this month: 302.97 EUR');
    expect(mail).toContain('filename=statement-2025-12.pdf');
  });

  it('wait for a mail server that is away, and go out once it is back', async () => {
    const { holding, ada } = here();
    const server = await smtpServer();
    const mailer = () => smtpMailer({ url: server.url, from: 'ledger@example.org' });
    await server.close();
    const away = await sendStatement(holding, mailer())(jobTo(ada), signal);
    expect(away).toEqual(left({ code: 'mail_not_sent', again: true }));
    const back = await smtpServer();
    const again = smtpMailer({ url: back.url, from: 'ledger@example.org' });
    expect(await sendStatement(holding, again)(jobTo(ada), signal)).toEqual(right(null));
    expect(back.taken).toHaveLength(1);
    expect(back.taken[0]).toContain('To: ada@example.org');
    await back.close();
  });

  it('are not sent of what was taken back, nor to whoever was erased', async () => {
    const { holding, ada, run, parts } = await scene();
    const sent: string[] = [];
    const mailer = {
      send:
        ({ to }: { readonly to: string }) =>
        async () => {
          sent.push(to);
          return right(null);
        },
    };
    const job = { ...jobTo(ada), data: { run, party: ada } };
    expect(await sendStatement(holding, mailer)(job, signal)).toEqual(right(null));
    expect(sent).toEqual(['ada@example.org']);
    rightOf(await reverseRun(parts)(requestOf(run), run, 'mistake'));
    expect(await sendStatement(holding, mailer)(job, signal)).toEqual(right(null));
    expect(sent).toEqual(['ada@example.org']);
    const other = await scene();
    rightOf(await other.vault.erase({ tenant: acme, subject: other.ada, at: springMorning })());
    const erased = { ...job, data: { run: other.run, party: other.ada } };
    expect(await sendStatement(other.holding, mailer)(erased, signal)).toEqual(right(null));
    expect(sent).toEqual(['ada@example.org']);
  });
});
