import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Period } from '#domain/finance/period.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import { heldAt } from '#domain/kernel/growingMap.ts';
import type { ActorId, Digest, ParkId, RunId } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type AssetLine,
  ORDERED_PER_EVENT_MAX,
  type PaidLine,
  PaymentsConfirmed,
  PaymentsOrdered,
  PaymentsReturned,
  type ReturnedLine,
  RunApproved,
  RunAssetsReckoned,
  type RunEvent,
  type RunKind,
  RunLinesReckoned,
  RunLinesSealed,
  RunPosted,
  RunProposed,
  RunReversed,
  type RunTotals,
  RunWithdrawn,
  type SealedPart,
  TOLD_PER_EVENT_MAX,
} from './events.ts';
import type { OpenLine } from './lines/openLine.ts';
import {
  evolveRuns,
  isWhole,
  type PaymentState,
  payableLines,
  postedRun,
  type Run,
  type RunPhase,
  type Runs,
} from './runState.ts';

interface OfRun {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly park: ParkId;
  readonly period: Period;
  readonly when: Moment;
}

interface Told extends OfRun {
  readonly currency: Currency;
  readonly statement: Digest;
}

/** Holders' lines of one event: of how many lines of which assets, and the digests of their entries. */
export interface SealedChunk {
  readonly parts: readonly SealedPart[];
  readonly sealed: readonly Digest[];
}

/** What one may ask of the runs of a kind over a month of a park. Lines come in their order, from 0. */
export type RunCommand =
  | (OfRun & {
      readonly type: 'ProposeRun';
      readonly version: number;
      readonly inputs: Digest;
      readonly totals: RunTotals;
      readonly user: ActorId;
    })
  | (OfRun & { readonly type: 'ApproveRun'; readonly inputs: Digest; readonly user: ActorId })
  | (OfRun & { readonly type: 'WithdrawRun'; readonly reason: string; readonly user: ActorId })
  | (OfRun & {
      readonly type: 'ReckonAssets';
      readonly from: number;
      readonly lines: readonly AssetLine[];
    })
  | (OfRun & {
      readonly type: 'SealLines';
      readonly from: number;
      /** Each is an event. */
      readonly chunks: readonly SealedChunk[];
    })
  | (OfRun & {
      readonly type: 'ReckonLines';
      readonly from: number;
      readonly lines: readonly OpenLine[];
    })
  | (OfRun & { readonly type: 'PostRun'; readonly inputs: Digest; readonly root: Digest })
  | (OfRun & { readonly type: 'ReverseRun'; readonly reason: string; readonly user: ActorId })
  | (OfRun & {
      readonly type: 'OrderPayments';
      readonly message: string;
      readonly executionDate: LocalDate;
      readonly lines: readonly number[];
    })
  | (Told & { readonly type: 'ConfirmPayments'; readonly lines: readonly PaidLine[] })
  | (Told & { readonly type: 'ReturnPayments'; readonly lines: readonly ReturnedLine[] });

/** Every way the runs of a month may say no. */
export type RunRefusal =
  | { readonly code: 'RunUnknown'; readonly run: RunId }
  | { readonly code: 'RunPhaseConflict'; readonly run: RunId; readonly phase: RunPhase }
  | { readonly code: 'OwnRun'; readonly run: RunId }
  | { readonly code: 'RunApprovedAlready'; readonly run: RunId }
  | { readonly code: 'RunPostedAlready'; readonly run: RunId }
  | { readonly code: 'RunInputsChanged'; readonly run: RunId }
  | { readonly code: 'LinesOutOfOrder'; readonly expected: number }
  | { readonly code: 'LinesMissing'; readonly run: RunId }
  | { readonly code: 'PaymentsOrdered'; readonly run: RunId }
  | { readonly code: 'PaymentNotOrdered'; readonly line: number }
  | { readonly code: 'PaymentOutOfTurn'; readonly line: number };

type Decision = Either<RunRefusal, readonly RunEvent[]>;
const nothing: Decision = right([]);
type Asked<Type extends RunCommand['type']> = Extract<RunCommand, { type: Type }>;

const ofCommand = ({ run, kind, park, period }: OfRun) => ({ run, kind, park, period });

const conflict = ({ run, phase }: Run): Decision => left({ code: 'RunPhaseConflict', run, phase });

const propose = (command: Asked<'ProposeRun'>, runs: Runs): Decision => {
  const { version, inputs, totals, user, when } = command;
  if (runs.has(command.run)) return nothing;
  const posted = postedRun(runs);
  if (posted) return left({ code: 'RunPostedAlready', run: posted.run });
  return right([fact(RunProposed, when, { ...ofCommand(command), version, inputs, totals, user })]);
};

const approve = (command: Asked<'ApproveRun'>, run: Run): Decision => {
  const { inputs, user, when } = command;
  if (run.phase === 'approved' || run.phase === 'posted') {
    if (run.approvedBy === user && run.inputs === inputs) return nothing;
    return left({ code: 'RunApprovedAlready', run: run.run });
  }
  if (run.phase !== 'proposed') return conflict(run);
  if (run.proposedBy === user) return left({ code: 'OwnRun', run: run.run });
  if (run.inputs !== inputs) return left({ code: 'RunInputsChanged', run: run.run });
  return right([fact(RunApproved, when, { ...ofCommand(command), inputs, user })]);
};

const withdraw = (command: Asked<'WithdrawRun'>, run: Run): Decision => {
  const { reason, user, when } = command;
  if (run.phase === 'withdrawn') return nothing;
  if (run.phase !== 'proposed' && run.phase !== 'approved') return conflict(run);
  return right([fact(RunWithdrawn, when, { ...ofCommand(command), reason, user })]);
};

/** Lines that were written down before a crash are not written again; they come in the same order. */
const reckon = (command: Asked<'ReckonAssets'>, run: Run): Decision => {
  const { from, lines, when } = command;
  if (from + lines.length <= run.assets) return nothing;
  if (run.phase !== 'approved') return conflict(run);
  if (from !== run.assets) return left({ code: 'LinesOutOfOrder', expected: run.assets });
  return right([fact(RunAssetsReckoned, when, { ...ofCommand(command), from, lines: [...lines] })]);
};

const seal = (command: Asked<'SealLines'>, run: Run): Decision => {
  const { from, chunks, when } = command;
  const count = chunks.reduce((lines, { sealed }) => lines + sealed.length, 0);
  if (from + count <= run.holders) return nothing;
  if (run.phase !== 'approved') return conflict(run);
  if (from !== run.holders) return left({ code: 'LinesOutOfOrder', expected: run.holders });
  let next = from;
  const events = chunks.map(({ parts, sealed }) => {
    const said = { ...ofCommand(command), from: next, parts: [...parts] };
    next += sealed.length;
    return { ...fact(RunLinesSealed, when, said), sealed };
  });
  return right(events);
};

const reckonOpen = (command: Asked<'ReckonLines'>, run: Run): Decision => {
  const { from, lines, when } = command;
  const written = run.lines.length;
  if (from + lines.length <= written) return nothing;
  if (run.phase !== 'approved') return conflict(run);
  if (from !== written) return left({ code: 'LinesOutOfOrder', expected: written });
  return right([fact(RunLinesReckoned, when, { ...ofCommand(command), from, lines: [...lines] })]);
};

const post = (command: Asked<'PostRun'>, run: Run, runs: Runs): Decision => {
  const { inputs, root, when } = command;
  if (run.phase === 'posted') return nothing;
  const posted = postedRun(runs);
  if (posted) return left({ code: 'RunPostedAlready', run: posted.run });
  if (run.phase !== 'approved') return conflict(run);
  if (run.inputs !== inputs) return left({ code: 'RunInputsChanged', run: run.run });
  if (!isWhole(run)) return left({ code: 'LinesMissing', run: run.run });
  const { assets, holders, lines } = run;
  const count = run.kind === 'payout' ? holders : lines.length;
  return right([fact(RunPosted, when, { ...ofCommand(command), inputs, assets, count, root })]);
};

/** What the bank was asked to pay may have left: such a run is put right by hand, not taken back. */
const reverse = (command: Asked<'ReverseRun'>, run: Run): Decision => {
  const { reason, user, when } = command;
  if (run.phase === 'reversed') return nothing;
  if (run.phase !== 'posted') return conflict(run);
  if (run.payments.size > 0) return left({ code: 'PaymentsOrdered', run: run.run });
  return right([fact(RunReversed, when, { ...ofCommand(command), reason, user })]);
};

/** A file that was ordered is not ordered again, and no line is asked for that may be on its way. */
const order = (command: Asked<'OrderPayments'>, run: Run): Decision => {
  const { message, executionDate, lines, when } = command;
  if (run.orders.has(message)) return nothing;
  if (run.phase !== 'posted') return conflict(run);
  const payable = payableLines(run);
  if (lines.some((line) => line >= payable)) return left({ code: 'LinesMissing', run: run.run });
  const isOwed = (line: number): boolean =>
    (heldAt(run.payments, line)?.state ?? 'returned') === 'returned';
  const isOnce = new Set(lines).size === lines.length;
  if (!isOnce || !lines.every(isOwed)) return left({ code: 'PaymentsOrdered', run: run.run });
  const said = { ...ofCommand(command), message, executionDate };
  const events = inGroups(lines, ORDERED_PER_EVENT_MAX);
  return right(events.map((group) => fact(PaymentsOrdered, when, { ...said, lines: group })));
};

/**
 * What the bank has not told before. A line that nobody ordered, or of which it cannot be told now, is an
 * error of ours or theirs: money is never taken for paid twice, nor for come back that never left.
 */
const untold = <Line extends PaidLine>(
  run: Run,
  lines: readonly Line[],
  from: PaymentState,
): Either<RunRefusal, readonly Line[]> => {
  const fresh: Line[] = [];
  const seen = new Set<number>();
  for (const each of lines) {
    const { line, entry } = each;
    const payment = heldAt(run.payments, line);
    if (!payment) return left({ code: 'PaymentNotOrdered', line });
    if (payment.told.includes(entry)) continue;
    if (payment.state !== from || seen.has(line)) return left({ code: 'PaymentOutOfTurn', line });
    seen.add(line);
    fresh.push(each);
  }
  return right(fresh);
};

const confirm = (command: Asked<'ConfirmPayments'>, run: Run): Decision => {
  const { currency, statement, when } = command;
  const fresh = untold(run, command.lines, 'ordered');
  if (isLeft(fresh)) return fresh;
  const said = { ...ofCommand(command), currency, statement };
  const events = inGroups(fresh.right, TOLD_PER_EVENT_MAX);
  return right(events.map((lines) => fact(PaymentsConfirmed, when, { ...said, lines })));
};

const giveBack = (command: Asked<'ReturnPayments'>, run: Run): Decision => {
  const { currency, statement, when } = command;
  const fresh = untold(run, command.lines, 'paid');
  if (isLeft(fresh)) return fresh;
  const said = { ...ofCommand(command), currency, statement };
  const events = inGroups(fresh.right, TOLD_PER_EVENT_MAX);
  return right(events.map((lines) => fact(PaymentsReturned, when, { ...said, lines })));
};

const decide = (command: RunCommand, runs: Runs): Decision => {
  if (command.type === 'ProposeRun') return propose(command, runs);
  const run = runs.get(command.run);
  if (!run) return left({ code: 'RunUnknown', run: command.run });
  switch (command.type) {
    case 'ApproveRun':
      return approve(command, run);
    case 'WithdrawRun':
      return withdraw(command, run);
    case 'ReckonAssets':
      return reckon(command, run);
    case 'SealLines':
      return seal(command, run);
    case 'ReckonLines':
      return reckonOpen(command, run);
    case 'PostRun':
      return post(command, run, runs);
    case 'ReverseRun':
      return reverse(command, run);
    case 'OrderPayments':
      return order(command, run);
    case 'ConfirmPayments':
      return confirm(command, run);
    case 'ReturnPayments':
      return giveBack(command, run);
    default:
      return unreachable(command);
  }
};

/**
 * All runs of a kind over a month of a park, in one stream: at most one of them is posted at a time, nobody
 * approves their own, and what was approved is what is posted.
 */
export const runDecider: Decider<RunCommand, RunEvent, Runs, RunRefusal> = {
  initial: new Map(),
  decide,
  evolve: evolveRuns,
};
