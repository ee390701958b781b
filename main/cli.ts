import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { type DemoBearer, demoIssuer, secondFactor } from '#api/demoTokens.ts';
import { WireZone } from '#api/fields.ts';
import { platformTenant } from '#commands/platform.ts';
import { slotOf } from '#commands/runs/slot.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { Code } from '#domain/kernel/fields.ts';
import { DriverId, EventId, RunId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { Permission, Role } from '#domain/users/rights.ts';
import { argument, instantFrom, knownAt, USAGE } from './arguments.ts';
import { auditLog } from './auditLog.ts';
import { closingOn } from './closing.ts';
import { readConfig } from './config.ts';
import { demoKeyFile } from './demoKeyFile.ts';
import { explainOpenRun } from './explainOpenRun.ts';
import { explainPayout } from './explainPayout.ts';
import { BOOK_FORMATS, exportBook } from './exportBook.ts';
import { demoTenant } from './fillDemo.ts';
import { importDrives } from './importDrives.ts';
import { type OpenLedger, openLedger } from './openLedger.ts';
import { explainRow, rebuildAll, verifyAll } from './readModelCommands.ts';
import { assetEvents, replayJson, replayText } from './replay.ts';
import { skipEvent } from './skipEvent.ts';
import { switchBlocks } from './switchBlocks.ts';

/** What scripts can tell from the exit code. */
const FAILED = 1;
const NOT_FOUND = 3;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string, code: number): void => {
  process.stderr.write(`${line}\n`);
  process.exitCode = code;
};

const withLedger = async (work: (open: OpenLedger) => Promise<void>): Promise<void> => {
  const open = await openLedger(readConfig(process.env), { keepAdopted: true });
  try {
    await work(open);
  } finally {
    await open.close();
  }
};

interface ReplayOptions {
  readonly tenant: string;
  readonly knownAt?: string;
  readonly trueAt?: string;
  readonly json?: boolean;
}

const replay = (asset: string, options: ReplayOptions): Promise<void> =>
  withLedger(async ({ store }) => {
    const key = assetKey(argument(VehicleId, asset, 'the id of a vehicle'));
    const tenant = argument(Tenant, options.tenant, 'a tenant');
    const events = await assetEvents(store, { tenant, key });
    if (events.length === 0) return complain(`the log holds nothing of ${asset}`, NOT_FOUND);
    const trueAt = options.trueAt === undefined ? null : instantFrom(options.trueAt);
    const asked = { known: knownAt(options.knownAt), trueAt };
    for (const line of options.json ? [replayJson(events, asked)] : replayText(events, asked))
      say(line);
  });

interface ImportOptions {
  readonly tenant: string;
  readonly vehicle: string;
  readonly driver: string;
  readonly tz: string;
}

const tail = (options: { after?: string; json?: boolean }): Promise<void> =>
  withLedger(async ({ store }) => {
    const head = await store.head()();
    if (isLeft(head)) return complain('the log is away', FAILED);
    const after = options.after === undefined ? head.right : BigInt(options.after);
    const stopping = new AbortController();
    process.once('SIGINT', () => stopping.abort());
    process.once('SIGTERM', () => stopping.abort());
    for await (const { events } of store.subscribe({ after, signal: stopping.signal })) {
      for (const { position, type, stream, text } of events) {
        say(
          options.json ? text : `${position}  ${parseEvent(text).occurredAt}  ${type}  ${stream}`,
        );
      }
    }
  });

interface TokenOptions {
  readonly tenant: string;
  readonly role: string;
  readonly parks?: string;
  readonly driver?: string;
  readonly permission?: string;
  readonly mfa?: boolean;
}

const token = async (options: TokenOptions): Promise<void> => {
  const config = readConfig(process.env);
  if (config.oidc) return complain('tokens come from the configured issuer', FAILED);
  const role = argument(Role, options.role, `a role (${Role.options.join(', ')})`);
  const issuer = await demoIssuer(demoKeyFile(config));
  const { permission } = options;
  const permitted =
    permission === undefined ? null : argument(Permission, permission, 'a permission');
  const bearer: DemoBearer = {
    role,
    tenant: options.tenant,
    parks: options.parks === undefined ? '*' : options.parks.split(','),
    ...(options.driver !== undefined && { driver: options.driver }),
    ...(permitted !== null && { permissions: [permitted] }),
    ...(options.mfa && secondFactor(Date.now())),
  };
  say(await issuer.issue(bearer));
};

const program = new Command('ledger')
  .description(
    'The Equinomix ledger from the command line. Configuration comes from the environment.',
  )
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE));
const tenantOption = ['--tenant <tenant>', 'whose ledger', demoTenant] as const;

program
  .command('replay <asset>')
  .description(
    'an asset’s whole history, read from the log itself: what was known, and what was the case',
  )
  .option(...tenantOption)
  .option('--known-at <position|instant>', 'only what had been recorded by then')
  .option('--true-at <instant>', 'only what had happened by then')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExample: ledger replay <vehicle id> --true-at 2021-05-25T12:00:00Z')
  .action(replay);
program
  .command('rebuild <name>')
  .description(
    'fill a read model (or `all`) anew beside the old one, prove it, and switch readers to it',
  )
  .option('--from-start', 'throw away what an interrupted rebuild has left')
  .option('--replace-drifted', 'the live table is known to be wrong: the new one need not equal it')
  .action((name: string, options: { fromStart?: boolean; replaceDrifted?: boolean }) =>
    withLedger(async (open) => {
      process.exitCode = (await rebuildAll(open, { name, ...options, say })) ? 0 : FAILED;
    }),
  );
program
  .command('verify <name>')
  .description(
    'compare a read model (or `all`) row for row with one made from the log; fails on any drift',
  )
  .action((name: string) =>
    withLedger(async (open) => {
      process.exitCode = (await verifyAll(open, { name, say })) ? 0 : FAILED;
    }),
  );
program
  .command('payout')
  .description('payouts, and runs of other kinds')
  .command('explain <run>')
  .description('how each cent came about, from events; fails where the log holds anything else')
  .option(...tenantOption)
  .option('--parties', 'say who is behind the holdings')
  .action((run: string, { tenant, parties }: { tenant: string; parties?: boolean }) =>
    withLedger(async (open) => {
      const whose = argument(Tenant, tenant, 'a tenant');
      const which = argument(RunId, run, 'the id of a run');
      const asked = { tenant: whose, run: which, withParties: parties === true, say };
      const { kind } = slotOf(which);
      const waiter = { waitFor: async () => right(0n), nudge: () => {} };
      const closing = closingOn(open, waiter);
      const agrees =
        kind === 'payout'
          ? await explainPayout(open, asked)
          : await explainOpenRun({ ...open, foreignMonths: closing.foreignMonths }, asked, kind);
      process.exitCode = agrees ? 0 : FAILED;
    }),
  );
program
  .command('explain <readModel> <key>')
  .description('a row, and the events that made it')
  .option(...tenantOption)
  .action((readModel: string, key: string, { tenant }: { tenant: string }) =>
    withLedger(async (open) => {
      const whose = argument(Tenant, tenant, 'a tenant');
      process.exitCode = (await explainRow(open, { readModel, tenant: whose, key, say }))
        ? 0
        : NOT_FOUND;
    }),
  );
program
  .command('skip <readModel> <key>')
  .description('have a row pass over the event that it is stuck at; the log says that you did')
  .requiredOption('--event <id>', 'the event, as `etl/status` and the log of the server name it')
  .option(...tenantOption)
  .action((readModel: string, key: string, options: { event: string; tenant: string }) =>
    withLedger(async (open) => {
      const tenant = argument(Tenant, options.tenant, 'a tenant');
      const event = argument(EventId, options.event, 'the id of an event');
      const done = await skipEvent(open, { readModel, tenant, key, event, say });
      process.exitCode = done ? 0 : FAILED;
    }),
  );
const imports = program.command('import').description('bring recorded facts into the ledger');
imports
  .command('drives <files...>')
  .description(
    'drives recorded a row a second: a trip each, and a violation per stretch above the limit',
  )
  .requiredOption('--vehicle <id>', 'the vehicle that was driven')
  .requiredOption('--driver <id>', 'who drove, where no rental says so')
  .option('--tz <zone>', 'the zone of the times in the files', 'Africa/Casablanca')
  .option(...tenantOption)
  .action((files: readonly string[], options: ImportOptions) =>
    withLedger((open) => {
      const tenant = argument(Tenant, options.tenant, 'a tenant');
      const vehicle = argument(VehicleId, options.vehicle, 'the id of a vehicle');
      const driver = argument(DriverId, options.driver, 'the id of a driver');
      const zone = argument(WireZone, options.tz, 'a time zone');
      const tell = { say, complain: (line: string) => complain(line, FAILED) };
      return importDrives(open, { files, tenant, vehicle, driver, zone, ...tell });
    }),
  );
program
  .command('export <format>')
  .description(
    'the book: hledger, journal (a table) or trial-balance (a table), to the standard output',
  )
  .option(...tenantOption)
  .option('--at <date>', 'the last day of the trial balance; left out: today')
  .action((name: string, options: { tenant: string; at?: string }) =>
    withLedger(async (open) => {
      const format = argument(z.enum(BOOK_FORMATS), name, BOOK_FORMATS.join(', '));
      const tenant = argument(Tenant, options.tenant, 'a tenant');
      const today = open.now().slice(0, 10);
      const at = argument(LocalDate, options.at ?? today, 'a date such as 2026-03-31');
      await pipeline(exportBook(open, { tenant, format, at }), process.stdout, { end: false });
    }),
  );
const audits = program.command('audit').description('prove from the log what was done');
audits
  .command('decisions')
  .description('take every recorded decision again; fails where one comes out differently')
  .option('--tenant <tenant>', 'only whose ledger; left out: everybody’s')
  .option('--json', 'as JSON, a line each')
  .action(({ tenant, json = false }: { tenant?: string; json?: boolean }) =>
    withLedger(async ({ store }) => {
      const whose = tenant === undefined ? null : argument(Tenant, tenant, 'a tenant');
      const { different } = await auditLog(store, { tenant: whose, json, say });
      process.exitCode = different > 0 ? FAILED : 0;
    }),
  );
program
  .command('new-blocks <allow|stop>')
  .description('stop new blocks of engines, or allow them again; releases always work')
  .requiredOption('--reason <code>', 'why, as a word in lower case')
  .option('--everywhere', 'for every tenant of this installation')
  .option(...tenantOption)
  .action((word: string, options: { reason: string; everywhere?: boolean; tenant: string }) =>
    withLedger(async (open) => {
      const allowed = argument(z.enum(['allow', 'stop']), word, 'allow or stop') === 'allow';
      const reason = argument(Code, options.reason, 'a word such as incident');
      const tenant = argument(Tenant, options.tenant, 'a tenant');
      const whose = options.everywhere ? platformTenant : tenant;
      const done = await switchBlocks(open, { tenant: whose, allowed, reason }, say);
      process.exitCode = done ? 0 : FAILED;
    }),
  );
program
  .command('tail')
  .description('events as they come')
  .option('--after <position>', 'from there on, instead of from now on')
  .option('--json', 'the canonical texts')
  .action(tail);
program
  .command('token')
  .description('a token of the demo’s own issuer')
  .requiredOption('--role <role>', Role.options.join(', '))
  .option('--parks <ids>', 'only these parks, separated by commas')
  .option('--driver <id>', 'the driver whose token it is, for the role driver')
  .option('--permission <permission>', `besides the role: ${Permission.options.join(', ')}`)
  .option('--mfa', 'as if a second factor had been shown at this moment')
  .option(...tenantOption)
  .action(token);

/** Runs the command that the process was called with. */
export const runCommand = (argv: readonly string[]): Promise<unknown> =>
  program.parseAsync([...argv]);
