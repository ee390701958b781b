import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { publishPlan } from '#commands/driverAccounts/plans.ts';
import type { EventStore } from '#commands/ports.ts';
import { startRental } from '#commands/rentals.ts';
import type { Workspace } from '#commands/workspace.ts';
import { balanceIn } from '#domain/driverAccounts/accountState.ts';
import type { DriverId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { termsOf } from '#tests/domain/plans/samples.ts';
import { allEvents, requestOf, rightOf, smallFleet, testLedger } from '#tests/support/ledger.ts';
import { memoryMarks } from '#tests/support/reactorHarness.ts';
import { acme, day, euro, instant, money } from '#tests/support/samples.ts';

const perKilometre = { time: null, distance: { kilometres: 1, amount: money('25') } };
export const springEvening = instant('2026-03-01T18:00:00.000Z');
export const nextMorning = instant('2026-03-02T08:00:00.000Z');

/** Publishes a plan that holds from the first of March 2026 on: 25.00 a day without tax, or as is said. */
export const publish = async (
  ledger: Workspace,
  plan: string,
  said: object = {},
): Promise<void> => {
  const asked = { plan, effectiveFrom: day('2026-03-01'), terms: termsOf(said), at: springEvening };
  rightOf(await publishPlan(ledger)(requestOf(asked), asked));
};

/** A driver takes a vehicle under a plan. */
export const rent = async (
  ledger: Workspace,
  {
    vehicle,
    driver,
    plan = 'STD',
    at = springEvening,
  }: { vehicle: VehicleId; driver: DriverId; plan?: string; at?: Instant },
) => {
  const asked = { vehicle, driver, plan, rate: null, odometer_m: null, rest_s: null, at };
  return rightOf(await startRental(ledger)(requestOf(asked), asked)).id;
};

/** A small fleet in Berlin with the plans STD, by the day, and KM, by distance; `now` is two days later. */
export const scene = async (store: EventStore = memoryEventStore(memoryLog())) => {
  const now = instant('2026-03-03T20:00:00.000Z');
  const ledger = { ...testLedger(store).ledger, now: () => now };
  const fleet = await smallFleet(ledger);
  await publish(ledger, 'STD');
  await publish(ledger, 'KM', perKilometre);
  const account = async (driver: DriverId) => {
    const { state } = rightOf(await ledger.load(accountOf(acme, driver)));
    return { ...balanceIn(state, euro), state };
  };
  /** What the account's events are, each with its local day. */
  const told = async (driver: DriverId): Promise<string[]> =>
    (await allEvents(store))
      .filter(({ stream }) => stream === `account-acme.${driver}`)
      .map(({ type, localDate }) => `${type} ${localDate.slice(-2)}`);
  return { store, ledger, marks: memoryMarks(), account, told, ...fleet };
};
