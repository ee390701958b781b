import { type Either, right } from 'fp-ts/lib/Either.js';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { DriverId, PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { payeeOf, type Run } from '#domain/runs/runState.ts';
import { readRunLines } from './runLines.ts';

/** Whom a line of a run pays. */
export type Payee = PartyId | DriverId;

/**
 * A line of a run that somebody is paid by: its place among those, of which asset it is, if of one, and how
 * much, in minor units of the run's currency.
 */
export interface OwedLine {
  readonly line: number;
  readonly vehicle: VehicleId | null;
  readonly payee: Payee;
  readonly amount: bigint;
}

/** The open lines that pay somebody; the operator is paid for all assets at once. */
const openLines = (run: Run): readonly OwedLine[] => {
  const { lines, totals } = run;
  const payee = payeeOf(run);
  if ('amount' in totals && payee !== null && lines.length > 0) {
    return [{ line: 0, vehicle: null, payee, amount: BigInt(totals.amount) }];
  }
  return lines.flatMap((each, line) => {
    if (each.kind !== 'settlement' || each.amount === '0') return [];
    return [{ line, vehicle: null, payee: each.driver, amount: BigInt(each.amount) }];
  });
};

/** Shows `visit` the lines of a run that pay somebody, in their order and some at a time. */
export const readOwedLines =
  (parts: RegisterParts) =>
  async <Failure>(
    tenant: Tenant,
    run: Run,
    visit: (lines: readonly OwedLine[]) => Promise<Either<Failure, unknown>>,
  ): Promise<Either<Failure | Unavailable, unknown>> => {
    if (run.kind !== 'payout') {
      const lines = openLines(run);
      return lines.length === 0 ? right(null) : visit(lines);
    }
    return readRunLines(parts)<Failure>(tenant, run.run, (lines) =>
      visit(lines.map(({ party: payee, ...line }) => ({ ...line, payee }))),
    );
  };
