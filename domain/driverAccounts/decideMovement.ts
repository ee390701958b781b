import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Currency } from '#domain/kernel/money.ts';
import { type AccountState, contentOf, type Movement } from './accountState.ts';
import type { AccountRefusal } from './commands.ts';
import type { AccountEvent } from './events.ts';

/** What comes of a command to an account. */
export type Decision = Either<AccountRefusal, readonly AccountEvent[]>;

/** Nothing is to be said. */
export const nothing: Decision = right([]);

/**
 * What an account says before it takes an amount: a driver who moves between countries may owe in two
 * currencies, but nobody owes in one that neither their park nor their account knows. Null if it may be.
 */
export const foreign = (
  { balances }: AccountState,
  { currency, home }: { readonly currency: Currency; readonly home: Currency },
): AccountRefusal | null =>
  currency === home || balances.has(currency) ? null : { code: 'ForeignCurrency', expected: home };

/**
 * Takes a movement of money once: the same transaction with the same content is the same again, whatever the
 * balances are by now; `hindrance` is asked only of what is new.
 */
export const moveOnce = (
  state: AccountState,
  event: Movement,
  hindrance: () => AccountRefusal | null,
): Decision => {
  const { transaction } = event.data;
  const before = state.transactions.get(transaction);
  if (before !== undefined) {
    return before === contentOf(event) ? nothing : left({ code: 'TransactionReused', transaction });
  }
  const hindered = hindrance();
  return hindered ? left(hindered) : right([event]);
};
