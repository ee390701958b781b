import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { credit, debit, flipped, moving, postingRule } from '#domain/finance/postingRule.ts';
import { FineConfirmed, FineIssued, FinePaid, FineVoided } from '#domain/fines/events.ts';
import type { Money } from '#domain/kernel/money.ts';
import type { AnyFact } from '#domain/kernel/registry.ts';

/** What the authority asked for, as the first fact of a fine tells it. */
const amountIn = (before: readonly AnyFact[]): Money | null => {
  const issued = before.find(({ type }) => type === FineIssued.type);
  return issued ? FineIssued.data.parse(issued.data).amount : null;
};

const happened = (before: readonly AnyFact[], { type }: { readonly type: string }): boolean =>
  before.some((fact) => fact.type === type);

const claimOf = (amount: Money) =>
  moving([debit(ACCOUNTS.fines, amount), credit(ACCOUNTS.suppliers, amount)]);
const paymentOf = (amount: Money) =>
  moving([debit(ACCOUNTS.suppliers, amount), credit(ACCOUNTS.bank, amount)]);

/**
 * A fine that stands is a cost of its vehicle and a claim of the authority, once, however often it is
 * disputed and confirmed again; paid, the claim is gone. Voided, all that was posted of it comes back. What
 * the driver bears of it is posted from the driver's account.
 */
export const finesRule = postingRule({
  name: 'fines',
  version: 1,
  handles: [FineConfirmed, FinePaid, FineVoided],
  history: true,
  drafts: ({ type, data, when }, before) => {
    const amount = amountIn(before);
    if (amount === null || amount.amount === '0') return [];
    const book = { park: data.park, vehicle: data.vehicle };
    const draft = (lines: ReturnType<typeof moving>) => [{ book, date: when.localDate, lines }];
    const stands = happened(before, FineConfirmed);
    if (type === 'FineConfirmed') return stands ? [] : draft(claimOf(amount));
    if (type === 'FinePaid') return draft(paymentOf(amount));
    if (!stands) return [];
    const paid = happened(before, FinePaid) ? paymentOf(amount) : [];
    return draft(flipped([...claimOf(amount), ...paid]));
  },
});
