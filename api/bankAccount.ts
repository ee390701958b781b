import { z } from 'zod';
import { Bic, Iban } from '#domain/finance/iban.ts';
import { PersonalText } from './fields.ts';

const WRITTEN_IBAN_MAX_CHARS = 50;

/** An account number as people write it, with blanks and small letters. */
const WireIban = z
  .string()
  .max(WRITTEN_IBAN_MAX_CHARS)
  .transform((text) => text.replaceAll(/\s/g, '').toUpperCase())
  .pipe(Iban);

/** Where somebody is paid. It goes into the vault and nowhere else. */
export const bankAccount = {
  iban: WireIban,
  account_name: PersonalText,
  bic: Bic.nullable().default(null),
};
