import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { chartOf, runsOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import type { Openings } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import { merkleRoot } from '#commands/runs/merkleRoot.ts';
import { type ReckonedAsset, reckonPayout } from '#commands/runs/reckonPayout.ts';
import { type RunLine, readRunLines } from '#commands/runs/runLines.ts';
import { runAsItIs, slotOf } from '#commands/runs/slot.ts';
import { decodeFact } from '#domain/events.ts';
import type { Account, AccountCode } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { Digest, RunId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { type Currency, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import type { AssetLine, Carried } from '#domain/runs/events.ts';
import type { OpenLedger } from './openLedger.ts';

const NAME_WIDTH = 16;
const AMOUNT_WIDTH = 14;
const ACCOUNT_WIDTH = 32;

interface Open {
  readonly ledger: OpenLedger['ledger'];
  readonly openings: Openings;
}

/** What a run wrote down: its lines as they are in the log. */
interface Written {
  readonly assets: ReadonlyMap<VehicleId, AssetLine>;
  readonly holders: ReadonlyMap<VehicleId, readonly RunLine[]>;
  readonly root: Digest;
}

const found = <T>(answer: Either<{ readonly code: string }, T>): T => {
  if (isLeft(answer)) throw new Error(`the payout cannot be explained: ${answer.left.code}`);
  return answer.right;
};

const writtenBy = async (open: Open, tenant: Tenant, run: RunId): Promise<Written> => {
  const { ledger: workspace, openings } = open;
  const stream = runsOf(tenant, slotOf(run)).streamOf();
  const assets = new Map<VehicleId, AssetLine>();
  const sealed: Digest[] = [];
  for (const { text } of found(await readWhole(workspace.store)(stream))) {
    const event = parseEvent(text);
    const fact = decodeFact(event);
    if (fact.type === 'RunAssetsReckoned' && fact.data.run === run) {
      for (const line of fact.data.lines) assets.set(line.vehicle, line);
    }
    if (fact.type === 'RunLinesSealed' && fact.data.run === run) sealed.push(...event.sealed);
  }
  const lines: RunLine[] = [];
  const opened = await readRunLines({ workspace, openings })(tenant, run, async (some) => {
    lines.push(...some);
    return right(null);
  });
  found(opened);
  const root = merkleRoot([...[...assets.values()].map(digestOf), ...sealed]);
  return { assets, holders: Map.groupBy(lines, ({ vehicle }) => vehicle), root };
};

/** The texts of one payout: amounts in its currency, accounts by their names. */
const teller = (currency: Currency, chart: ReadonlyMap<AccountCode, Account>) => {
  const show = (minor: bigint | string) => decimalText(moneyOf(BigInt(minor), currency));
  const column = (minor: bigint | string) => show(minor).padStart(AMOUNT_WIDTH);
  const carried = ({ reserve, advanced, remainder }: Carried) =>
    `reserve ${show(reserve)}, advanced by the operator ${show(advanced)}, remainder ${show(remainder)}`;
  const account = (code: AccountCode) =>
    `${code} ${chart.get(code)?.name ?? ''}`.padEnd(ACCOUNT_WIDTH);
  const entries = ({ entered }: ReckonedAsset) =>
    entered.flatMap(({ event, entry }) => {
      const why = entry.rule
        ? `${entry.rule.name} ${entry.rule.version}`
        : `by hand: ${entry.reason}`;
      const basis = entry.basis === null ? '' : `, from event ${entry.basis}`;
      const about = entry.about === null ? '' : `, about ${entry.about}`;
      return [
        `    ${entry.date}  event ${event}  ${why}${basis}${about}`,
        ...entry.lines.map(
          ({ account: code, side, amount }) =>
            `      ${account(code)} ${side.padEnd(6)} ${column(minorUnits(amount))}`,
        ),
      ];
    });
  const steps = ({ payout }: ReckonedAsset) =>
    payout.steps.map(({ name, formula, exact, amount }) => {
      const rounded = exact === null ? '' : `, exactly ${exact} minor units`;
      return `    ${name.padEnd(NAME_WIDTH)} ${column(minorUnits(amount))}  ${formula}${rounded}`;
    });
  return { show, column, carried, entries, steps };
};

type Teller = ReturnType<typeof teller>;

const holderLines = (
  { column }: Teller,
  { payout }: ReckonedAsset,
  written: readonly RunLine[],
  withParties: boolean,
): readonly string[] => {
  const partyOf = new Map(written.map(({ holding, party }) => [holding, party]));
  const { distributable, shareDays } = payout.line;
  return payout.holders.map(({ holding, shareDays: own, amount }) => {
    const party = withParties ? `  party ${partyOf.get(holding) ?? 'unknown'}` : '';
    return `    holding ${holding} ${column(amount)}  ⌊${distributable} × ${own} ÷ ${shareDays}⌋${party}`;
  });
};

/** Whether the log holds the very lines that were reckoned again. */
const isWritten = (
  { payout }: ReckonedAsset,
  logged: AssetLine | undefined,
  holders: readonly RunLine[],
): boolean => {
  const told = holders.map(({ holding, shareDays, amount }) => `${holding} ${shareDays} ${amount}`);
  const due = payout.holders.map((each) => `${each.holding} ${each.shareDays} ${each.amount}`);
  const isLine = logged !== undefined && canonicalJson(logged) === canonicalJson(payout.line);
  return isLine && canonicalJson(told) === canonicalJson(due);
};

/**
 * Says how each cent of a payout came about, from the events alone, and whether what was written down is what
 * comes out when it is reckoned again. Answers false where anything differs.
 */
export const explainPayout = async (
  open: Open,
  {
    tenant,
    run,
    withParties,
    say,
  }: {
    readonly tenant: Tenant;
    readonly run: RunId;
    readonly withParties: boolean;
    readonly say: (line: string) => void;
  },
): Promise<boolean> => {
  const { ledger: workspace, openings } = open;
  const { park, period } = slotOf(run);
  const { totals, inputs, phase, proposedBy, approvedBy, root } = found(
    await runAsItIs(workspace)(tenant, run),
  );
  const written = await writtenBy(open, tenant, run);
  const chart = found(await workspace.load(chartOf(tenant))).state;
  const tell = teller(totals.currency, chart);
  const zone = workspace.platformZone;
  const books = [...written.assets.keys()].map((vehicle) => ({ park, vehicle, zone }));
  say(`payout ${run}: ${phase}, proposed by ${proposedBy}, approved by ${approvedBy ?? 'nobody'}`);
  say(`park ${park}, ${period}, amounts in ${totals.currency}`);
  let agrees = true;
  const check = (isSo: boolean, what: string): void => {
    agrees &&= isSo;
    say(`${isSo ? 'agrees' : 'DIFFERS'}: ${what}`);
  };
  const parts = { workspace, openings, closing: { booksOf: async () => right(books) } };
  const of = { park, period, currency: totals.currency };
  const again = await reckonPayout(parts)(tenant, of, async (asset) => {
    const { line } = asset.payout;
    const holders = written.holders.get(line.vehicle) ?? [];
    say(`\nasset ${line.vehicle}`);
    say(`  ${line.entries} entries of the month`);
    for (const text of tell.entries(asset)) say(text);
    say(`  handed on to it: ${tell.carried(line.opening)}`);
    say(`  shared by the terms in force since ${line.termsFrom}`);
    for (const text of tell.steps(asset)) say(text);
    say(
      `  among ${line.holders} holders: D = ${line.distributable}, T = ${line.shareDays} share-days`,
    );
    for (const text of holderLines(tell, asset, holders, withParties)) say(text);
    say(`  handed on by it: ${tell.carried(line.closing)}`);
    check(isWritten(asset, written.assets.get(line.vehicle), holders), 'its lines in the log');
    return right(null);
  });
  say('');
  const reckoned = found(again);
  check(reckoned.inputs === inputs, `inputs ${inputs}`);
  check(canonicalJson(reckoned.totals) === canonicalJson(totals), 'the totals that were approved');
  check(written.root === root, `root ${root ?? 'none: the run is not posted'}`);
  return agrees;
};
