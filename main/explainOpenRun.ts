import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import { asOf } from '#commands/asOf.ts';
import { digestOf } from '#commands/digest.ts';
import type { Closing } from '#commands/finance/closePeriod.ts';
import type { Openings } from '#commands/ports.ts';
import { readHistory } from '#commands/readHistory.ts';
import { merkleRoot } from '#commands/runs/merkleRoot.ts';
import { reckonOpenRun } from '#commands/runs/openRun.ts';
import type { OpenKind } from '#commands/runs/reckoner.ts';
import { type KnownPark, knownPark, runAsItIs, slotOf } from '#commands/runs/slot.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { RunId, Tenant } from '#domain/kernel/ids.ts';
import { type Currency, moneyOf } from '#domain/kernel/money.ts';
import type { OpenLine } from '#domain/runs/lines/openLine.ts';
import { payeeOf } from '#domain/runs/runState.ts';
import type { OpenLedger } from './openLedger.ts';

const found = <T>(answer: Either<{ readonly code: string }, T>): T => {
  if (isLeft(answer)) throw new Error(`the run cannot be explained: ${answer.left.code}`);
  return answer.right;
};

/** How a line came about, in one sentence with its numbers. */
const formulaOf = (line: OpenLine, currency: Currency): string => {
  const show = (minor: string) => decimalText(moneyOf(BigInt(minor), currency));
  switch (line.kind) {
    case 'settlement':
      return (
        `driver ${line.driver}: ${line.entries} entries; shares ${show(line.shares)} − settled before ` +
        `${show(line.before)} − set off ${show(line.offset)} (owed ${show(line.owed)}) = ${show(line.amount)}`
      );
    case 'operator':
      return (
        `asset ${line.vehicle}: fee ${show(line.fee)} + rest ${show(line.rest)} + recouped ` +
        `${show(line.recouped)} = ${show(line.amount)} to party ${line.payee}`
      );
    case 'depreciation':
      return (
        `asset ${line.vehicle}: ${line.method} of ${show(line.cost)} to ${show(line.residual)}; ` +
        `${show(line.after)} by now − ${show(line.before)} before = ${show(line.amount)}`
      );
    case 'revaluation':
      return (
        `book of ${line.vehicle ?? 'the park'}: ${line.converted.length} accounts brought over from ` +
        `${line.currency}; held ${line.position} minor units of it, worth ${show(line.value)} − carried ` +
        `${show(line.carried)} = realised ${show(line.realised)} + unrealised ${show(line.unrealised)}`
      );
    case 'closing':
      return `book of ${line.vehicle ?? 'the park'}: ${line.entries} entries`;
    default:
      return unreachable(line);
  }
};

interface Open extends Pick<Closing, 'foreignMonths'> {
  readonly ledger: OpenLedger['ledger'];
  readonly openings: Openings;
}

/** Where the log held the proposal of a run: what was known then is what its lines rest on. */
const proposedAt = async ({ ledger }: Open, tenant: Tenant, run: RunId): Promise<bigint> => {
  const stream = runsOf(tenant, slotOf(run)).streamOf();
  const history = found(await readHistory(ledger.store)(stream));
  const own = history.find(({ fact }) => fact.type === 'RunProposed' && fact.data.run === run);
  if (!own) throw new Error(`${run} was never proposed`);
  return own.position;
};

/** What reckoning asks of read models is told by the lines themselves: which books and drivers there are. */
const toldBy = (
  lines: readonly OpenLine[],
  { park, zone }: KnownPark,
): Omit<Closing, 'foreignMonths'> => ({
  posted: async () => right(null),
  lastOf: async () => right(null),
  booksOf: async () =>
    right(
      lines.flatMap((line) => ('vehicle' in line ? [{ park, zone, vehicle: line.vehicle }] : [])),
    ),
  driversOf: async () => right(lines.flatMap((line) => ('driver' in line ? [line.driver] : []))),
});

/**
 * Says how each line of a run came about, and whether what was written down is what comes out when it is
 * reckoned again from what was known when it was proposed. Answers false where anything differs.
 */
export const explainOpenRun = async (
  open: Open,
  {
    tenant,
    run: id,
    say,
  }: { readonly tenant: Tenant; readonly run: RunId; readonly say: (line: string) => void },
  kind: OpenKind,
): Promise<boolean> => {
  const { ledger: workspace, openings, foreignMonths } = open;
  const run = found(await runAsItIs(workspace)(tenant, id));
  const { park, period } = slotOf(id);
  const { phase, lines, totals, inputs, root, proposedBy, approvedBy } = run;
  const { currency } = totals;
  say(`${kind} ${id}: ${phase}, proposed by ${proposedBy}, approved by ${approvedBy ?? 'nobody'}`);
  say(`park ${park}, ${period}, amounts in ${currency}`);
  for (const line of lines) say(`  ${formulaOf(line, currency)}, from ${line.inputs}`);
  const known = found(await knownPark(workspace)({ tenant, mayActIn: () => true }, park));
  const then = asOf(workspace, await proposedAt(open, tenant, id));
  const closing = { ...toldBy(lines, known), foreignMonths };
  const parts = { workspace: then, openings, closing };
  const of = { ...known, period, payee: payeeOf(run) };
  const again = found(await reckonOpenRun(parts)(tenant, kind, of));
  let agrees = true;
  const check = (isSo: boolean, what: string): void => {
    agrees &&= isSo;
    say(`${isSo ? 'agrees' : 'DIFFERS'}: ${what}`);
  };
  check(canonicalJson(again.lines) === canonicalJson(lines), 'its lines in the log');
  check(again.inputs === inputs, `inputs ${inputs}`);
  check(canonicalJson(again.totals) === canonicalJson(totals), 'the totals that were approved');
  check(merkleRoot(lines.map(digestOf)) === root, `root ${root ?? 'none: the run is not posted'}`);
  return agrees;
};
