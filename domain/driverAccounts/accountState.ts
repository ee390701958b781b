import type { ChargeId, DeductionId, FineId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { type Currency, type Money, minorUnits } from '#domain/kernel/money.ts';
import { type Balance, changedBy, effectOf, emptyBalance } from './effect.ts';
import type { AccountEvent } from './events.ts';

type EventNamed<Type extends AccountEvent['type']> = Extract<AccountEvent, { type: Type }>;

/**
 * The last charge of a stretch. `reversed` charges may be replaced by another of the same stretch; what
 * somebody waived stays waived.
 */
export interface Charge {
  readonly charged: EventNamed<'DriverCharged'>;
  readonly status: 'standing' | 'reversed' | 'waived';
}

/** A deduction, and what has been deducted of it: on which days, how much. */
export interface Deduction {
  readonly proposed: EventNamed<'DeductionProposed'>['data'];
  readonly status: 'proposed' | 'disputed' | 'upheld' | 'withdrawn';
  readonly parts: readonly { readonly on: LocalDate; readonly amount: Money }[];
}

/** Everything that has to be true at once of what a driver owes, has deposited and is owed. */
export interface AccountState {
  readonly balances: ReadonlyMap<Currency, Balance>;
  readonly charges: ReadonlyMap<ChargeId, Charge>;
  readonly deductions: ReadonlyMap<DeductionId, Deduction>;
  /** What each transaction said, in one text. */
  readonly transactions: ReadonlyMap<string, string>;
  /** The latest time that an entry speaks of; null while there is none. */
  readonly asOf: Instant | null;
}

/** An event that names the transaction by which money moved. */
export type Movement = Extract<AccountEvent, { readonly data: { readonly transaction: string } }>;

const isMovement = (event: AccountEvent): event is Movement => 'transaction' in event.data;

const moneyText = ({ amount, currency }: Money): string => `${amount} ${currency}`;

/** What a transaction says: two of the same content are the same. */
export const contentOf = ({ type, data }: Movement): string => {
  switch (type) {
    case 'DriverPaymentReceived':
    case 'DepositTaken':
      return `${type} ${moneyText(data.amount)} ${data.via}`;
    case 'DepositApplied':
      return `${type} ${moneyText(data.amount)} ${data.to}`;
    case 'DeductionMade':
      return `${type} ${moneyText(data.amount)} ${data.deduction}`;
    case 'FareShareCredited':
      return `${type} ${moneyText(data.gross)} ${data.rental}`;
    default:
      return `${type} ${moneyText(data.amount)}`;
  }
};

/** What the account holds in a currency. */
export const balanceIn = ({ balances }: AccountState, currency: Currency): Balance =>
  balances.get(currency) ?? emptyBalance;

const sumOf = (parts: Deduction['parts']): bigint =>
  parts.reduce((sum, { amount }) => sum + minorUnits(amount), 0n);

/** How much of a deduction has been deducted, in minor units. */
export const madeOf = ({ parts }: Deduction): bigint => sumOf(parts);

const MONTH_CHARS = 'YYYY-MM'.length;

/** How much was deducted in a calendar month in a currency, whatever for, in minor units. */
export const deductedInMonth = (
  { deductions }: AccountState,
  on: LocalDate,
  currency: Currency,
): bigint => {
  const month = on.slice(0, MONTH_CHARS);
  return [...deductions.values()]
    .filter(
      ({ status, proposed }) => status !== 'withdrawn' && proposed.amount.currency === currency,
    )
    .reduce((sum, { parts }) => sum + sumOf(parts.filter((part) => part.on.startsWith(month))), 0n);
};

/** The deduction for a fine that has not been withdrawn; null where there is none. */
export const deductionFor = ({ deductions }: AccountState, fine: FineId): Deduction | null =>
  [...deductions.values()].find(
    ({ proposed, status }) => proposed.fine === fine && status !== 'withdrawn',
  ) ?? null;

const withCharge = (state: AccountState, charge: ChargeId, held: Charge): AccountState => ({
  ...state,
  charges: new Map(state.charges).set(charge, held),
});

const withDeduction = (
  state: AccountState,
  deduction: DeductionId,
  change: Partial<Deduction>,
): AccountState => {
  const held = state.deductions.get(deduction);
  if (!held) return state;
  const deductions = new Map(state.deductions).set(deduction, { ...held, ...change });
  return { ...state, deductions };
};

const reversed = (state: AccountState, { data }: EventNamed<'DriverChargeReversed'>) => {
  const held = state.charges.get(data.charge);
  if (!held) return state;
  const isWaived = data.reason === 'goodwill' || data.reason === 'charged_in_error';
  return withCharge(state, data.charge, { ...held, status: isWaived ? 'waived' : 'reversed' });
};

const moved = (state: AccountState, event: AccountEvent): AccountState => {
  const effect = effectOf(event);
  const { at } = event.when;
  const asOf = state.asOf === null || state.asOf < at ? at : state.asOf;
  if (effect === null) return { ...state, asOf };
  const { currency } = effect;
  const balance = changedBy(balanceIn(state, currency), effect);
  const balances = new Map(state.balances).set(currency, balance);
  if (!isMovement(event)) return { ...state, asOf, balances };
  const { transaction } = event.data;
  const transactions = new Map(state.transactions).set(transaction, contentOf(event));
  return { ...state, asOf, balances, transactions };
};

/** Folds one event of an account into its state. */
export const evolve = (before: AccountState, event: AccountEvent): AccountState => {
  const state = moved(before, event);
  switch (event.type) {
    case 'DriverCharged':
      return withCharge(state, event.data.charge, { charged: event, status: 'standing' });
    case 'DriverChargeReversed':
      return reversed(state, event);
    case 'DeductionProposed': {
      const { deduction } = event.data;
      const proposed = { proposed: event.data, status: 'proposed', parts: [] } as const;
      return { ...state, deductions: new Map(state.deductions).set(deduction, proposed) };
    }
    case 'DeductionDisputed':
      return withDeduction(state, event.data.deduction, { status: 'disputed' });
    case 'DeductionUpheld':
      return withDeduction(state, event.data.deduction, { status: 'upheld' });
    case 'DeductionWithdrawn':
    case 'DeductionReversed':
      return withDeduction(state, event.data.deduction, { status: 'withdrawn' });
    case 'DeductionMade': {
      const { deduction, amount } = event.data;
      const parts = state.deductions.get(deduction)?.parts ?? [];
      const part = { on: event.when.localDate, amount };
      return withDeduction(state, deduction, { parts: [...parts, part] });
    }
    default:
      return state;
  }
};

/** An account of which nothing is known. */
export const emptyAccount: AccountState = {
  balances: new Map(),
  charges: new Map(),
  deductions: new Map(),
  transactions: new Map(),
  asOf: null,
};
