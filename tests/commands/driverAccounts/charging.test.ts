import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import {
  chargeOpenRentals,
  type RentalOfTenant,
  type RunningRentals,
} from '#commands/driverAccounts/chargeOpenRentals.ts';
import { chargeRental } from '#commands/driverAccounts/chargeRental.ts';
import type { EventStore } from '#commands/ports.ts';
import { attributionReactor } from '#commands/reactors/attributionReactor.ts';
import { chargingReactor } from '#commands/reactors/chargingReactor.ts';
import { endRental, recordRental, voidRental } from '#commands/rentals.ts';
import { amendTrip, recordTrip, voidTrip } from '#commands/trips.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { acme, instant } from '#tests/support/samples.ts';
import { nextMorning, publish, rent, scene, springEvening } from './scene.ts';

const noon = instant('2026-03-02T11:00:00.000Z');
const later = instant('2026-03-02T12:00:00.000Z');

const drive = async (ledger: Workspace, vehicle: VehicleId, distance_m: number) => {
  const report = { distance_m, max_speed_kmh: 50, over_limit_s: null };
  const asked = { vehicle, at: noon, endedAt: later, report, concluded: null };
  return rightOf(await recordTrip(ledger)(requestOf(asked), asked)).id;
};

const end = async (ledger: Workspace, rental: Awaited<ReturnType<typeof rent>>, at: Instant) => {
  const asked = { rental, reason: 'returned', odometer_m: null, at } as const;
  rightOf(await endRental(ledger)(requestOf(asked), asked));
};

describe('a rental with a plan', () => {
  it('is charged by the local day when it begins, and put right when it ends otherwise', async () => {
    const { store, ledger, marks, vehicle, ann, told, account } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann });
    const reactor = chargingReactor(ledger);
    await settle(store, marks, reactor);
    const days = ['DriverCharged 01', 'DriverCharged 02', 'DriverCharged 03'];
    expect(await told(ann)).toEqual(days);
    await settle(store, memoryMarks(), reactor);
    expect(await told(ann)).toEqual(days);
    await end(ledger, rental, nextMorning);
    await settle(store, marks, reactor);
    expect(await told(ann)).toEqual([...days, 'DriverChargeReversed 03']);
    expect((await account(ann)).owed).toBe(5_950n);
    const never = { rental, reason: 'wrong_driver', at: nextMorning } as const;
    rightOf(await voidRental(ledger)(requestOf(never), never));
    await settle(store, marks, reactor);
    expect((await told(ann)).slice(4)).toEqual([
      'DriverChargeReversed 01',
      'DriverChargeReversed 02',
    ]);
    expect((await account(ann)).owed).toBe(0n);
  });

  it('is charged all at once where it is told when it is over', async () => {
    const { store, ledger, marks, vehicle, bob, told } = await scene();
    const over = { vehicle, driver: bob, plan: 'STD', rate: null, at: springEvening };
    const asked = { ...over, endedAt: nextMorning };
    rightOf(await recordRental(ledger)(requestOf(asked), asked));
    await settle(store, marks, chargingReactor(ledger));
    expect(await told(bob)).toEqual(['DriverCharged 01', 'DriverCharged 02']);
  });

  it('is charged nothing before the plan is published, and all of it then', async () => {
    const { ledger, vehicle, ann, told } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann, plan: 'LATE' });
    const asked = { rental, until: nextMorning, basis: null };
    expect(rightOf(await chargeRental(ledger)(requestOf(asked), asked))).toBe(
      '2026-03-02T08:10:00.000Z',
    );
    expect(await told(ann)).toEqual([]);
    await publish(ledger, 'LATE');
    const next = rightOf(await chargeRental(ledger)(requestOf(asked), asked));
    expect(await told(ann)).toEqual(['DriverCharged 01', 'DriverCharged 02']);
    // The next local midnight in Berlin.
    expect(next).toBe('2026-03-02T23:00:00.000Z');
  });
});

describe('kilometres', () => {
  it('are charged once their day is over, and again when a trip turns out otherwise', async () => {
    const { store, ledger, marks, vehicle, ann, told, account } = await scene();
    await rent(ledger, { vehicle, driver: ann, plan: 'KM' });
    const trip = await drive(ledger, vehicle, 12_345);
    const reactor = chargingReactor({ ...ledger, now: () => later });
    await settle(store, marks, reactor);
    expect(await told(ann)).toEqual([]);
    await settle(store, memoryMarks(), chargingReactor(ledger));
    expect(await told(ann)).toEqual(['DriverCharged 02']);
    expect((await account(ann)).owed).toBe(368n);
    const report = { distance_m: 20_000, max_speed_kmh: 50, over_limit_s: null };
    const amended = {
      trip,
      at: null,
      endedAt: later,
      report,
      evidence: null,
      reason: 'measured_again',
    } as const;
    rightOf(await amendTrip(ledger)(requestOf(amended), amended));
    await settle(store, marks, chargingReactor(ledger));
    expect((await told(ann)).slice(1)).toEqual(['DriverChargeReversed 02', 'DriverCharged 02']);
    expect((await account(ann)).owed).toBe(595n);
    rightOf(await voidTrip(ledger)(requestOf('void'), { trip, reason: 'recorded_in_error' }));
    await settle(store, marks, chargingReactor(ledger));
    expect((await account(ann)).owed).toBe(0n);
  });

  it('leave a driver together with the trip that turns out to be nobody’s', async () => {
    const { store, ledger, marks, vehicle, ann, told, account } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann, plan: 'KM' });
    await drive(ledger, vehicle, 12_345);
    await settle(store, marks, chargingReactor(ledger));
    expect((await account(ann)).owed).toBe(368n);
    await end(ledger, rental, nextMorning);
    const moving = attributionReactor(ledger, {
      ofVehicle: async () => right({ fines: [], incidents: [] }),
    });
    await settle(store, memoryMarks(), moving);
    await settle(store, marks, chargingReactor(ledger));
    expect(await told(ann)).toEqual(['DriverCharged 02', 'DriverChargeReversed 02']);
    expect((await account(ann)).owed).toBe(0n);
  });
});

/** A year and more of days, with a store that goes away behind the first append to the account. */
const goingAway = () => {
  const inner = memoryEventStore(memoryLog());
  let appends_left = Number.POSITIVE_INFINITY;
  const store: EventStore = {
    ...inner,
    append: (request) => {
      if (!request.stream.startsWith('account-')) return inner.append(request);
      appends_left -= 1;
      return appends_left < 0
        ? async () => left({ code: 'Unavailable', detail: 'away' })
        : inner.append(request);
    },
  };
  return {
    store,
    lives: (appends: number) => {
      appends_left = appends;
    },
  };
};

describe('a long rental', () => {
  it('is charged in several appends, and goes on where it stopped', async () => {
    const { store, lives } = goingAway();
    const { ledger, vehicle, ann, told, account } = await scene(store);
    const rental = await rent(ledger, { vehicle, driver: ann });
    const asked = { rental, until: instant('2027-03-31T12:00:00.000Z'), basis: null };
    lives(1);
    const stopped = await chargeRental(ledger)(requestOf(asked), asked);
    expect(isLeft(stopped) && stopped.left.code).toBe('Unavailable');
    expect(await told(ann)).toHaveLength(200);
    lives(Number.POSITIVE_INFINITY);
    rightOf(await chargeRental(ledger)(requestOf(asked), asked));
    expect(await told(ann)).toHaveLength(396);
    expect((await account(ann)).owed).toBe(396n * 2_975n);
    rightOf(await chargeRental(ledger)(requestOf(asked), asked));
    expect(await told(ann)).toHaveLength(396);
  });
});

describe('what falls due because time passes', () => {
  const looking = (ledger: Workspace, all: readonly RentalOfTenant[], at: () => Instant) => {
    const failures: string[] = [];
    let loads = 0;
    const rentals: RunningRentals = {
      page: async ({ after, limit }) => {
        const from = after === null ? 0 : all.indexOf(after) + 1;
        return all.slice(from, from + limit);
      },
    };
    const load: Workspace['load'] = async (aggregate) => {
      loads += 1;
      return ledger.load(aggregate);
    };
    const look = chargeOpenRentals({
      workspace: { ...ledger, now: at, load },
      rentals,
      observeFailure: ({ code }) => failures.push(code),
    });
    return { look: () => look(new AbortController().signal), failures, loads: () => loads };
  };

  it('is charged at the first look of a day, and not looked for before the next', async () => {
    const { ledger, vehicle, ann, told } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann });
    let at = springEvening;
    const { look, failures, loads } = looking(ledger, [{ tenant: acme, rental }], () => at);
    await look();
    expect(await told(ann)).toEqual(['DriverCharged 01']);
    const before = loads();
    at = instant('2026-03-01T22:59:59.999Z');
    await look();
    expect(loads()).toBe(before);
    at = instant('2026-03-01T23:00:00.000Z');
    await look();
    expect(loads()).toBeGreaterThan(before);
    expect(await told(ann)).toEqual(['DriverCharged 01', 'DriverCharged 02']);
    expect(failures).toEqual([]);
  });

  it('says what cannot be charged, goes on with the others, and tries again later', async () => {
    const { ledger, vehicle, ann, bob, told } = await scene();
    const lira = { currency: 'TRY', amount: '2500' };
    const foreign = {
      currency: 'TRY',
      time: { per: 'day', amount: lira },
      deposit: lira,
      deductionCap: null,
    };
    await publish(ledger, 'TR', foreign);
    const rental = await rent(ledger, { vehicle, driver: ann, plan: 'TR' });
    await end(ledger, rental, nextMorning);
    const other = await rent(ledger, { vehicle, driver: bob, at: noon });
    let at = later;
    const all = [rental, other].map((one) => ({ tenant: acme, rental: one }));
    const { look, failures } = looking(ledger, all, () => at);
    await look();
    await look();
    expect(failures).toEqual(['ForeignCurrency']);
    expect(await told(bob)).toEqual(['DriverCharged 02']);
    at = instant('2026-03-02T12:10:00.000Z');
    await look();
    expect(failures).toHaveLength(2);
  });
});
