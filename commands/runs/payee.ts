import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { CreditTransfer, CreditTransferBatch } from '#domain/finance/creditTransfers.ts';
import { Iban } from '#domain/finance/iban.ts';
import type { PartyId, RunId, Tenant } from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { moneyOf } from '#domain/kernel/money.ts';
import { paymentIdOf, runPartOf } from '#domain/runs/paymentId.ts';
import type { RunLine } from './runLines.ts';
import { slotOf } from './slot.ts';

/** The account that payouts are paid from. */
export type Debtor = CreditTransferBatch['debtor'];

type Payee = CreditTransfer['creditor'];

const Identity = z.object({ name: z.string() });
const Account = z.object({ iban: Iban, account_name: z.string().nullish() });

/** To whom and where parties are paid, from the vault; null where no account is known. */
export const payees = ({ vault }: Pick<Workspace, 'vault'>, tenant: Tenant) => {
  const known = new Map<PartyId, Payee | null>();
  return async (party: PartyId): Promise<Either<Unavailable, Payee | null>> => {
    const before = known.get(party);
    if (before !== undefined) return right(before);
    const kept = await vault.read({ tenant, subject: party })();
    if (isLeft(kept)) return kept;
    const dataOf = (wanted: string) =>
      kept.right.find((entry) => entry.class === wanted)?.data ?? null;
    const identity = Identity.safeParse(dataOf('identity'));
    const account = Account.safeParse(dataOf('bank_account'));
    const name = account.data?.account_name ?? identity.data?.name;
    const payee = account.success && name ? { name, iban: account.data.iban } : null;
    known.set(party, payee);
    return right(payee);
  };
};

/** What the ids of a run's payments begin with. */
export const runPart = (run: RunId): string => runPartOf(deriveUuid('run-payments', run));

/** The payment of a line to its holder. */
export const transferOf = (
  run: RunId,
  currency: Currency,
  { line, amount }: RunLine,
  creditor: Payee,
): CreditTransfer => ({
  endToEndId: paymentIdOf(runPart(run), line),
  amount: moneyOf(amount, currency),
  creditor,
  remittance: `Payout ${slotOf(run).period}`,
});
