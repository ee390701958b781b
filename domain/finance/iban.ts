import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';

/**
 * How long an account number of a country is. Source: the IBAN registry of SWIFT, written down from general
 * knowledge and without the registry at hand. A country that is missing here is held to the bounds of ISO
 * 13616 alone.
 */
const LENGTHS =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 ' +
  'FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
  'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 ' +
  'SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20';
const LENGTH_MAX = 34;
const LENGTH_MIN = 15;

const lengths = new Map(
  LENGTHS.split(' ').map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

/** What is wrong with a text that was to be an account number. The text itself is told nobody. */
export type IbanRefusal = {
  readonly code: 'IbanMalformed' | 'IbanLengthWrong' | 'IbanChecksumWrong';
};

/** Letters count as 10 to 35, and what stands in front goes to the end. Source: ISO 7064, MOD 97-10. */
const remainderOf = (iban: string): bigint => {
  const digits = [...`${iban.slice(4)}${iban.slice(0, 4)}`].map((each) =>
    Number.parseInt(each, 36),
  );
  return BigInt(digits.join('')) % 97n;
};

const faultOf = (iban: string): IbanRefusal | null => {
  if (!/^[A-Z]{2}\d\d[A-Z0-9]+$/.test(iban)) return { code: 'IbanMalformed' };
  const length = lengths.get(iban.slice(0, 2));
  const isLong = length === undefined ? iban.length >= LENGTH_MIN : iban.length === length;
  if (!isLong || iban.length > LENGTH_MAX) return { code: 'IbanLengthWrong' };
  // 00, 01 and 99 leave the same remainder as 97, 98 and 02, and are never given out.
  const isGiven = /^(?!00|01|99)/.test(iban.slice(2, 4));
  return isGiven && remainderOf(iban) === 1n ? null : { code: 'IbanChecksumWrong' };
};

/** An account number as machines write it: capitals and digits, with nothing between. Source: ISO 13616. */
export const Iban = z
  .string()
  .refine((text) => faultOf(text) === null)
  .brand<'Iban'>();
export type Iban = z.infer<typeof Iban>;

/** The account number in what somebody wrote, with blanks and small letters if they like. */
export const ibanOf = (written: string): Either<IbanRefusal, Iban> => {
  const text = written.replaceAll(/\s/g, '').toUpperCase();
  const fault = faultOf(text);
  return fault === null ? right(Iban.parse(text)) : left(fault);
};

/** The shape of a bank's code; whether there is such a bank it does not say. Source: ISO 9362:2014. */
export const Bic = z
  .string()
  .regex(/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/)
  .brand<'Bic'>();
export type Bic = z.infer<typeof Bic>;
