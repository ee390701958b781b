import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { credit, debit, type EntryLine, moving, postingRule } from '#domain/finance/postingRule.ts';
import type { RepairId } from '#domain/kernel/ids.ts';
import { minorUnits, moneyOf } from '#domain/kernel/money.ts';
import type { AnyFact } from '#domain/kernel/registry.ts';
import {
  type CostLine,
  RepairCancelled,
  RepairCompleted,
  RepairCostAdded,
} from '#domain/maintenance/events.ts';

const labourOf = (repair: RepairId, before: readonly AnyFact[]): readonly CostLine[] =>
  before
    .filter(({ type }) => type === RepairCostAdded.type)
    .map(({ data }) => RepairCostAdded.data.parse(data))
    .filter((cost) => cost.repair === repair && cost.line.kind === 'labour')
    .map(({ line }) => line);

/** What is owed for work, one pair of lines for each currency it was charged in. */
const owedFor = (work: readonly CostLine[]): readonly (readonly EntryLine[])[] =>
  [...new Set(work.map(({ amount }) => amount.currency))].map((currency) => {
    const parts = work.filter(({ amount }) => amount.currency === currency);
    const sum = parts.reduce((minor, { amount }) => minor + minorUnits(amount), 0n);
    const owed = moneyOf(sum, currency);
    return moving([debit(ACCOUNTS.repairs, owed), credit(ACCOUNTS.suppliers, owed)]);
  });

/** A part leaves the stock when it is used. */
export const partsRule = postingRule({
  name: 'parts_used',
  version: 1,
  handles: [RepairCostAdded],
  history: false,
  drafts: ({ data, when }) => {
    const { park, vehicle, line } = data;
    if (line.kind !== 'part') return [];
    const { amount } = line;
    const lines = moving([debit(ACCOUNTS.parts, amount), credit(ACCOUNTS.stock, amount)]);
    return lines.length === 0 ? [] : [{ book: { park, vehicle }, date: when.localDate, lines }];
  },
});

/** Work is owed for when it is over, and also when it was broken off: who worked is paid. */
export const repairsRule = postingRule({
  name: 'repairs',
  version: 1,
  handles: [RepairCompleted, RepairCancelled],
  history: true,
  drafts: ({ data, when }, before) => {
    const { park, vehicle, repair } = data;
    const owed = owedFor(labourOf(repair, before)).filter((lines) => lines.length > 0);
    return owed.map((lines) => ({ book: { park, vehicle }, date: when.localDate, lines }));
  },
});
