import type { Period } from '#domain/finance/period.ts';
import type { Digest, VehicleId } from '#domain/kernel/ids.ts';
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

/**
 * What somebody is paid for their part of one asset. `distributable` is what all its holders share, with
 * what was left over before; the amount is `distributable · share_days / share_days_in_all`, rounded down.
 */
export interface PayoutLine {
  readonly asset: string;
  readonly shares: number;
  readonly shares_issued: number;
  readonly share_days: bigint;
  readonly share_days_in_all: bigint;
  readonly distributable: Money;
  readonly amount: Money;
}

/** A payment on its way to an investor. `on` is the day of the last thing known of it. */
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

/**
 * What an investor gets for a month, and how it came about. `name` and `address` come from the vault.
 * `owed_before` is what was owed when the month began; `paid` what the bank paid out in between, less what
 * came back. `root` and `inputsHash` let anybody compute the run again.
 */
export interface InvestorStatement {
  readonly investor: { readonly name: string; readonly address: readonly string[] };
  readonly period: Period;
  readonly createdAt: Instant;
  readonly run: string;
  readonly root: Digest;
  readonly inputsHash: Digest;
  readonly owed_before: Money;
  readonly paid: Money;
  readonly lines: readonly PayoutLine[];
  readonly payments: readonly PayoutPayment[];
  readonly months: readonly PaidMonth[];
}
