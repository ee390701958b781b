import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { Currency, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { decimalText } from './decimal.ts';
import type { EndToEndId } from './endToEndId.ts';
import type { Bic, Iban } from './iban.ts';
import { sepaText } from './sepaText.ts';

const EURO = Currency.parse('EUR');
/** So many payments a file: what banks take at once, and no more than a megabyte or ten. */
const TRANSFERS_MAX = 10_000;
/** 999,999,999.99: no credit transfer of SEPA is larger. */
const AMOUNT_MAX = 99_999_999_999n;
const NAME_CHARS_MAX = 70;
const REMITTANCE_CHARS_MAX = 140;
const MESSAGE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9.+-]{0,33}[A-Za-z0-9])?$/;

/** One payment: to whom, and what for. */
export interface CreditTransfer {
  readonly endToEndId: EndToEndId;
  readonly amount: Money;
  readonly creditor: { readonly name: string; readonly iban: Iban };
  readonly remittance: string;
}

/** Payments from one account that a bank is to carry out on one day. `bic` null: the IBAN says enough. */
export interface CreditTransferBatch {
  readonly messageId: string;
  readonly createdAt: Instant;
  readonly executionDate: LocalDate;
  readonly debtor: { readonly name: string; readonly iban: Iban; readonly bic: Bic | null };
  readonly transfers: readonly CreditTransfer[];
}

type Field = 'debtor.name' | 'creditor.name' | 'remittance';

/** Why no bank would take a batch. `index` is the payment's place in it, null where it is the payer's. */
export type BatchRefusal =
  | { readonly code: 'BatchEmpty' }
  | { readonly code: 'BatchTooLarge'; readonly transfers_max: number }
  | { readonly code: 'MessageIdMalformed' }
  | { readonly code: 'EndToEndIdRepeated'; readonly index: number }
  | { readonly code: 'CurrencyNotEuro'; readonly index: number }
  | { readonly code: 'AmountOutOfBounds'; readonly index: number }
  | { readonly code: 'TextNotSepa'; readonly field: Field; readonly index: number | null }
  | { readonly code: 'TextTooLong'; readonly field: Field; readonly index: number | null };

const textOf = (
  text: string,
  { field, index, chars_max }: { field: Field; index: number | null; chars_max: number },
): Either<BatchRefusal, string> => {
  const plain = sepaText(text);
  if (plain === null || plain === '') return left({ code: 'TextNotSepa', field, index });
  return plain.length > chars_max ? left({ code: 'TextTooLong', field, index }) : right(plain);
};

const amountFault = ({ amount }: CreditTransfer, index: number): BatchRefusal | null => {
  if (amount.currency !== EURO) return { code: 'CurrencyNotEuro', index };
  const minor_units = minorUnits(amount);
  const isPayable = minor_units > 0n && minor_units <= AMOUNT_MAX;
  return isPayable ? null : { code: 'AmountOutOfBounds', index };
};

const wholeFault = ({ messageId, transfers }: CreditTransferBatch): BatchRefusal | null => {
  if (!MESSAGE_ID.test(messageId)) return { code: 'MessageIdMalformed' };
  if (transfers.length === 0) return { code: 'BatchEmpty' };
  if (transfers.length <= TRANSFERS_MAX) return null;
  return { code: 'BatchTooLarge', transfers_max: TRANSFERS_MAX };
};

/** A batch whose texts any bank of SEPA takes, or why there is none. */
export const sepaBatch = (
  batch: CreditTransferBatch,
): Either<BatchRefusal, CreditTransferBatch> => {
  const fault = wholeFault(batch);
  if (fault !== null) return left(fault);
  const names = { field: 'debtor.name', index: null, chars_max: NAME_CHARS_MAX } as const;
  const debtor = textOf(batch.debtor.name, names);
  if (isLeft(debtor)) return debtor;
  const ids = new Set<EndToEndId>();
  const transfers: CreditTransfer[] = [];
  for (const [index, transfer] of batch.transfers.entries()) {
    const { endToEndId, creditor } = transfer;
    if (ids.has(endToEndId)) return left({ code: 'EndToEndIdRepeated', index });
    ids.add(endToEndId);
    const wrong = amountFault(transfer, index);
    if (wrong !== null) return left(wrong);
    const named = { field: 'creditor.name', index, chars_max: NAME_CHARS_MAX } as const;
    const name = textOf(creditor.name, named);
    if (isLeft(name)) return name;
    const what = { field: 'remittance', index, chars_max: REMITTANCE_CHARS_MAX } as const;
    const remittance = textOf(transfer.remittance, what);
    if (isLeft(remittance)) return remittance;
    const plain = { creditor: { ...creditor, name: name.right }, remittance: remittance.right };
    transfers.push({ ...transfer, ...plain });
  }
  return right({ ...batch, debtor: { ...batch.debtor, name: debtor.right }, transfers });
};

/** What all payments of a batch come to, in euro with two decimals. */
export const controlSum = ({ transfers }: CreditTransferBatch): string => {
  const sum = transfers.reduce((total, { amount }) => total + minorUnits(amount), 0n);
  return decimalText(moneyOf(sum, EURO));
};
