import type { VehicleId } from '#domain/kernel/ids.ts';
import { type Currency, type Money, moneyOf } from '#domain/kernel/money.ts';
import { ACCOUNTS, type AccountCode, typeOfClass } from './accounts.ts';
import type { AccountTotal } from './journal/events.ts';

/** What was earned and spent. `net` is what is left. */
export interface Result {
  readonly revenue: Money;
  readonly costs: Money;
  readonly net: Money;
}

/** What a park's books say of a span of days, in the park's currency. */
export interface ParkFigures extends Result {
  readonly costsByAccount: readonly { readonly account: AccountCode; readonly amount: Money }[];
  readonly vehicles: readonly (Result & { readonly vehicle: VehicleId | null })[];
  /** What drivers owe, and what is held of their deposits, at the end of the last day. */
  readonly receivables: Money;
  readonly deposits: Money;
  /** What was set aside for investors and the operator in the span, and what the bank paid to investors. */
  readonly payouts: { readonly investors: Money; readonly operator: Money; readonly paid: Money };
  /** The same span before. */
  readonly before: Result;
}

const excess = ({ debit, credit }: AccountTotal): bigint => BigInt(debit) - BigInt(credit);

const resultOf = (sums: readonly AccountTotal[], currency: Currency): Result => {
  let revenue = 0n;
  let costs = 0n;
  for (const sum of sums.filter((each) => each.currency === currency)) {
    const type = typeOfClass(sum.account);
    if (type === 'revenue') revenue -= excess(sum);
    if (type === 'expense') costs += excess(sum);
  }
  const of = (minor: bigint) => moneyOf(minor, currency);
  return { revenue: of(revenue), costs: of(costs), net: of(revenue - costs) };
};

const on = (
  sums: readonly AccountTotal[],
  { code }: { readonly code: AccountCode },
  currency: Currency,
): AccountTotal =>
  sums.find((sum) => sum.account === code && sum.currency === currency) ?? {
    ...{ account: code, currency, debit: '0', credit: '0' },
  };

/**
 * The figures of a park from sums of its journal: of the span, of each vehicle in it, of the span before, and
 * of all days up to its end. Other currencies than the park's are left out: the trial balance shows them.
 */
export const parkFigures = (
  currency: Currency,
  sums: {
    readonly span: readonly AccountTotal[];
    readonly vehicles: readonly (AccountTotal & { readonly vehicle: VehicleId | null })[];
    readonly before: readonly AccountTotal[];
    readonly until: readonly AccountTotal[];
  },
): ParkFigures => {
  const of = (minor: bigint) => moneyOf(minor, currency);
  const byVehicle = Map.groupBy(sums.vehicles, ({ vehicle }) => vehicle);
  const investors = on(sums.span, ACCOUNTS.payableInvestors, currency);
  const operator = on(sums.span, ACCOUNTS.payableOperator, currency);
  return {
    ...resultOf(sums.span, currency),
    costsByAccount: sums.span
      .filter((sum) => sum.currency === currency && typeOfClass(sum.account) === 'expense')
      .map((sum) => ({ account: sum.account, amount: of(excess(sum)) })),
    vehicles: [...byVehicle].map(([vehicle, own]) => ({ vehicle, ...resultOf(own, currency) })),
    receivables: of(excess(on(sums.until, ACCOUNTS.receivable, currency))),
    deposits: of(-excess(on(sums.until, ACCOUNTS.deposits, currency))),
    payouts: {
      investors: of(BigInt(investors.credit)),
      operator: of(BigInt(operator.credit)),
      paid: of(BigInt(investors.debit)),
    },
    before: resultOf(sums.before, currency),
  };
};
