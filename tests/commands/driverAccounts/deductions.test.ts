import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { proposeDeduction } from '#commands/driverAccounts/deductions.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { attributionReactor } from '#commands/reactors/attributionReactor.ts';
import { deductionReactor } from '#commands/reactors/deductionReactor.ts';
import { endRental, recordRental } from '#commands/rentals.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { FineCommand } from '#domain/fines/fine.ts';
import { DeductionId, type DriverId, type FineId, type VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { allEvents, requestOf, rightOf } from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { basis, instant, money } from '#tests/support/samples.ts';
import { nextMorning, rent, scene, springEvening } from './scene.ts';

const evening = instant('2026-03-01T19:00:00.000Z');
const confirmedAt = instant('2026-03-02T10:00:00.000Z');
const afterWindow = instant('2026-03-16T10:00:00.000Z');

const fined = async (ledger: Workspace, vehicle: VehicleId): Promise<FineId> => {
  const told = { vehicle, named: null, offence: 'speeding', reference: 'R1', points: 0 };
  const asked = { ...told, at: evening, amount: money('7000') };
  return rightOf(await issueFine(ledger)(requestOf(asked), asked)).id;
};

const step = async (
  ledger: Workspace,
  fine: FineId,
  build: (when: Moment) => FineCommand,
  at: Instant = confirmedAt,
): Promise<void> => {
  rightOf(await onFine(ledger)(requestOf({ fine, at }), { fine, at }, build));
};
const confirm = (ledger: Workspace, fine: FineId, at = confirmedAt) =>
  step(ledger, fine, (when) => ({ type: 'ConfirmFine', fine, when }), at);

const make = async (ledger: Workspace, driver: DriverId, amount: string) => {
  const events = await allEvents(ledger.store);
  const proposed = events.findLast(({ type }) => type === 'DeductionProposed');
  const id = proposed?.data['deduction'];
  return onAccount(ledger)(
    requestOf({ amount }),
    { driver, at: afterWindow, id: driver },
    (said) => {
      if (!isId(id)) throw new Error('nothing is proposed');
      const part = { transaction: 'M-1', amount: money(amount) };
      return { ...said, type: 'MakeDeduction', deduction: DeductionId.parse(id), ...part };
    },
  );
};
const isId = (id: unknown): id is string => typeof id === 'string';

describe('a fine that stands', () => {
  it('is proposed to whoever bears it on the terms of their plan, with its events as evidence', async () => {
    const { store, ledger, marks, vehicle, ann, told, account } = await scene();
    await rent(ledger, { vehicle, driver: ann });
    const fine = await fined(ledger, vehicle);
    const reactor = deductionReactor(ledger);
    await settle(store, marks, reactor);
    expect(await told(ann)).toEqual([]);
    await confirm(ledger, fine);
    await settle(store, marks, reactor);
    const events = await allEvents(store);
    const evidence = events.filter(({ type }) => type === 'FineIssued' || type === 'FineConfirmed');
    expect(events.at(-1)).toMatchObject({
      type: 'DeductionProposed',
      data: {
        fine,
        amount: money('7000'),
        cap: money('20000'),
        basis: evidence.map(({ id }) => id),
        disputableUntil: afterWindow,
      },
    });
    await settle(store, memoryMarks(), reactor);
    expect(await told(ann)).toEqual(['DeductionProposed 02']);
    rightOf(await make(ledger, ann, '7000'));
    expect((await account(ann)).owed).toBe(7_000n);
  });

  it('is taken back when it is disputed, and proposed anew when it stands again', async () => {
    const { store, ledger, marks, vehicle, ann, told } = await scene();
    await rent(ledger, { vehicle, driver: ann });
    const fine = await fined(ledger, vehicle);
    await confirm(ledger, fine);
    const reactor = deductionReactor(ledger);
    await settle(store, marks, reactor);
    await step(ledger, fine, (when) => ({ type: 'DisputeFine', fine, reason: 'other', when }));
    await settle(store, marks, reactor);
    await confirm(ledger, fine, instant('2026-03-03T10:00:00.000Z'));
    await settle(store, marks, reactor);
    expect(await told(ann)).toEqual([
      'DeductionProposed 02',
      'DeductionWithdrawn 02',
      'DeductionProposed 03',
    ]);
  });

  it('is paid back by nobody once it is voided', async () => {
    const { store, ledger, marks, vehicle, ann, told, account } = await scene();
    await rent(ledger, { vehicle, driver: ann });
    const fine = await fined(ledger, vehicle);
    await confirm(ledger, fine);
    const reactor = deductionReactor(ledger);
    await settle(store, marks, reactor);
    rightOf(await make(ledger, ann, '5000'));
    await step(ledger, fine, (when) => ({ type: 'VoidFine', fine, reason: 'appeal_upheld', when }));
    await settle(store, marks, reactor);
    expect((await told(ann)).at(-1)).toBe('DeductionReversed 02');
    expect((await account(ann)).owed).toBe(0n);
  });

  it('follows the fine to another driver', async () => {
    const { store, ledger, marks, vehicle, ann, bob, told } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann });
    const fine = await fined(ledger, vehicle);
    await confirm(ledger, fine);
    const reactor = deductionReactor(ledger);
    await settle(store, marks, reactor);
    const back = instant('2026-03-01T18:30:00.000Z');
    const ended = { rental, reason: 'returned', odometer_m: null, at: back } as const;
    rightOf(await endRental(ledger)(requestOf(ended), ended));
    const late = { vehicle, driver: bob, plan: 'STD', rate: null, at: back, endedAt: nextMorning };
    rightOf(await recordRental(ledger)(requestOf(late), late));
    const facts = { ofVehicle: async () => right({ fines: [fine], incidents: [] }) };
    await settle(store, memoryMarks(), attributionReactor(ledger, facts));
    await settle(store, marks, reactor);
    expect(await told(ann)).toEqual(['DeductionProposed 02', 'DeductionWithdrawn 01']);
    // Bob may object for two weeks from now, not from the offence.
    expect(await told(bob)).toEqual(['DeductionProposed 03']);
  });

  it('is deducted from nobody who has no published plan', async () => {
    const { store, ledger, marks, vehicle, ann, told } = await scene();
    await rent(ledger, { vehicle, driver: ann, plan: 'NONE' });
    await confirm(ledger, await fined(ledger, vehicle));
    await settle(store, marks, deductionReactor(ledger));
    expect(await told(ann)).toEqual([]);
  });
});

describe('damage', () => {
  it('is proposed for a rental of the driver only', async () => {
    const { ledger, vehicle, ann, bob } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann });
    const when = { happenedAt: springEvening, at: nextMorning };
    const what = { kind: 'damage', fine: null, amount: money('9000'), basis: [basis] } as const;
    const asked = { rental, ...what, ...when, cause: 'c' };
    const proposed = await proposeDeduction(ledger)(requestOf('a'), { driver: ann, ...asked });
    expect(rightOf(proposed).events).toHaveLength(1);
    expect(await proposeDeduction(ledger)(requestOf('b'), { driver: bob, ...asked })).toMatchObject(
      {
        left: { code: 'RentalUnknown' },
      },
    );
    const stranger = { ...requestOf('c'), mayActIn: () => false };
    expect(await proposeDeduction(ledger)(stranger, { driver: ann, ...asked })).toMatchObject({
      left: { code: 'RentalUnknown' },
    });
  });
});
