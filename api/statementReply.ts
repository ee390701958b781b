import { z } from 'zod';
import { AccountCode } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import { Period } from '#domain/finance/period.ts';
import { Digest, PartyId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money, moneyOf } from '#domain/kernel/money.ts';
import { csvLine } from '#ingest/exports/csv.ts';
import type { PayoutLine, StatementPart } from '#reports/data.ts';

/** How the payment of a line stands, as it is told; null where nothing is to be paid. */
export const PaymentReply = z
  .strictObject({
    state: z.enum(['owed', 'ordered', 'paid', 'returned']),
    on: LocalDate.nullable().meta({ description: 'The day of the last thing known of it.' }),
    reference: z.string().nullable(),
  })
  .nullable();

const Handed = z.strictObject({ reserve: Money, advanced: Money, remainder: Money });
const ShareDays = z.string().meta({ description: 'Shares by the days on which they were held.' });
const Line = z.strictObject({
  asset_id: VehicleId,
  asset: z.string(),
  run_id: RunId,
  opening: Handed,
  revenue: Money,
  costs: z.array(z.strictObject({ account: AccountCode, amount: Money })),
  from_reserve: Money,
  advanced: Money,
  recouped: Money,
  to_reserve: Money,
  operator_fee: Money,
  operator_rest: Money,
  to_investors: Money,
  closing: Handed,
  shares: z.int(),
  shares_issued: z.int(),
  distributable: Money.meta({ description: 'What all holders share, with what was left over.' }),
  share_days: ShareDays,
  share_days_in_all: ShareDays,
  amount: Money.meta({ description: '`distributable × share_days ÷ share_days_in_all`, down.' }),
  payment: PaymentReply,
});

const Part = z.strictObject({
  owed_before: Money,
  earned: Money,
  paid: Money.meta({ description: 'In the days of the month, less what came back.' }),
  owed: Money,
  lines: z.array(Line),
  payments: z.array(
    z.strictObject({
      on: LocalDate,
      reference: z.string(),
      status: z.enum(['ordered', 'paid', 'returned']),
      amount: Money,
    }),
  ),
  runs: z.array(z.strictObject({ run_id: RunId, root: Digest.nullable(), inputs: Digest })),
});

/** A month of an investor, a part for each currency. */
export const StatementReply = z
  .strictObject({ party_id: PartyId, period: Period, parts: z.array(Part) })
  .meta({ id: 'InvestorStatement' });

const lineReply = (line: PayoutLine): z.infer<typeof Line> => {
  const { vehicle, run, month, share_days, share_days_in_all, ...rest } = line;
  return {
    ...{ asset_id: vehicle, run_id: run, ...month, costs: [...month.costs], ...rest },
    ...{ share_days: String(share_days), share_days_in_all: String(share_days_in_all) },
  };
};

/** A part of a statement as it is told. */
export const partReply = ({ lines, payments, runs, months: _, ...sums }: StatementPart) => ({
  ...sums,
  lines: lines.map(lineReply),
  payments: [...payments],
  runs: runs.map(({ run, ...proof }) => ({ run_id: run, ...proof })),
});

const COLUMNS = [
  ...['period', 'run_id', 'asset_id', 'asset', 'currency', 'revenue', 'costs', 'from_reserve'],
  ...['advanced', 'recouped', 'to_reserve', 'operator_fee', 'operator_rest', 'to_investors'],
  ...['left_over_before', 'distributable', 'share_days', 'share_days_in_all', 'amount'],
  ...['payment', 'payment_on', 'reference'],
];

const cellsOf = (period: Period, line: PayoutLine): readonly (string | null)[] => {
  const { month, amount, payment } = line;
  const { currency } = amount;
  const costs = month.costs.reduce((sum, each) => sum + BigInt(each.amount.amount), 0n);
  const amounts = [
    ...[month.revenue, moneyOf(costs, currency), month.from_reserve, month.advanced],
    ...[month.recouped, month.to_reserve, month.operator_fee, month.operator_rest],
    ...[month.to_investors, month.opening.remainder, line.distributable],
  ];
  return [
    ...[period, line.run, line.vehicle, line.asset, currency, ...amounts.map(decimalText)],
    ...[String(line.share_days), String(line.share_days_in_all), decimalText(amount)],
    ...[payment?.state ?? null, payment?.on ?? null, payment?.reference ?? null],
  ];
};

/** A statement as a table, a row for each asset. */
export const statementCsv = (period: Period, parts: readonly StatementPart[]): string => {
  const lines = parts.flatMap((part) => part.lines);
  return [COLUMNS, ...lines.map((line) => cellsOf(period, line))].map(csvLine).join('');
};
