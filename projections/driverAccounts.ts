import { z } from 'zod';
import { changedBy, effectOf } from '#domain/driverAccounts/effect.ts';
import {
  type AccountEvent,
  accountEvents,
  DeductionProposed,
  isAccountEvent,
} from '#domain/driverAccounts/events.ts';
import { DriverId, ParkId } from '#domain/kernel/ids.ts';
import { Currency, Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent, withNewest } from './rowFields.ts';

const DEDUCTIONS_MAX = 50;

const Balance = z.strictObject({ currency: Currency, owed: Money, deposit: Money, payable: Money });

const { deduction, kind, fine, amount, cap, basis, disputableUntil, rental } =
  DeductionProposed.data.shape;

/** A deduction that was proposed, and how much of it has been deducted. */
const Deduction = z.strictObject({
  ...{ deduction, kind, fine, rental, amount, made: Money, cap, basis, disputableUntil },
  status: z.enum(['proposed', 'disputed', 'upheld', 'withdrawn']),
});

/**
 * What a driver owes, has deposited and is owed out of fares, by currency in the order of the alphabet; below
 * zero the driver has paid ahead. `park` is that of the last entry. The newest 50 deductions come with it.
 */
export const DriverAccountRow = z.strictObject({
  driver: DriverId,
  park: ParkId,
  balances: z.array(Balance),
  holdsDeposit: z.boolean(),
  deductions: z.array(Deduction).max(DEDUCTIONS_MAX),
  ...lastEvent,
});
export type DriverAccountRow = z.infer<typeof DriverAccountRow>;

type Deductions = DriverAccountRow['deductions'];

const balancesWith = (
  balances: DriverAccountRow['balances'],
  event: AccountEvent,
): DriverAccountRow['balances'] => {
  const effect = effectOf(event);
  if (effect === null) return balances;
  const { currency } = effect;
  const held = balances.find((each) => each.currency === currency);
  const before = {
    owed: held ? minorUnits(held.owed) : 0n,
    deposit: held ? minorUnits(held.deposit) : 0n,
    payable: held ? minorUnits(held.payable) : 0n,
  };
  const { owed, deposit, payable } = changedBy(before, effect);
  const changed = {
    currency,
    owed: moneyOf(owed, currency),
    deposit: moneyOf(deposit, currency),
    payable: moneyOf(payable, currency),
  };
  return [...balances.filter((each) => each !== held), changed].sort((one, other) =>
    one.currency < other.currency ? -1 : 1,
  );
};

const changeIn = (
  deductions: Deductions,
  id: string,
  change: (held: Deductions[number]) => Deductions[number],
): Deductions => deductions.map((held) => (held.deduction === id ? change(held) : held));

const deductionsWith = (deductions: Deductions, { type, data }: AccountEvent): Deductions => {
  switch (type) {
    case 'DeductionProposed': {
      const { driver: _, park: __, vehicle: ___, ...said } = data;
      const made = moneyOf(0n, data.amount.currency);
      const isSame = (held: Deductions[number]) => held.deduction === data.deduction;
      const proposed = { ...said, made, status: 'proposed' } as const;
      return withNewest(deductions, proposed, { isSame, items_max: DEDUCTIONS_MAX }).items;
    }
    case 'DeductionDisputed':
      return changeIn(deductions, data.deduction, (held) => ({ ...held, status: 'disputed' }));
    case 'DeductionUpheld':
      return changeIn(deductions, data.deduction, (held) => ({ ...held, status: 'upheld' }));
    case 'DeductionWithdrawn':
      return changeIn(deductions, data.deduction, (held) => ({ ...held, status: 'withdrawn' }));
    case 'DeductionReversed': {
      const made = moneyOf(0n, data.amount.currency);
      return changeIn(deductions, data.deduction, (held) => ({
        ...held,
        made,
        status: 'withdrawn',
      }));
    }
    case 'DeductionMade':
      return changeIn(deductions, data.deduction, (held) => {
        const sum = minorUnits(held.made) + minorUnits(data.amount);
        return { ...held, made: moneyOf(sum, data.amount.currency) };
      });
    default:
      return deductions;
  }
};

const evolve = (row: DriverAccountRow | null, event: ProjectedEvent): DriverAccountRow | null => {
  const { fact } = event;
  if (!isAccountEvent(fact)) return row;
  const { driver, park } = fact.data;
  const balances = balancesWith(row?.balances ?? [], fact);
  return {
    driver,
    park,
    balances,
    holdsDeposit: balances.some(({ deposit }) => deposit.amount !== '0'),
    deductions: deductionsWith(row?.deductions ?? [], fact),
    ...after(event),
  };
};

/** What is between the operator and every driver of whom anything was entered, by the driver's id. */
export const driverAccounts: Projection<DriverAccountRow> = {
  name: 'driver_accounts',
  version: 1,
  row: DriverAccountRow,
  handles: accountEvents.map(({ type }) => type),
  keys: ({ fact }) => (isAccountEvent(fact) ? [fact.data.driver] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`driver:${key}`),
  columns: {
    park: { path: ['park'], type: 'text' },
    holds_deposit: { path: ['holdsDeposit'], type: 'text' },
  },
  indexes: [['holds_deposit', 'park']],
};
