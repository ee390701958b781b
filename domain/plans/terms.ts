import { z } from 'zod';
import { Share } from '#domain/finance/rate.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { Currency, type Money, NonNegativeMoney } from '#domain/kernel/money.ts';

const SHIFT_MAX_H = 24;
const WINDOW_MAX_DAYS = 365;

/** What a stretch of time costs, without tax. Each is owed in full once it has begun. */
const TimePrice = z.discriminatedUnion('per', [
  z.strictObject({ per: z.literal('day'), amount: NonNegativeMoney }),
  z.strictObject({ per: z.literal('week'), amount: NonNegativeMoney }),
  z.strictObject({
    per: z.literal('shift'),
    hours: z.int().min(1).max(SHIFT_MAX_H),
    amount: NonNegativeMoney,
  }),
]);

/** What that many kilometres cost, without tax: by the hundred where one costs a fraction of a cent. */
const DistancePrice = z.strictObject({
  kilometres: z.union([z.literal(1), z.literal(100)]),
  amount: NonNegativeMoney,
});

const amountsOf = (terms: {
  readonly time: { readonly amount: Money } | null;
  readonly distance: { readonly amount: Money } | null;
  readonly deposit: Money;
  readonly deductionCap: Money | null;
}): readonly Money[] =>
  [terms.time?.amount, terms.distance?.amount, terms.deposit, terms.deductionCap].filter(
    (amount) => amount !== null && amount !== undefined,
  );

/**
 * What a driver and the operator agreed on. `taxRate` comes on top of the prices; `fareShare` is the driver's
 * part of a fare, null where fares are none of the driver's business; `deposit` what is to be deposited;
 * `deductionCap` the most that is deducted for fines and damage in a calendar month, null: without limit;
 * `disputeWindow_days` how long a driver may object before anything is deducted. All in one currency.
 */
export const PlanTerms = z
  .strictObject({
    currency: Currency,
    time: TimePrice.nullable(),
    distance: DistancePrice.nullable(),
    taxRate: Share,
    fareShare: Share.nullable(),
    deposit: NonNegativeMoney,
    deductionCap: NonNegativeMoney.nullable(),
    disputeWindow_days: z.int().min(0).max(WINDOW_MAX_DAYS),
  })
  .refine((terms) => amountsOf(terms).every(({ currency }) => currency === terms.currency));
export type PlanTerms = z.infer<typeof PlanTerms>;

/** Terms with the number of their version and the first local day on which they hold. */
export interface PlanVersion {
  readonly plan: string;
  readonly version: number;
  readonly effectiveFrom: LocalDate;
  readonly terms: PlanTerms;
}

/** The version that holds on a day; null where none did yet. `versions` are in the order of their days. */
export const versionOn = (versions: readonly PlanVersion[], date: LocalDate): PlanVersion | null =>
  versions.findLast(({ effectiveFrom }) => effectiveFrom <= date) ?? null;

/** What somebody who publishes or reads a plan has to know of the law, with its source. */
export interface PlanWarning {
  readonly code: 'pay_depends_on_distance';
  readonly source: string;
}

/**
 * Warnings about terms. Whoever drives goods or more than nine people must not be paid by distance, or by
 * what is carried, where that endangers road safety: Regulation (EC) 561/2006, article 10(1). A price by
 * distance and a share of fares both make what a driver earns depend on it.
 */
export const warningsOf = ({ distance, fareShare }: PlanTerms): readonly PlanWarning[] =>
  distance === null && fareShare === null
    ? []
    : [
        {
          code: 'pay_depends_on_distance',
          source: 'Regulation (EC) No 561/2006, article 10(1)',
        },
      ];
