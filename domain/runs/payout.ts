import { ACCOUNTS } from '#domain/finance/accounts.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { type AllocationLine, allocate, type Entitlement } from '#domain/investors/allocation.ts';
import type { Terms } from '#domain/investors/terms.ts';
import { type WaterfallStep, waterfall } from '#domain/investors/waterfall.ts';
import type { Digest, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import type { AssetLine, Carried, PayoutTotals } from './events.ts';
import { monthResult } from './monthResult.ts';

/** Another way to reckon a payout is another version. */
export const PAYOUT_VERSION = 1;

/**
 * All that the payout of an asset's month rests on: the entries of its closed book, what the months before
 * handed on, the terms of its last day, and who was entitled by how many share-days. `digest` covers them.
 */
export interface PayoutInputs {
  readonly vehicle: VehicleId;
  readonly currency: Currency;
  readonly entries: readonly { readonly lines: readonly EntryLine[] }[];
  readonly opening: Carried;
  readonly inForce: { readonly effectiveFrom: LocalDate; readonly terms: Terms };
  readonly entitled: readonly Entitlement[];
  readonly digest: Digest;
}

/** What an asset's month comes to: its line, each holder's, and how the line came about step by step. */
export interface AssetPayout {
  readonly line: AssetLine;
  readonly holders: readonly AllocationLine[];
  readonly steps: readonly WaterfallStep[];
}

const nameOf: ReadonlyMap<string, string> = new Map(
  Object.values(ACCOUNTS).map(({ code, name }) => [code, name]),
);

/**
 * Shares an asset's month, first by the waterfall of its terms, then among its holders. Null where the
 * month has revenue or costs in a foreign currency. Pure, and the same to the byte wherever it is reckoned.
 */
export const payoutOf = (inputs: PayoutInputs): AssetPayout | null => {
  const { vehicle, currency, entries, opening, inForce, entitled, digest } = inputs;
  const result = monthResult(entries, currency);
  if (!result) return null;
  const shared = waterfall({
    currency,
    revenue: result.revenue,
    costs: result.costs.map(({ account, amount }) => ({
      kind: `${account} ${nameOf.get(account) ?? ''}`.trim(),
      amount,
    })),
    opening: {
      reserve: BigInt(opening.reserve),
      advanced: BigInt(opening.advanced),
      remainder: BigInt(opening.remainder),
    },
    terms: inForce.terms,
  });
  const total = entitled.reduce((days, { shareDays }) => days + shareDays, 0n);
  const { distributable } = shared;
  const { lines, carried } = allocate({ distributable, shareDays: entitled, total });
  const holders = lines.filter(({ amount }) => amount > 0n);
  const line: AssetLine = {
    ...{ vehicle, inputs: digest, entries: entries.length },
    termsFrom: inForce.effectiveFrom,
    revenue: result.revenue.toString(),
    costs: result.costs.map(({ account, amount }) => ({ account, amount: amount.toString() })),
    opening,
    fromReserve: shared.fromReserve.toString(),
    toReserve: shared.toReserve.toString(),
    advanced: shared.advanced.toString(),
    recouped: shared.recouped.toString(),
    operatorFee: shared.toOperator.fee.toString(),
    operatorRest: shared.toOperator.rest.toString(),
    toInvestors: shared.toInvestors.toString(),
    distributable: distributable.toString(),
    shareDays: total.toString(),
    holders: holders.length,
    allocated: (distributable - carried).toString(),
    closing: {
      reserve: shared.closing.reserve.toString(),
      advanced: shared.closing.advanced.toString(),
      remainder: (carried + shared.remainderKept).toString(),
    },
  };
  return { line, holders, steps: shared.steps };
};

/** The totals of no lines. */
export const noTotals = (currency: Currency): PayoutTotals => ({
  ...{ assets: 0, holders: 0, currency },
  ...{ allocated: '0', operator: '0', reserved: '0', carried: '0' },
});

const plus = (sum: string, ...amounts: readonly string[]): string =>
  amounts.reduce((minor, amount) => minor + BigInt(amount), BigInt(sum)).toString();

/** The totals with one more line. */
export const withLine = (totals: PayoutTotals, line: AssetLine): PayoutTotals => ({
  ...totals,
  assets: totals.assets + 1,
  holders: totals.holders + line.holders,
  allocated: plus(totals.allocated, line.allocated),
  operator: plus(totals.operator, line.operatorFee, line.operatorRest, line.recouped),
  reserved: plus(totals.reserved, line.toReserve, (-BigInt(line.fromReserve)).toString()),
  carried: plus(totals.carried, line.closing.remainder),
});
