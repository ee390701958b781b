import { ACCOUNTS, typeOfClass } from '#domain/finance/accounts.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, type LocalDate } from '#domain/kernel/instant.ts';
import { type Money, moneyOf } from '#domain/kernel/money.ts';
import type { AccountDayRow } from '#projections/accountDays.ts';
import type { IncidentRow } from '#projections/incidents.ts';
import type { JournalEntryRow } from '#projections/journalEntries.ts';
import type { ParkRow } from '#projections/parks.ts';
import type { RentalRow } from '#projections/rentals.ts';
import type { TripRow } from '#projections/trips.ts';
import type { VehicleRow } from '#projections/vehicles.ts';
import type { FleetReport, FleetVehicle } from './data.ts';

/**
 * What read models hold of a park on a day. `span` is when the day begins and ends where the park is;
 * `rentals` those that touch it; `trips`, `incidents` and `entries` those of the day; `accountDays` those of
 * all days up to it; `days` those that the chart shows.
 */
export interface FleetRows {
  readonly park: ParkRow;
  readonly day: LocalDate;
  readonly createdAt: Instant;
  readonly span: { readonly from: Instant; readonly to: Instant };
  readonly vehicles: readonly VehicleRow[];
  readonly trips: readonly TripRow[];
  readonly rentals: readonly RentalRow[];
  readonly incidents: readonly IncidentRow[];
  readonly entries: readonly JournalEntryRow[];
  readonly accountDays: readonly AccountDayRow[];
  readonly days: readonly LocalDate[];
}

type Result = Pick<FleetVehicle, 'revenue' | 'costs'>;
type Sums = Pick<AccountDayRow, 'account' | 'currency' | 'debit' | 'credit'>;

/** What sums come to, in the park's currency; what is in another is in the trial balance and not here. */
const resultOf = (sums: readonly Sums[], { currency }: ParkRow): Result => {
  let revenue = 0n;
  let costs = 0n;
  for (const { account, debit, credit } of sums.filter((sum) => sum.currency === currency)) {
    const type = typeOfClass(account);
    if (type === 'revenue') revenue += BigInt(credit) - BigInt(debit);
    if (type === 'expense') costs += BigInt(debit) - BigInt(credit);
  }
  return { revenue: moneyOf(revenue, currency), costs: moneyOf(costs, currency) };
};

const sumsOf = (entries: readonly JournalEntryRow[]): readonly Sums[] =>
  entries.flatMap(({ lines }) =>
    lines.map(({ account, side, amount }) => ({
      ...{ account, currency: amount.currency, debit: '0', credit: '0' },
      [side]: amount.amount,
    })),
  );

/** What an account holds, on the side of its debits. */
const heldOn = (code: string, { accountDays, park: { currency } }: FleetRows): bigint =>
  accountDays
    .filter((sum) => sum.account === code && sum.currency === currency)
    .reduce((held, { debit, credit }) => held + BigInt(debit) - BigInt(credit), 0n);

/** The part of the day that somebody had the vehicle. */
const rentedShare = (rentals: readonly RentalRow[], { span }: FleetRows): number => {
  const [from_ms, to_ms] = [epochMs(span.from), epochMs(span.to)];
  const rented_ms = rentals
    .filter(({ status }) => status !== 'voided')
    .reduce((sum, { startedAt, endedAt }) => {
      const begun_ms = Math.max(from_ms, epochMs(startedAt));
      const ended_ms = Math.min(to_ms, endedAt === null ? to_ms : epochMs(endedAt));
      return sum + Math.max(0, ended_ms - begun_ms);
    }, 0);
  return rented_ms / (to_ms - from_ms);
};

const byVehicle = <Row extends { readonly vehicle: VehicleId | null }>(
  rows: readonly Row[],
): ((vehicle: VehicleId) => readonly Row[]) => {
  const groups = Map.groupBy(rows, ({ vehicle }) => vehicle);
  return (vehicle) => groups.get(vehicle) ?? [];
};

const vehiclesOf = (rows: FleetRows): readonly FleetVehicle[] => {
  const tripsOf = byVehicle(rows.trips.filter(({ status }) => status !== 'voided'));
  const incidentsOf = byVehicle(rows.incidents.filter(({ status }) => status !== 'voided'));
  const rentalsOf = byVehicle(rows.rentals);
  const entriesOf = byVehicle(rows.entries);
  return rows.vehicles.map(({ vehicle, make, model, status }) => {
    const trips = tripsOf(vehicle);
    return {
      ...{ vehicle, make, model, status },
      trips: trips.length,
      distance_m: trips.reduce((sum, { measure }) => sum + (measure?.distance_m ?? 0), 0),
      rented_share: rentedShare(rentalsOf(vehicle), rows),
      incidents: incidentsOf(vehicle).length,
      ...resultOf(sumsOf(entriesOf(vehicle)), rows.park),
    };
  });
};

const isZero = ({ amount }: Money): boolean => amount === '0';

/** The daily report of a park from read models. Vehicles that are gone are in it if they moved money. */
export const fleetReportOf = (rows: FleetRows): FleetReport => {
  const { park, day, createdAt, accountDays, days } = rows;
  const { currency } = park;
  const vehicles = vehiclesOf(rows).filter(
    ({ status, revenue, costs }) => status !== 'retired' || !isZero(revenue) || !isZero(costs),
  );
  return {
    park: { code: park.code, name: park.name },
    ...{ day, createdAt, vehicles },
    ...resultOf(sumsOf(rows.entries), park),
    receivables: moneyOf(heldOn(ACCOUNTS.receivable.code, rows), currency),
    deposits: moneyOf(-heldOn(ACCOUNTS.deposits.code, rows), currency),
    days: days.map((each) => ({
      day: each,
      ...resultOf(
        accountDays.filter(({ date }) => date === each),
        park,
      ),
    })),
  };
};
