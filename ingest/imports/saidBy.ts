import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { Channel } from '#domain/driverAccounts/events.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { moneyOfDecimal } from '#domain/finance/decimal.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { DriverId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Currency, type Money } from '#domain/kernel/money.ts';
import { CostLine, RepairReason, Severity } from '#domain/maintenance/events.ts';
import { dayIn, decimalIn } from '#ingest/csvTable.ts';
import { ImportField, type ImportKind, type ImportMapping } from './importMapping.ts';
import type { ImportRow, RowFault } from './ports.ts';

const MILLI_DECIMALS = 3;

/** Which types of rows a kind of file has. */
const TYPES: Readonly<Record<ImportKind, readonly string[]>> = {
  finance: ['entry', 'payment'],
  maintenance: ['repair', 'cost', 'completion'],
  inventory: ['receipt', 'count'],
};

const MALFORMED: Readonly<Record<ImportField, string>> = {
  type: 'type_unknown',
  transaction: 'reference_malformed',
  date: 'date_malformed',
  park: 'id_malformed',
  vehicle: 'id_malformed',
  driver: 'id_malformed',
  debit: 'account_malformed',
  credit: 'account_malformed',
  amount: 'amount_malformed',
  currency: 'currency_unknown',
  reason: 'word_unknown',
  via: 'word_unknown',
  repair: 'reference_malformed',
  severity: 'word_unknown',
  line: 'word_unknown',
  part: 'reference_malformed',
  quantity: 'quantity_malformed',
};

/** Thousandths of a decimal with three decimals at most. */
const milliIn = (decimal: ImportMapping['decimal']) =>
  decimalIn(decimal)
    .pipe(z.string().regex(/^\d{1,7}(?:\.\d{1,3})?$/))
    .transform((text) => {
      const [units = '', fraction = ''] = text.split('.');
      return Number(`${units}${fraction.padEnd(MILLI_DECIMALS, '0')}`);
    });

const cellsBy = ({ decimal, dates }: ImportMapping) => {
  const always = { transaction: Reference, date: dayIn(dates) };
  const money = { amount: decimalIn(decimal), currency: Currency };
  const quantity = milliIn(decimal);
  const stock = { ...always, park: ParkId, part: Reference, quantity, ...money };
  const ofRepair = { ...always, vehicle: VehicleId, repair: Reference };
  return z.discriminatedUnion('type', [
    z.object({
      ...{ type: z.literal('entry'), ...always, park: ParkId, ...money, reason: Code },
      ...{ vehicle: VehicleId.nullable().default(null), debit: AccountCode, credit: AccountCode },
    }),
    z.object({ type: z.literal('payment'), ...always, driver: DriverId, ...money, via: Channel }),
    z.object({
      ...{ type: z.literal('repair'), ...always, vehicle: VehicleId },
      ...{ reason: RepairReason, severity: Severity },
    }),
    z.object({
      ...{ type: z.literal('cost'), ...ofRepair, line: CostLine.shape.kind, part: Reference },
      ...{ quantity: quantity.pipe(CostLine.shape.quantity_milli), ...money },
    }),
    z.object({ type: z.literal('completion'), ...ofRepair }),
    z.object({ type: z.literal('receipt'), ...stock, quantity: quantity.pipe(z.int().min(1)) }),
    z.object({ type: z.literal('count'), ...stock, reason: Code }),
  ]);
};

type Cells = z.output<ReturnType<typeof cellsBy>>;
type WithMoney<Said> = Said extends { readonly currency: Currency }
  ? Omit<Said, 'amount' | 'currency'> & { readonly amount: Money }
  : Said;

/** What a row says, in our own words: quantities in thousandths, amounts in minor units. */
export type Said = WithMoney<Cells>;

/** Reads the rows of a kind of file: what each says, or all that is wrong with it. */
export const saidBy = (kind: ImportKind, mapping: ImportMapping) => {
  const Row = cellsBy(mapping);
  const columnOf = (field: ImportField) => mapping.columns[field] ?? field;
  return ({ line, cells }: ImportRow): Either<readonly RowFault[], Said> => {
    const wrong = (field: ImportField): RowFault => ({
      ...{ line, column: columnOf(field) },
      code: cells[field] === undefined && field !== 'type' ? 'missing' : MALFORMED[field],
    });
    if (!TYPES[kind].includes(cells.type ?? '')) return left([wrong('type')]);
    const row = Row.safeParse(cells);
    if (!row.success) {
      const fields = new Set(row.error.issues.map(({ path }) => path[0]));
      return left(ImportField.options.filter((field) => fields.has(field)).map(wrong));
    }
    const said = row.data;
    switch (said.type) {
      case 'repair':
      case 'completion':
        return right(said);
      default: {
        const money = moneyOfDecimal(said.amount, said.currency);
        if (money === null || money.amount.startsWith('-')) return left([wrong('amount')]);
        const { currency: _, ...rest } = said;
        return right({ ...rest, amount: money });
      }
    }
  };
};
