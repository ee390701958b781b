import { describe, expect, it } from 'vitest';
import {
  DeductionMade,
  DeductionProposed,
  DepositTaken,
  DriverPaymentReceived,
} from '#domain/driverAccounts/events.ts';
import { DeductionId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { driverAccounts } from '#projections/driverAccounts.ts';
import { annDrives, rowOf } from '#tests/support/projectedEvents.ts';
import { ann, basis, berlin, evening, izmir, money, noon, uuid8 } from '#tests/support/samples.ts';

const ofAnn = { driver: ann, park: berlin, vehicle: null, rental: null };
const DEDUCTIONS = 51;

const deduction = (n: number) => ({
  ...annDrives,
  deduction: DeductionId.parse(uuid8(0x700 + n)),
  kind: 'damage' as const,
  amount: money('500'),
});

describe('the driver accounts read model', () => {
  it('holds balances by currency, in order, and the park of the last entry', () => {
    const row = rowOf(
      driverAccounts,
      ann,
      fact(DepositTaken, noon, {
        ...ofAnn,
        transaction: 'T-1',
        amount: money('5', 'TRY'),
        via: 'bank',
      }),
      fact(DriverPaymentReceived, evening, {
        ...{ ...ofAnn, park: izmir, transaction: 'T-2', amount: money('700'), via: 'bank' },
      }),
    );
    const none = (currency: string) => money('0', currency);
    expect(row).toMatchObject({
      park: izmir,
      holdsDeposit: true,
      balances: [
        { currency: 'EUR', owed: money('-700'), deposit: none('EUR'), payable: none('EUR') },
        { currency: 'TRY', owed: none('TRY'), deposit: money('5', 'TRY'), payable: none('TRY') },
      ],
    });
  });

  it('keeps the newest deductions, and what was deducted of each', () => {
    const row = rowOf(
      driverAccounts,
      ann,
      ...Array.from({ length: DEDUCTIONS }, (_, n) =>
        fact(DeductionProposed, noon, {
          ...{ ...deduction(n), fine: null, basis: [basis], cap: null, disputableUntil: noon.at },
        }),
      ),
      fact(DeductionMade, evening, { ...deduction(0), transaction: 'M-0' }),
      fact(DeductionMade, evening, { ...deduction(1), transaction: 'M-1', amount: money('200') }),
    );
    expect(row?.deductions).toHaveLength(DEDUCTIONS - 1);
    expect(row?.deductions[0]).toMatchObject({ ...{ made: money('200'), status: 'proposed' } });
    expect(row?.balances[0]?.owed).toEqual(money('700'));
  });
});
