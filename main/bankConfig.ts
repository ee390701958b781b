import { z } from 'zod';
import type { Bank } from '#api/routes/bank.ts';
import { Bic, Iban } from '#domain/finance/iban.ts';
import { CsvMapping } from '#ingest/bank/csvMapping.ts';

/** What the environment may say of the account that payouts are paid from, and of the bank's tables. */
export const BankEnvironment = z.object({
  BANK_DEBTOR_NAME: z.string().min(1).max(70).optional(),
  BANK_DEBTOR_IBAN: Iban.optional(),
  BANK_DEBTOR_BIC: Bic.optional(),
  BANK_CSV_MAPPING: z
    .string()
    .transform((text, { issues, value }): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        issues.push({ code: 'custom', input: value, message: 'no JSON' });
        return z.NEVER;
      }
    })
    .pipe(CsvMapping)
    .optional(),
});

/** How the bank is reached: null where there is no account, or no table can be read. */
export type BankConfig = Bank;

/** The bank as the environment has it: an account needs a name and an IBAN. */
export const bankConfig = (said: z.infer<typeof BankEnvironment>): BankConfig => {
  const { BANK_DEBTOR_NAME: name, BANK_DEBTOR_IBAN: iban, BANK_DEBTOR_BIC: bic = null } = said;
  const debtor = name !== undefined && iban !== undefined ? { name, iban, bic } : null;
  return { debtor, csv: said.BANK_CSV_MAPPING ?? null };
};
