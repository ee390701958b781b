import { z } from 'zod';
import type { ParkId } from '#domain/kernel/ids.ts';
import { type Currency, type Money, minorUnits, NonNegativeMoney } from '#domain/kernel/money.ts';

const DAY_S = 86_400;
const CURRENCIES_MAX = 20;

/** What a reason does to a decision. */
const Effect = z.enum(['denies', 'warns', 'ignored']);
/** A reason that is never enough to deny: what is known of somebody's rest is too little for that. */
const MildEffect = z.enum(['warns', 'ignored']);

/**
 * Every reason there is, with what it does where nobody said otherwise: what makes a vehicle unfit or a
 * person barred denies, what somebody has to look into warns. A reason that is added to this list must be
 * lifted into older rules as `ignored`, so that old decisions come out as they did.
 */
const Effects = z.strictObject({
  driver_not_registered: Effect.default('denies'),
  driver_deactivated: Effect.default('denies'),
  driver_locked_out: Effect.default('denies'),
  licence_missing: Effect.default('warns'),
  licence_expired: Effect.default('warns'),
  driver_insurance_missing: Effect.default('warns'),
  driver_insurance_expired: Effect.default('warns'),
  vehicle_not_commissioned: Effect.default('denies'),
  vehicle_retired: Effect.default('denies'),
  vehicle_withdrawn: Effect.default('denies'),
  vehicle_in_repair: Effect.default('denies'),
  vehicle_critical_defect: Effect.default('denies'),
  vehicle_blocked: Effect.default('denies'),
  registration_missing: Effect.default('warns'),
  registration_expired: Effect.default('warns'),
  vehicle_insurance_missing: Effect.default('warns'),
  vehicle_insurance_expired: Effect.default('warns'),
  rented_by_another: Effect.default('denies'),
  rental_missing: Effect.default('warns'),
  arrears_exceeded: Effect.default('warns'),
  deposit_short: Effect.default('warns'),
  fines_unpaid: Effect.default('warns'),
  points_exceeded: Effect.default('warns'),
  rest_short: MildEffect.default('warns'),
});

/** The code of a reason. */
export const ReasonCode = Effects.keyof();
export type ReasonCode = z.infer<typeof ReasonCode>;

const OnePerCurrency = z
  .array(NonNegativeMoney)
  .max(CURRENCIES_MAX)
  .refine((all) => new Set(all.map(({ currency }) => currency)).size === all.length)
  .default([]);

/**
 * By what it is judged whether a driver may drive a vehicle: what each reason does, and where it begins. What
 * is left out takes the default.
 *
 * More than `arrears_max` is too much, in a currency that is not named anything; less than `deposit_min` is
 * too little, and no deposit is asked for in a currency that is not named. Of fines those that are confirmed
 * and not paid count for `unpaid_fines_max`. Points are those of confirmed and paid fines of the last
 * `points_window_days`; at 8 a German licence is withdrawn, and points stand for 30 months at least (StVG,
 * sections 4 and 29). `rest_min_s` of 24 hours are the 11 hours of a regular daily rest (Regulation (EC)
 * 561/2006, article 4).
 */
export const AccessRules = z.strictObject({
  effects: Effects.prefault({}),
  arrears_max: OnePerCurrency,
  deposit_min: OnePerCurrency,
  unpaid_fines_max: z.int().min(0).max(1_000).default(0),
  points_max: z.int().min(0).max(100).default(7),
  points_window_days: z.int().min(1).max(3_650).default(913),
  rest_min_s: z
    .int()
    .min(0)
    .max(DAY_S)
    .default(11 * 3_600),
});
export type AccessRules = z.infer<typeof AccessRules>;

/**
 * What holds where nothing was ever published: version 0. Decisions are recorded with that number, so these
 * defaults must never change their meaning.
 */
export const builtInRules: AccessRules = AccessRules.parse({});

/** The amount that a list names for a currency, in minor units; null where it names none. */
export const limitIn = (limits: readonly Money[], currency: Currency): bigint | null => {
  const limit = limits.find((each) => each.currency === currency);
  return limit === undefined ? null : minorUnits(limit);
};

/** The name of a stream of access rules: a park's own, or, null, those of the whole tenant. */
export const accessRulesName = (park: ParkId | null): string =>
  park === null ? 'access' : `access-${park}`;
