import { decimalText } from '#domain/finance/decimal.ts';
import { least } from '#domain/finance/least.ts';
import { fractionOf, type Rate } from '#domain/finance/rate.ts';
import { type Currency, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { type Rounded, rounded } from './explain.ts';
import { currenciesOf, type Terms } from './terms.ts';

const MONTHS = 12n;

/**
 * What an asset's month comes with, all in minor units of `currency`. Revenue is net of tax, and below zero
 * where more was reversed than earned; so may be a kind of costs. `opening` is what the months before left:
 * the reserve, what the operator advanced, and what could not be divided among the holders.
 */
export interface WaterfallInputs {
  readonly currency: Currency;
  readonly revenue: bigint;
  readonly costs: readonly { readonly kind: string; readonly amount: bigint }[];
  readonly opening: {
    readonly reserve: bigint;
    readonly advanced: bigint;
    readonly remainder: bigint;
  };
  readonly terms: Terms;
}

/**
 * A line of the reckoning: which one, how it came about with its numbers, and what it came to. `exact` is the
 * value before it was rounded, a fraction of minor units; null where nothing was rounded.
 */
export interface WaterfallStep {
  readonly name: string;
  readonly formula: string;
  readonly exact: string | null;
  readonly amount: Money;
}

/**
 * How a month is shared, in minor units. `distributable` is what is to be allocated to holders: their part
 * and the remainder carried in. Where they get nothing nothing is allocated, and `remainderKept` stays as it
 * was. `closing` is what the next month opens with.
 */
export interface Waterfall {
  readonly steps: readonly WaterfallStep[];
  readonly recouped: bigint;
  readonly toReserve: bigint;
  readonly fromReserve: bigint;
  readonly advanced: bigint;
  readonly toOperator: { readonly fee: bigint; readonly rest: bigint };
  readonly toInvestors: bigint;
  readonly distributable: bigint;
  readonly remainderKept: bigint;
  readonly closing: { readonly reserve: bigint; readonly advanced: bigint };
}

const aboveZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** A part of an amount, rounded once; of nothing or less it is nothing. */
const partOf = (amount: bigint, rate: Rate, parts = 1n): Rounded => {
  const { numerator, denominator } = fractionOf(rate);
  return rounded({
    numerator: aboveZero(amount) * numerator,
    denominator: denominator * parts,
  });
};

/** No more than the limits: what a limit cuts off was not rounded. */
const atMost = (part: Rounded, ...limits: readonly bigint[]): Rounded => {
  const amount = least(part.amount, ...limits);
  return amount === part.amount ? part : { amount, exact: null };
};

const nothing: Rounded = { amount: 0n, exact: null };

/**
 * What the month has before anything is shared: its result, and how a loss is covered or an advance repaid.
 */
const settle = ({ revenue, costs, opening }: WaterfallInputs) => {
  const spent = costs.reduce((sum, { amount }) => sum + amount, 0n);
  const result = revenue - spent;
  const loss = aboveZero(-result);
  const fromReserve = least(loss, opening.reserve);
  const recouped = least(aboveZero(result), opening.advanced);
  return {
    spent,
    result,
    loss,
    fromReserve,
    advanced: loss - fromReserve,
    recouped,
    left: aboveZero(result) - recouped,
  };
};

/** How what is left is shared by the terms. */
const share = ({ revenue, opening, terms }: WaterfallInputs, left: bigint) => {
  const { reserve, hurdle } = terms;
  const room = reserve ? aboveZero(minorUnits(reserve.until) - opening.reserve) : 0n;
  const toReserve = reserve ? atMost(partOf(revenue, reserve.rate), room, left) : nothing;
  const shared = left - toReserve.amount;
  const fee = partOf(shared, terms.operatorFee);
  const afterFee = shared - fee.amount;
  const first = hurdle
    ? atMost(partOf(minorUnits(hurdle.valuation), hurdle.rate, MONTHS), afterFee)
    : nothing;
  const above = afterFee - first.amount;
  const more = partOf(above, terms.investorsShare);
  return { room, toReserve, shared, fee, afterFee, first, above, more, rest: above - more.amount };
};

/** The reckoning line by line, with the numbers of this month. */
const stepsOf = (
  inputs: WaterfallInputs,
  settled: ReturnType<typeof settle>,
  parts: ReturnType<typeof share>,
): readonly WaterfallStep[] => {
  const { currency, revenue, costs, opening, terms } = inputs;
  const { spent, result, loss, fromReserve, advanced, recouped, left } = settled;
  const { room, toReserve, shared, fee, afterFee, first, above, more, rest } = parts;
  const { reserve, hurdle } = terms;
  const show = (minor: bigint) => decimalText(moneyOf(minor, currency));
  const line = (name: string, formula: string, part: Rounded): WaterfallStep => ({
    name,
    formula,
    exact: part.exact,
    amount: moneyOf(part.amount, currency),
  });
  const whole = (name: string, formula: string, amount: bigint): WaterfallStep =>
    line(name, formula, { amount, exact: null });
  const toInvestors = first.amount + more.amount;
  return [
    whole('revenue', 'revenue of the month, net of tax', revenue),
    whole(
      'costs',
      costs.map(({ kind, amount }) => `${kind} ${show(amount)}`).join(' + ') || 'no costs',
      spent,
    ),
    whole('result', `revenue ${show(revenue)} − costs ${show(spent)}`, result),
    whole(
      'from_reserve',
      `the least of the loss ${show(loss)} and the reserve ${show(opening.reserve)}`,
      fromReserve,
    ),
    whole(
      'advanced',
      `loss ${show(loss)} − from the reserve ${show(fromReserve)}, by the operator`,
      advanced,
    ),
    whole(
      'recouped',
      `the least of the gain ${show(aboveZero(result))} and what the operator advanced ${show(opening.advanced)}`,
      recouped,
    ),
    line(
      'to_reserve',
      reserve
        ? `the least of ${reserve.rate} × revenue ${show(revenue)}, the room ${show(room)} up to ${decimalText(reserve.until)}, and what is left ${show(left)}`
        : 'no reserve is agreed',
      toReserve,
    ),
    line('operator_fee', `${terms.operatorFee} × what remains ${show(shared)}`, fee),
    line(
      'hurdle',
      hurdle
        ? `the least of ${hurdle.rate} × valuation ${decimalText(hurdle.valuation)} ÷ ${MONTHS} and what is left ${show(afterFee)}`
        : 'no hurdle is agreed',
      first,
    ),
    line('above_hurdle', `${terms.investorsShare} × what is above ${show(above)}`, more),
    whole('operator_rest', `what is above ${show(above)} − ${show(more.amount)}`, rest),
    whole(
      'to_investors',
      `hurdle ${show(first.amount)} + above it ${show(more.amount)}`,
      toInvestors,
    ),
    whole('to_operator', `fee ${show(fee.amount)} + rest ${show(rest)}`, fee.amount + rest),
  ];
};

/**
 * Shares an asset's month by the terms that were in force on its last day: costs, what the operator advanced,
 * the reserve, the operator's fee, the hurdle, and what is above it. Always holds: revenue + from the reserve
 * + advanced = costs + recouped + to the reserve + operator + investors. A month without a gain pays nobody.
 * Throws where the terms name another currency. Source: facts on money, "A waterfall, worked to the cent".
 */
export const waterfall = (inputs: WaterfallInputs): Waterfall => {
  const { currency, opening, terms } = inputs;
  if (currenciesOf(terms).some((named) => named !== currency)) {
    throw new Error('the terms name amounts of another currency');
  }
  const settled = settle(inputs);
  const parts = share(inputs, settled.left);
  const { fromReserve, advanced, recouped } = settled;
  const toReserve = parts.toReserve.amount;
  const toInvestors = parts.first.amount + parts.more.amount;
  const isPaid = toInvestors > 0n;
  return {
    steps: stepsOf(inputs, settled, parts),
    recouped,
    toReserve,
    fromReserve,
    advanced,
    toOperator: { fee: parts.fee.amount, rest: parts.rest },
    toInvestors,
    distributable: isPaid ? toInvestors + opening.remainder : 0n,
    remainderKept: isPaid ? 0n : opening.remainder,
    closing: {
      reserve: opening.reserve - fromReserve + toReserve,
      advanced: opening.advanced - recouped + advanced,
    },
  };
};
