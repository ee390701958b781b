import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import {
  type BatchRefusal,
  type CreditTransferBatch,
  sepaBatch,
} from '#domain/finance/creditTransfers.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import { csvLine } from '#ingest/exports/csv.ts';

const COLUMNS = [
  ...['execution_date', 'debtor_iban', 'end_to_end_id', 'amount', 'currency'],
  ...['creditor_name', 'creditor_iban', 'remittance'],
];

/** A batch as a table, for a bank that takes no file of ISO 20022, with the same texts and sums. */
export const transfersCsv = (batch: CreditTransferBatch): Either<BatchRefusal, string> => {
  const checked = sepaBatch(batch);
  if (isLeft(checked)) return checked;
  const { executionDate, debtor, transfers } = checked.right;
  const rows = transfers.map(({ endToEndId, amount, creditor, remittance }) =>
    csvLine([
      ...[executionDate, debtor.iban, endToEndId, decimalText(amount), amount.currency],
      ...[creditor.name, creditor.iban, remittance],
    ]),
  );
  return right(`${csvLine(COLUMNS)}${rows.join('')}`);
};
