import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { CreditTransfer, CreditTransferBatch } from '#domain/finance/creditTransfers.ts';
import { Iban } from '#domain/finance/iban.ts';
import type { RunId, Tenant } from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { moneyOf } from '#domain/kernel/money.ts';
import type { RunKind } from '#domain/runs/events.ts';
import { paymentIdOf, runPartOf } from '#domain/runs/paymentId.ts';
import type { OwedLine, Payee } from './owedLines.ts';
import { slotOf } from './slot.ts';

/** The account that payouts are paid from. */
export type Debtor = CreditTransferBatch['debtor'];

type Creditor = CreditTransfer['creditor'];

/** A party goes by one name, a driver by two. */
const Identity = z.union([
  z.object({ name: z.string() }).transform(({ name }) => name),
  z
    .object({ given_name: z.string(), family_name: z.string() })
    .transform(({ given_name, family_name }) => `${given_name} ${family_name}`),
]);
const Account = z.object({ iban: Iban, account_name: z.string().nullish() });

/** To whom and where parties and drivers are paid, from the vault; null where no account is known. */
export const payees = ({ vault }: Pick<Workspace, 'vault'>, tenant: Tenant) => {
  const known = new Map<Payee, Creditor | null>();
  return async (payee: Payee): Promise<Either<Unavailable, Creditor | null>> => {
    const before = known.get(payee);
    if (before !== undefined) return right(before);
    const kept = await vault.read({ tenant, subject: payee })();
    if (isLeft(kept)) return kept;
    const dataOf = (wanted: string) =>
      kept.right.find((entry) => entry.class === wanted)?.data ?? null;
    const identity = Identity.safeParse(dataOf('identity'));
    const account = Account.safeParse(dataOf('bank_account'));
    const name = account.data?.account_name ?? identity.data;
    const creditor = account.success && name ? { name, iban: account.data.iban } : null;
    known.set(payee, creditor);
    return right(creditor);
  };
};

/** What the ids of a run's payments begin with. */
export const runPart = (run: RunId): string => runPartOf(deriveUuid('run-payments', run));

const WHAT: Readonly<Record<RunKind, string>> = {
  payout: 'Payout',
  settlement: 'Settlement',
  operator: 'Operator share',
  closing: 'Closing',
  depreciation: 'Depreciation',
  revaluation: 'Revaluation',
};

/** The payment of a line to whom it pays. */
export const transferOf = (
  run: RunId,
  currency: Currency,
  { line, amount }: OwedLine,
  creditor: Creditor,
): CreditTransfer => ({
  endToEndId: paymentIdOf(runPart(run), line),
  amount: moneyOf(amount, currency),
  creditor,
  remittance: `${WHAT[slotOf(run).kind]} ${slotOf(run).period}`,
});
