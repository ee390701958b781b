import { z } from 'zod';
import { effectOf } from '#domain/driverAccounts/effect.ts';
import {
  type AccountEvent,
  accountEvents,
  ChargeKind,
  isAccountEvent,
} from '#domain/driverAccounts/events.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import {
  ChargeId,
  DeductionId,
  DriverId,
  EventId,
  ParkId,
  RentalId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { Money, moneyOf } from '#domain/kernel/money.ts';
import type { Projection } from './projection.ts';
import { after, lastEvent, subjectOfKey } from './rowFields.ts';

/** By how much an entry changes what is owed, deposited and payable. */
const Change = z.strictObject({ owed: Money, deposit: Money, payable: Money });

/** The stretch of a rental that was charged: from when to when, thousandths of what, and by which plan. */
const Charged = z.strictObject({
  kind: ChargeKind,
  from: Instant,
  to: Instant,
  quantity_milli: z.int(),
  net: Money,
  tax: Money,
  plan: Reference,
  planVersion: z.int(),
});

/**
 * An entry of a driver's account, as it stands on a statement. `change` is null for what moves no money, such
 * as a deduction that is only proposed. What an entry does not say is null.
 */
export const DriverAccountEntryRow = z.strictObject({
  driver: DriverId,
  park: ParkId,
  vehicle: VehicleId.nullable(),
  rental: RentalId.nullable(),
  event: EventId,
  type: z.string(),
  occurredAt: Instant,
  localDate: LocalDate,
  change: Change.nullable(),
  charge: ChargeId.nullable(),
  charged: Charged.nullable(),
  deduction: DeductionId.nullable(),
  transaction: Reference.nullable(),
  reason: Code.nullable(),
  ...lastEvent,
});
export type DriverAccountEntryRow = z.infer<typeof DriverAccountEntryRow>;

const changeOf = (told: AccountEvent): DriverAccountEntryRow['change'] => {
  const effect = effectOf(told);
  if (effect === null) return null;
  const { currency, owed, deposit, payable } = effect;
  return {
    owed: moneyOf(owed, currency),
    deposit: moneyOf(deposit, currency),
    payable: moneyOf(payable, currency),
  };
};

const chargedIn = ({ type, data }: AccountEvent): DriverAccountEntryRow['charged'] => {
  if (type !== 'DriverCharged') return null;
  const { kind, span, quantity_milli, net, tax, plan, planVersion } = data;
  return { kind, ...span, quantity_milli, net, tax, plan, planVersion };
};

/** Every entry of every driver's account, by driver and event; entries are added and never change. */
export const driverAccountEntries: Projection<DriverAccountEntryRow> = {
  name: 'driver_account_entries',
  version: 1,
  row: DriverAccountEntryRow,
  handles: accountEvents.map(({ type }) => type),
  keys: ({ fact, id }) => (isAccountEvent(fact) ? [`driver:${fact.data.driver}/${id}`] : []),
  evolve: (row, event) => {
    const { fact, id } = event;
    if (!isAccountEvent(fact)) return row;
    const { driver, park, vehicle, rental } = fact.data;
    return {
      ...{ driver, park, vehicle, rental, event: id, type: fact.type },
      ...{ occurredAt: fact.when.at, localDate: fact.when.localDate },
      change: changeOf(fact),
      charge: 'charge' in fact.data ? fact.data.charge : null,
      charged: chargedIn(fact),
      deduction: 'deduction' in fact.data ? fact.data.deduction : null,
      transaction: 'transaction' in fact.data ? fact.data.transaction : null,
      reason: 'reason' in fact.data ? fact.data.reason : null,
      ...after(event),
    };
  },
  subject: subjectOfKey,
  columns: {
    driver: { path: ['driver'], type: 'text' },
    rental: { path: ['rental'], type: 'text' },
    type: { path: ['type'], type: 'text' },
    occurred_at: { path: ['occurredAt'], type: 'timestamptz' },
    local_date: { path: ['localDate'], type: 'date' },
  },
  indexes: [
    ['driver', 'occurred_at'],
    ['driver', 'local_date'],
  ],
};
