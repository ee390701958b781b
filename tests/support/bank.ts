import fc from 'fast-check';
import type { CreditTransfer, CreditTransferBatch } from '#domain/finance/creditTransfers.ts';
import { endToEndIdOf } from '#domain/finance/endToEndId.ts';
import { Bic, Iban } from '#domain/finance/iban.ts';
import { day, instant, money, uuid8 } from './samples.ts';

/** The German account number of eighteen digits, which nobody has. */
const ibanOfDigits = (digits: string): Iban => {
  // D and E are 13 and 14; the check digits stand at the end as zeros.
  const check = 98n - (BigInt(`${digits}131400`) % 97n);
  return Iban.parse(`DE${String(check).padStart(2, '0')}${digits}`);
};

/** An account number of nobody, that passes every check. */
export const anyIban: fc.Arbitrary<Iban> = fc
  .bigInt({ min: 0n, max: 10n ** 18n - 1n })
  .map((n) => ibanOfDigits(String(n).padStart(18, '0')));

/** The n-th payment of a test, of so many cents. */
export const aTransfer = (
  n: number,
  cents: string,
  change: Partial<CreditTransfer> = {},
): CreditTransfer => ({
  endToEndId: endToEndIdOf(uuid8(n)),
  amount: money(cents),
  creditor: { name: `Investor ${n}`, iban: ibanOfDigits(String(n).padStart(18, '0')) },
  remittance: `Payout ${n}`,
  ...change,
});

/** An order to pay with these payments. */
export const aBatch = (
  transfers: readonly CreditTransfer[],
  change: Partial<CreditTransferBatch> = {},
): CreditTransferBatch => ({
  messageId: 'RUN-2026-03',
  createdAt: instant('2026-04-02T09:30:00.000Z'),
  executionDate: day('2026-04-03'),
  debtor: {
    name: 'Fleet Operator',
    iban: Iban.parse('DE89370400440532013000'),
    bic: Bic.parse('DEUTDEFF'),
  },
  transfers,
  ...change,
});
