import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HandleFailure } from '#commands/handle.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { OutsideScope, Request } from '#commands/workspace.ts';
import {
  type BatchRefusal,
  type CreditTransfer,
  type CreditTransferBatch,
  sepaBatch,
} from '#domain/finance/creditTransfers.ts';
import { heldAt } from '#domain/kernel/growingMap.ts';
import type { RunId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Money, moneyOf } from '#domain/kernel/money.ts';
import type { RunRefusal } from '#domain/runs/run.ts';
import type { Run } from '#domain/runs/runState.ts';
import { type Payee, readOwedLines } from './owedLines.ts';
import { type Debtor, payees, transferOf } from './payee.ts';
import { type Looking, lookingOf, onRun, runAsItIs, slotOf } from './slot.ts';

/** So many payments a file, and so many lines that cannot be paid are listed. */
const TRANSFERS_MAX = 10_000;
const UNPAYABLE_MAX = 1_000;

/** A line that is owed and cannot be paid: its payee has no account, or no bank would take the payment. */
export interface UnpayableLine {
  readonly line: number;
  readonly payee: Payee;
  readonly code: 'AccountMissing' | BatchRefusal['code'];
}

/**
 * What was ordered: null where there was nothing to. `waiting` lines could be paid and found no room in the
 * file. At most a thousand lines that cannot be paid are listed; `unpayable_count` are all.
 */
export interface OrderedPayments {
  readonly message: string | null;
  readonly count: number;
  readonly sum: Money;
  readonly waiting: number;
  readonly unpayable: readonly UnpayableLine[];
  readonly unpayable_count: number;
}

/** Why no file is made. */
export type PaymentRefusal =
  | RunRefusal
  | { readonly code: 'MessageUnknown'; readonly message: string }
  | { readonly code: 'PayeeUnpayable'; readonly line: number };

type Failure = PaymentRefusal | HandleFailure | OutsideScope;

const seenRun = async (
  { workspace }: RegisterParts,
  { tenant, mayActIn }: Looking,
  run: RunId,
): Promise<Either<Failure, Run>> => {
  if (!mayActIn(slotOf(run).park)) return left({ code: 'RunUnknown', run });
  return runAsItIs(workspace)(tenant, run);
};

/** Whether a bank would take a payment by itself; why not, or null. */
const faultOf = (transfer: CreditTransfer, batch: Omit<CreditTransferBatch, 'transfers'>) => {
  const checked = sepaBatch({ ...batch, transfers: [transfer] });
  return isLeft(checked) ? checked.left.code : null;
};

/**
 * Asks for the payment of the lines of a posted run that are owed: those that no file has asked for, and
 * those that came back. The order is written down first, and the file is made from the log by `paymentFile`.
 * The message is named after the command, so that the same command again is the same file.
 */
export const orderPayments =
  (parts: RegisterParts, debtor: Debtor) =>
  async (
    request: Request,
    { run, executionDate }: { readonly run: RunId; readonly executionDate: LocalDate },
  ): Promise<Either<Failure, OrderedPayments>> => {
    const { tenant, command } = request.origin;
    const found = await seenRun(parts, lookingOf(request), run);
    if (isLeft(found)) return found;
    const { phase, payments, orders, totals } = found.right;
    if (phase !== 'posted') return left({ code: 'RunPhaseConflict', run, phase });
    const message = command.replaceAll('-', '');
    const before = orders.get(message);
    const wanted = before ? new Set(before.lines) : null;
    const isOwed = (line: number) =>
      wanted ? wanted.has(line) : (heldAt(payments, line)?.state ?? 'returned') === 'returned';
    const payeeOf = payees(parts.workspace, tenant);
    const createdAt = parts.workspace.now();
    const batch = { messageId: message, createdAt, executionDate, debtor };
    const lines: number[] = [];
    const unpayable: UnpayableLine[] = [];
    let unpayable_count = 0;
    let waiting = 0;
    let sum = 0n;
    const read = await readOwedLines(parts)<Failure>(tenant, found.right, async (some) => {
      for (const each of some.filter(({ line }) => isOwed(line))) {
        const creditor = await payeeOf(each.payee);
        if (isLeft(creditor)) return creditor;
        const code = creditor.right
          ? faultOf(transferOf(run, totals.currency, each, creditor.right), batch)
          : 'AccountMissing';
        if (code) {
          unpayable_count += 1;
          if (unpayable.length < UNPAYABLE_MAX) {
            unpayable.push({ line: each.line, payee: each.payee, code });
          }
        } else if (lines.length < TRANSFERS_MAX) {
          lines.push(each.line);
          sum += each.amount;
        } else waiting += 1;
      }
      return right(null);
    });
    if (isLeft(read)) return read;
    const told = { count: lines.length, sum: moneyOf(sum, totals.currency), waiting };
    const rest = { unpayable, unpayable_count };
    if (lines.length === 0) return right({ message: null, ...told, ...rest });
    const step = { type: 'OrderPayments', message, executionDate, lines } as const;
    const ordered = await onRun(parts.workspace)(request, run, step);
    return isLeft(ordered) ? ordered : right({ message, ...told, ...rest });
  };

/** The payments that a file asks for, made from the log and the vault: any time again. */
export const paymentFile =
  (parts: RegisterParts, debtor: Debtor) =>
  async (
    looking: Looking,
    { run, message }: { readonly run: RunId; readonly message: string },
  ): Promise<Either<Failure, CreditTransferBatch>> => {
    const { tenant } = looking;
    const found = await seenRun(parts, looking, run);
    if (isLeft(found)) return found;
    const order = found.right.orders.get(message);
    if (!order) return left({ code: 'MessageUnknown', message });
    const { currency } = found.right.totals;
    const wanted = new Set(order.lines);
    const payeeOf = payees(parts.workspace, tenant);
    const transfers: CreditTransfer[] = [];
    const read = await readOwedLines(parts)<Failure>(tenant, found.right, async (some) => {
      for (const each of some.filter(({ line }) => wanted.has(line))) {
        const creditor = await payeeOf(each.payee);
        if (isLeft(creditor)) return creditor;
        if (!creditor.right) return left({ code: 'PayeeUnpayable', line: each.line });
        transfers.push(transferOf(run, currency, each, creditor.right));
      }
      return right(null);
    });
    if (isLeft(read)) return read;
    const { orderedAt: createdAt, executionDate } = order;
    return right({ messageId: message, createdAt, executionDate, debtor, transfers });
  };
