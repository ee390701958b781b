import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { EventId, ParkId, StockId, VehicleId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { type Currency, type Money, minorUnits } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { PartsCounted, PartsReceived, PartsTaken, type StockEvent } from './events.ts';

interface OfStock {
  readonly stock: StockId;
  readonly park: ParkId;
  readonly part: string;
  /** What the park reckons in. */
  readonly home: Currency;
  readonly when: Moment;
}

/** What one may ask of the stock of one kind of part in a park. */
export type StockCommand =
  | (OfStock & {
      readonly type: 'ReceiveParts';
      readonly quantity_milli: number;
      readonly amount: Money;
      readonly transaction: string;
    })
  | (OfStock & {
      readonly type: 'CountParts';
      readonly quantity_milli: number;
      readonly value: Money;
      readonly reason: string;
      readonly transaction: string;
    })
  | (OfStock & {
      readonly type: 'TakeParts';
      readonly quantity_milli: number;
      readonly amount: Money;
      readonly vehicle: VehicleId;
      readonly basis: EventId;
    });

/** Every way a stock may say no. */
export type StockRefusal =
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency }
  | { readonly code: 'TransactionReused'; readonly transaction: string };

/** What is there of a part, by what came, was counted and was taken; `value` in minor units of the park. */
export interface StockState {
  readonly quantity_milli: number;
  readonly value: bigint;
  /** What each transaction said, and the cost lines that were heard of. */
  readonly transactions: ReadonlyMap<string, string>;
  readonly taken: ReadonlySet<EventId>;
}

type Decision = Either<StockRefusal, readonly StockEvent[]>;

const saying = (type: string, quantity_milli: number, { amount, currency }: Money): string =>
  `${type} ${quantity_milli} ${amount} ${currency}`;

const known = (state: StockState, transaction: string, said: string): Decision | null => {
  const before = state.transactions.get(transaction);
  if (before === undefined) return null;
  return before === said ? right([]) : left({ code: 'TransactionReused', transaction });
};

const decide = (command: StockCommand, state: StockState): Decision => {
  const { stock, park, part, home, when, quantity_milli } = command;
  const of = { stock, park, part, quantity_milli };
  switch (command.type) {
    case 'ReceiveParts': {
      const { amount, transaction } = command;
      if (amount.currency !== home) return left({ code: 'ForeignCurrency', expected: home });
      const again = known(state, transaction, saying('received', quantity_milli, amount));
      return again ?? right([fact(PartsReceived, when, { ...of, amount, transaction })]);
    }
    case 'CountParts': {
      const { value, reason, transaction } = command;
      if (value.currency !== home) return left({ code: 'ForeignCurrency', expected: home });
      const again = known(state, transaction, saying('counted', quantity_milli, value));
      const before = { quantity_milli: state.quantity_milli, value: state.value.toString() };
      return (
        again ?? right([fact(PartsCounted, when, { ...of, value, reason, transaction, before })])
      );
    }
    case 'TakeParts': {
      const { amount, vehicle, basis } = command;
      // In another currency it is not of this stock's value; the journal has it all the same.
      if (state.taken.has(basis) || amount.currency !== home) return right([]);
      return right([fact(PartsTaken, when, { ...of, amount, vehicle, basis })]);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (state: StockState, event: StockEvent): StockState => {
  const { quantity_milli } = event.data;
  switch (event.type) {
    case 'PartsReceived': {
      const { amount, transaction } = event.data;
      const said = saying('received', quantity_milli, amount);
      return {
        ...state,
        quantity_milli: state.quantity_milli + quantity_milli,
        value: state.value + minorUnits(amount),
        transactions: new Map(state.transactions).set(transaction, said),
      };
    }
    case 'PartsCounted': {
      const { value, transaction } = event.data;
      const said = saying('counted', quantity_milli, value);
      const transactions = new Map(state.transactions).set(transaction, said);
      return { ...state, quantity_milli, value: minorUnits(value), transactions };
    }
    case 'PartsTaken':
      return {
        ...state,
        quantity_milli: state.quantity_milli - quantity_milli,
        value: state.value - minorUnits(event.data.amount),
        taken: new Set(state.taken).add(event.data.basis),
      };
    default:
      return unreachable(event);
  }
};

/** The stock of one kind of part in a park. */
export const stockDecider: Decider<StockCommand, StockEvent, StockState, StockRefusal> = {
  initial: { quantity_milli: 0, value: 0n, transactions: new Map(), taken: new Set() },
  decide,
  evolve,
};
