import { ACCOUNTS } from '#domain/finance/accounts.ts';
import {
  credit,
  debit,
  type EntryLine,
  flipped,
  moving,
  postingRule,
} from '#domain/finance/postingRule.ts';
import { type Currency, moneyOf } from '#domain/kernel/money.ts';
import type { AnyFact } from '#domain/kernel/registry.ts';
import {
  type AssetLine,
  PaymentsConfirmed,
  PaymentsReturned,
  RunAssetsReckoned,
  RunPosted,
  RunProposed,
  RunReversed,
} from '#domain/runs/events.ts';

const sharedBy = (line: AssetLine, currency: Currency): readonly EntryLine[] => {
  const { opening, closing, fromReserve, toReserve, advanced, recouped } = line;
  const operator = BigInt(line.operatorFee) + BigInt(line.operatorRest);
  const shared = operator + BigInt(line.toInvestors) + BigInt(toReserve);
  const of = (minor: bigint | string) => moneyOf(BigInt(minor), currency);
  const isKept = opening.remainder === closing.remainder;
  return moving([
    debit(ACCOUNTS.appropriation, of(shared)),
    debit(ACCOUNTS.remainders, of(isKept ? 0n : opening.remainder)),
    credit(ACCOUNTS.payableOperator, of(operator)),
    credit(ACCOUNTS.payableInvestors, of(line.allocated)),
    credit(ACCOUNTS.remainders, of(isKept ? 0n : closing.remainder)),
    credit(ACCOUNTS.reserves, of(toReserve)),
    debit(ACCOUNTS.reserves, of(fromReserve)),
    credit(ACCOUNTS.appropriation, of(fromReserve)),
    debit(ACCOUNTS.suppliers, of(advanced)),
    credit(ACCOUNTS.advances, of(advanced)),
    debit(ACCOUNTS.advances, of(recouped)),
    credit(ACCOUNTS.payableOperator, of(recouped)),
  ]);
};

/** The lines of a run's assets, and its currency, as its stream tells them. */
const linesIn = (before: readonly AnyFact[], run: string) => {
  const proposed = before
    .filter(({ type }) => type === RunProposed.type)
    .map(({ data }) => RunProposed.data.parse(data))
    .find((each) => each.run === run);
  const lines = before
    .filter(({ type }) => type === RunAssetsReckoned.type)
    .map(({ data }) => RunAssetsReckoned.data.parse(data))
    .filter((each) => each.run === run)
    .flatMap((each) => each.lines);
  return proposed ? { currency: proposed.totals.currency, lines } : null;
};

/**
 * A posted run appropriates what each asset had: to the operator, the investors, the reserve, and what could
 * not be divided; in a bad month the operator's advances pay the bills. Reversed, all of it comes back. Who
 * holds what is not said: the holders' part is one line an asset. Source: facts on money, table of postings.
 */
export const payoutsRule = postingRule({
  name: 'payouts',
  version: 1,
  handles: [RunPosted, RunReversed],
  history: true,
  drafts: ({ type, data, when }, before) => {
    const { park, run, kind } = data;
    const found = kind === 'payout' ? linesIn(before, run) : null;
    if (!found) return [];
    return found.lines.flatMap((line) => {
      const shared = sharedBy(line, found.currency);
      if (shared.length === 0) return [];
      const lines = type === 'RunPosted' ? shared : flipped(shared);
      return [{ book: { park, vehicle: line.vehicle }, date: when.localDate, lines }];
    });
  },
});

/** What the bank has paid to investors is owed no more; what came back is owed again. */
export const payoutPaymentsRule = postingRule({
  name: 'payout_payments',
  version: 1,
  handles: [PaymentsConfirmed, PaymentsReturned],
  history: false,
  drafts: ({ type, data, when }) => {
    if (data.kind !== 'payout') return [];
    return data.lines.map(({ vehicle, amount }) => {
      const money = moneyOf(BigInt(amount), data.currency);
      const paid = [debit(ACCOUNTS.payableInvestors, money), credit(ACCOUNTS.bank, money)];
      const lines = type === 'PaymentsConfirmed' ? paid : flipped(paid);
      return { book: { park: data.park, vehicle }, date: when.localDate, lines };
    });
  },
});
