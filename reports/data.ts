import type { AccountCode } from '#domain/finance/accounts.ts';
import type { Period } from '#domain/finance/period.ts';
import type { Digest, RunId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Money } from '#domain/kernel/money.ts';

/** What a vehicle did and moved on the day of a fleet report. Null is: not known. */
export interface FleetVehicle {
  readonly vehicle: VehicleId;
  readonly make: string;
  readonly model: string;
  readonly status: string;
  readonly trips: number;
  readonly distance_m: number;
  /** The part of the day that it was rented out, from 0 to 1. */
  readonly rented_share: number | null;
  readonly incidents: number;
  readonly revenue: Money;
  readonly costs: Money;
}

/** The money of one day of a park. */
export interface FleetDay {
  readonly day: LocalDate;
  readonly revenue: Money;
  readonly costs: Money;
}

/**
 * A park on one day, all in the park's currency. `receivables` and `deposits` are what stands at the end of
 * the day; `days` are those that the chart shows, oldest first, the day itself last.
 */
export interface FleetReport {
  readonly park: { readonly code: string; readonly name: string };
  readonly day: LocalDate;
  readonly createdAt: Instant;
  readonly vehicles: readonly FleetVehicle[];
  readonly revenue: Money;
  readonly costs: Money;
  readonly receivables: Money;
  readonly deposits: Money;
  readonly days: readonly FleetDay[];
}

/** What an asset hands on from one month to the next. */
export interface HandedOn {
  readonly reserve: Money;
  readonly advanced: Money;
  readonly remainder: Money;
}

/**
 * How the month of an asset was shared: revenue, what came from the reserve and what was advanced are costs,
 * what was recouped, what went to the reserve, to the operator and to investors.
 */
export interface SharedMonth {
  readonly opening: HandedOn;
  readonly revenue: Money;
  readonly costs: readonly { readonly account: AccountCode; readonly amount: Money }[];
  readonly from_reserve: Money;
  readonly advanced: Money;
  readonly recouped: Money;
  readonly to_reserve: Money;
  readonly operator_fee: Money;
  readonly operator_rest: Money;
  readonly to_investors: Money;
  readonly closing: HandedOn;
}

/** How the payment of a line stands; `on` is the day of the last thing known of it. */
export interface LinePayment {
  readonly state: 'owed' | 'ordered' | 'paid' | 'returned';
  readonly on: LocalDate | null;
  readonly reference: string | null;
}

/**
 * What somebody is paid for their part of one asset. `distributable` is what all its holders share, with
 * what was left over before; the amount is `distributable · share_days / share_days_in_all`, rounded down.
 */
export interface PayoutLine {
  readonly vehicle: VehicleId;
  readonly asset: string;
  readonly run: RunId;
  readonly month: SharedMonth;
  readonly shares: number;
  readonly shares_issued: number;
  readonly share_days: bigint;
  readonly share_days_in_all: bigint;
  readonly distributable: Money;
  readonly amount: Money;
  /** Null where nothing is to be paid. */
  readonly payment: LinePayment | null;
}

/** A payment on its way to an investor. `on` is the day on which that became known. */
export interface PayoutPayment {
  readonly on: LocalDate;
  readonly reference: string;
  readonly status: 'ordered' | 'paid' | 'returned';
  readonly amount: Money;
}

/** What one month paid. */
export interface PaidMonth {
  readonly period: Period;
  readonly amount: Money;
}

/** What anybody needs to compute a run again. */
export interface RunProof {
  readonly run: RunId;
  readonly root: Digest | null;
  readonly inputs: Digest;
}

/**
 * What an investor gets for a month in one currency. `owed_before` is what was owed when the month began;
 * `paid` what the bank paid out in its days, less what came back.
 */
export interface StatementPart {
  readonly owed_before: Money;
  readonly earned: Money;
  readonly paid: Money;
  readonly owed: Money;
  readonly lines: readonly PayoutLine[];
  readonly payments: readonly PayoutPayment[];
  readonly months: readonly PaidMonth[];
  readonly runs: readonly RunProof[];
}

/** What an investor gets for a month, and how it came about. `name` and `address` come from the vault. */
export interface InvestorStatement {
  readonly investor: { readonly name: string; readonly address: readonly string[] };
  readonly period: Period;
  readonly createdAt: Instant;
  readonly parts: readonly StatementPart[];
}
