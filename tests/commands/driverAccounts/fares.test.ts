import { describe, expect, it } from 'vitest';
import { creditFare } from '#commands/driverAccounts/fares.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { money } from '#tests/support/samples.ts';
import { nextMorning, publish, rent, scene } from './scene.ts';

const asked = { transaction: 'F-1', amount: money('1999'), at: nextMorning };

describe('a fare', () => {
  it('is shared by the plan of the rental, and rounded once', async () => {
    const { ledger, vehicle, ann, account } = await scene();
    await publish(ledger, 'SHARE', { fareShare: '0.405' });
    const rental = await rent(ledger, { vehicle, driver: ann, plan: 'SHARE' });
    const fare = { driver: ann, rental, ...asked };
    rightOf(await creditFare(ledger)(requestOf(fare), fare));
    // 40.5 % of 19.99 are 8.09595.
    expect((await account(ann)).payable).toBe(810n);
    expect(rightOf(await creditFare(ledger)(requestOf('again'), fare)).events).toEqual([]);
  });
  it('is nothing to a driver whose plan knows no share, or whose rental it was not', async () => {
    const { ledger, vehicle, ann, bob } = await scene();
    const rental = await rent(ledger, { vehicle, driver: ann });
    const fare = { driver: ann, rental, ...asked };
    expect(await creditFare(ledger)(requestOf(fare), fare)).toMatchObject({
      left: { code: 'PlanWithoutFareShare', plan: 'STD' },
    });
    const other = { ...fare, driver: bob };
    expect(await creditFare(ledger)(requestOf(other), other)).toMatchObject({
      left: { code: 'RentalUnknown' },
    });
  });
});
