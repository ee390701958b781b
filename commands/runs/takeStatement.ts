import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import { noteExceptions, type Unmatched } from '#commands/finance/bankExceptions.ts';
import type { HandleFailure } from '#commands/handle.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import { hourOfDay } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { followUp, type OutsideScope, type Request } from '#commands/workspace.ts';
import type { ExceptionRefusal } from '#domain/finance/bank/exception.ts';
import {
  type ExpectedPayment,
  type IsTold,
  type Match,
  matchLines,
} from '#domain/finance/matching.ts';
import type { StatementLine } from '#domain/finance/statement.ts';
import { heldAt } from '#domain/kernel/growingMap.ts';
import type { Digest, RunId, Tenant } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import { moneyOf } from '#domain/kernel/money.ts';
import { type PaidLine, type ReturnedLine, ReturnReason } from '#domain/runs/events.ts';
import { paymentIdOf, paymentNamed } from '#domain/runs/paymentId.ts';
import type { RunRefusal } from '#domain/runs/run.ts';
import type { PaymentState, Run } from '#domain/runs/runState.ts';
import { readOwedLines } from './owedLines.ts';
import { runPart } from './payee.ts';
import { knownPark, lookingOf, onRun, type RunStep, runAsItIs, slotOf } from './slot.ts';

/** So many lines a command: what their events may be appended with at once. */
const LINES_AT_ONCE = 10_000;
const NOON_H = 12;

/** What taking in a statement needs besides: which runs are posted, by now. */
export interface StatementParts extends RegisterParts {
  readonly postedRuns: (tenant: Tenant) => Promise<Either<Unavailable, readonly RunId[]>>;
}

/**
 * What a statement came to: payments that are paid or came back by it, and what somebody has to look at.
 */
export interface TakenStatement {
  readonly confirmed: number;
  readonly returned: number;
  readonly exceptions: readonly Unmatched[];
}

type Failure = RunRefusal | ExceptionRefusal | HandleFailure | OutsideScope;

const STATUS = { ordered: 'sent', paid: 'paid', returned: 'returned' } as const satisfies Record<
  PaymentState,
  ExpectedPayment['status']
>;

const entryOf = ({ ref, direction }: Pick<StatementLine, 'ref' | 'direction'>): Digest =>
  digestOf({ ref, direction });

/** A run that a statement names, and the zone in which its park counts days. */
interface NamedRun {
  readonly run: Run;
  readonly zone: Zone;
}

/** A payment that a statement names and the bank was asked for. */
interface Awaited extends NamedRun {
  readonly paid: Omit<PaidLine, 'entry'>;
  readonly told: readonly Digest[];
}

/** The runs that a statement names, each with the lines of it that are named. */
const runsNamed = async (
  { workspace, postedRuns }: StatementParts,
  request: Request,
  lines: readonly StatementLine[],
): Promise<Either<Failure, readonly (NamedRun & { readonly named: ReadonlySet<number> })[]>> => {
  const named = new Map<string, Set<number>>();
  for (const { endToEndId } of lines.flatMap(({ details }) => details)) {
    const payment = endToEndId === null ? null : paymentNamed(endToEndId);
    if (!payment) continue;
    const { runPart: part, line } = payment;
    named.set(part, (named.get(part) ?? new Set<number>()).add(line));
  }
  if (named.size === 0) return right([]);
  const posted = await postedRuns(request.origin.tenant);
  if (isLeft(posted)) return posted;
  const runs: (NamedRun & { readonly named: ReadonlySet<number> })[] = [];
  for (const id of posted.right) {
    const wanted = named.get(runPart(id));
    if (!wanted) continue;
    const park = await knownPark(workspace)(lookingOf(request), slotOf(id).park);
    if (isLeft(park)) {
      if (park.left.code === 'ParkUnknown') continue;
      return left(park.left);
    }
    const run = await runAsItIs(workspace)(request.origin.tenant, id);
    if (isLeft(run)) return run;
    runs.push({ run: run.right, zone: park.right.zone, named: wanted });
  }
  return right(runs);
};

/** The payments that a statement names, as they stand. */
const awaitedIn = async (
  parts: StatementParts,
  request: Request,
  lines: readonly StatementLine[],
): Promise<Either<Failure, ReadonlyMap<string, Awaited>>> => {
  const runs = await runsNamed(parts, request, lines);
  if (isLeft(runs)) return runs;
  const awaited = new Map<string, Awaited>();
  for (const { run, zone, named } of runs.right) {
    const part = runPart(run.run);
    const read = await readOwedLines(parts)(request.origin.tenant, run, async (some) => {
      for (const { line, vehicle, amount } of some) {
        const payment = heldAt(run.payments, line);
        if (!payment || !named.has(line)) continue;
        const paid = { line, vehicle, amount: amount.toString() };
        awaited.set(paymentIdOf(part, line), { run, zone, paid, told: payment.told });
      }
      return right(null);
    });
    if (isLeft(read)) return read;
  }
  return right(awaited);
};

const expectedBy = ({ run, paid }: Awaited): ExpectedPayment => ({
  amount: moneyOf(BigInt(paid.amount), run.totals.currency),
  status: STATUS[heldAt(run.payments, paid.line)?.state ?? 'ordered'],
});

interface ToldPayment {
  readonly match: Exclude<Match, { kind: 'unmatched' }>;
  readonly found: Awaited;
}

/** What the bank tells of a run's payments on a day, in commands of bounded length. */
const stepsOf = (all: readonly ToldPayment[], statement: Digest): readonly RunStep[] => {
  const paid: PaidLine[] = [];
  const back: ReturnedLine[] = [];
  for (const { match, found } of all) {
    const { ref } = match;
    if (match.kind === 'matched') {
      paid.push({ ...found.paid, entry: entryOf({ ref, direction: 'debit' }) });
    } else {
      const reason = ReturnReason.safeParse(match.reason).data ?? null;
      back.push({ ...found.paid, entry: entryOf({ ref, direction: 'credit' }), reason });
    }
  }
  return all.slice(0, 1).flatMap(({ found: { run } }): readonly RunStep[] => {
    const told = { currency: run.totals.currency, statement };
    return [
      ...inGroups(paid, LINES_AT_ONCE).map(
        (lines) => ({ type: 'ConfirmPayments', ...told, lines }) as const,
      ),
      ...inGroups(back, LINES_AT_ONCE).map(
        (lines) => ({ type: 'ReturnPayments', ...told, lines }) as const,
      ),
    ];
  });
};

/**
 * Payments by run and by the day on which the bank booked them: first what is paid, then what came back.
 */
const bookedTogether = (told: readonly ToldPayment[]): readonly (readonly ToldPayment[])[] => {
  const placeOf = ({ match, found }: ToldPayment): string =>
    `${match.kind === 'matched' ? 0 : 1} ${match.on} ${found.run.run}`;
  return [...Map.groupBy(told, placeOf)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, group]) => group);
};

/** When the bank booked something, as far as it says: at noon of the day, and never in the future. */
const bookedAt = ({ match, found }: ToldPayment, now: Instant): Instant => {
  const noon = hourOfDay(match.on, found.zone, NOON_H);
  return noon < now ? noon : now;
};

/**
 * Takes in what a bank says of the account that payouts are paid from: payments are paid, or come back, and
 * whatever fits nothing is written down and listed. `statement` is the digest of the file. The same entries
 * again change nothing, so that a statement that was broken off half-way is taken in by sending it again.
 */
export const takeStatement =
  (parts: StatementParts) =>
  async (
    request: Request,
    { lines, statement }: { readonly lines: readonly StatementLine[]; readonly statement: Digest },
  ): Promise<Either<Failure, TakenStatement>> => {
    const awaited = await awaitedIn(parts, request, lines);
    if (isLeft(awaited)) return awaited;
    const expected = new Map([...awaited.right].map(([id, each]) => [id, expectedBy(each)]));
    const isTold: IsTold = (id, line) =>
      awaited.right.get(id)?.told.includes(entryOf(line)) ?? false;
    const matches = matchLines(lines, expected, isTold);
    const told = matches.flatMap((match) => {
      const found = match.kind === 'unmatched' ? undefined : awaited.right.get(match.endToEndId);
      return found && match.kind !== 'unmatched' ? [{ match, found }] : [];
    });
    for (const [first, ...more] of bookedTogether(told)) {
      if (!first) continue;
      const { run } = first.found.run;
      const at = bookedAt(first, parts.workspace.now());
      for (const step of stepsOf([first, ...more], statement)) {
        const origin = followUp(request.origin, run, digestOf(step));
        const done = await onRun(parts.workspace)({ ...request, origin }, run, step, at);
        if (isLeft(done)) return done;
      }
    }
    const exceptions = matches.filter((match) => match.kind === 'unmatched');
    const noted = await noteExceptions(parts.workspace)(request, statement, exceptions);
    if (isLeft(noted)) return noted;
    return right({
      confirmed: told.filter(({ match }) => match.kind === 'matched').length,
      returned: told.filter(({ match }) => match.kind === 'returned').length,
      exceptions,
    });
  };
