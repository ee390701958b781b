import { describe, expect, it } from 'vitest';
import { standingOf } from '#commands/aggregate.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { accountStandingReactor } from '#commands/reactors/accountStandingReactor.ts';
import { chargingReactor } from '#commands/reactors/chargingReactor.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { allEvents, requestOf, rightOf } from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { acme, instant, money } from '#tests/support/samples.ts';
import { nextMorning, rent, scene } from './scene.ts';

const pay = async (ledger: Workspace, driver: DriverId, amount: string, at: Instant) => {
  const said = { transaction: `T-${amount}`, amount: money(amount), via: 'bank' } as const;
  const about = { driver, at, id: driver };
  rightOf(
    await onAccount(ledger)(requestOf(said), about, (asked) => ({
      ...asked,
      type: 'ReceivePayment',
      ...said,
    })),
  );
};

const deposit = async (ledger: Workspace, driver: DriverId, amount: string, at: Instant) => {
  const said = { transaction: `D-${amount}`, amount: money(amount), via: 'bank' } as const;
  const about = { driver, at, id: driver };
  rightOf(
    await onAccount(ledger)(requestOf(said), about, (asked) => ({
      ...asked,
      type: 'TakeDeposit',
      ...said,
    })),
  );
};

const state = (ledger: Workspace, driver: DriverId, byHand: boolean) =>
  onStanding(ledger)(requestOf('by hand'), { driver, at: nextMorning, byHand }, (when) => ({
    type: 'StateArrears',
    driver,
    arrears: money('1'),
    when,
  }));

const standing = async (ledger: Workspace, driver: DriverId) =>
  rightOf(await ledger.load(standingOf(acme, driver))).state;

describe('the standing of a driver with an account', () => {
  it('says what the account comes to, as of its latest entry, and never less than nothing', async () => {
    const { store, ledger, marks, vehicle, ann } = await scene();
    await rent(ledger, { vehicle, driver: ann });
    await settle(store, memoryMarks(), chargingReactor(ledger));
    const reactor = accountStandingReactor(ledger);
    await settle(store, marks, reactor);
    // Three days at 29.75; the last of them began at midnight in Berlin.
    expect(await standing(ledger, ann)).toMatchObject({
      arrears: { amount: money('8925'), at: '2026-03-02T23:00:00.000Z' },
      deposit: { amount: money('0') },
    });
    await deposit(ledger, ann, '50000', nextMorning);
    await pay(ledger, ann, '10000', instant('2026-03-03T09:00:00.000Z'));
    await settle(store, marks, reactor);
    expect(await standing(ledger, ann)).toMatchObject({
      arrears: { amount: money('0'), at: '2026-03-03T09:00:00.000Z' },
      deposit: { amount: money('50000'), at: '2026-03-03T09:00:00.000Z' },
    });
    const before = (await allEvents(store)).length;
    await settle(store, memoryMarks(), reactor);
    expect(await allEvents(store)).toHaveLength(before);
  });

  it('is not stated by hand any more', async () => {
    const { ledger, ann, bob } = await scene();
    await pay(ledger, ann, '100', nextMorning);
    expect(await state(ledger, ann, true)).toMatchObject({ left: { code: 'AccountKept' } });
    rightOf(await state(ledger, ann, false));
    rightOf(await state(ledger, bob, true));
  });

  it('lets money in one currency not hide what is owed in another', async () => {
    const { store, ledger, marks, vehicle, ann } = await scene();
    await rent(ledger, { vehicle, driver: ann });
    await settle(store, memoryMarks(), chargingReactor(ledger));
    const inLira = { transaction: 'T-1', amount: money('100', 'AED'), via: 'bank' } as const;
    const about = { driver: ann, at: nextMorning, id: ann };
    rightOf(
      await onAccount(ledger)(requestOf(inLira), about, (asked) => ({
        ...asked,
        type: 'ReceivePayment',
        home: inLira.amount.currency,
        ...inLira,
      })),
    );
    await settle(store, marks, accountStandingReactor(ledger));
    expect((await standing(ledger, ann)).arrears?.amount).toEqual(money('8925'));
  });
});
