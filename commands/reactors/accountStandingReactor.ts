import { isLeft, right } from 'fp-ts/lib/Either.js';
import { standingOf } from '#commands/aggregate.ts';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { AccountState } from '#domain/driverAccounts/accountState.ts';
import type { Balance } from '#domain/driverAccounts/effect.ts';
import { accountEvents, isAccountEvent } from '#domain/driverAccounts/events.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { type Money, moneyOf } from '#domain/kernel/money.ts';
import type { StandingState } from '#domain/standing/standing.ts';
import { type Reactor, reactionTo } from './reactor.ts';

const NAME = 'account_standing';

const latest = (...instants: readonly (Instant | null)[]): Instant | null =>
  instants
    .filter((at) => at !== null)
    .sort()
    .at(-1) ?? null;

/**
 * What an account comes to in one amount. A standing holds a single one: of several currencies that in which
 * there is something, the first by the alphabet, so that money in one never hides what is owed in another.
 */
const amountOf = ({ balances }: AccountState, of: (balance: Balance) => bigint): Money | null => {
  const all = [...balances].sort(([one], [other]) => (one < other ? -1 : 1));
  const [currency, balance] = all.find(([, each]) => of(each) > 0n) ?? all[0] ?? [];
  if (!currency || !balance) return null;
  const minor = of(balance);
  return moneyOf(minor < 0n ? 0n : minor, currency);
};

const isNew = (amount: Money, stated: StandingState['arrears']): boolean =>
  stated?.amount.amount !== amount.amount || stated.amount.currency !== amount.currency;

/**
 * States what a driver owes and has deposited whenever their account changes, so that access decisions see it
 * without a read model. The statement is as of the latest time that the account speaks of.
 */
export const accountStandingReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: accountEvents.map(({ type }) => type),
  react: async (stimulus) => {
    const { event, fact } = stimulus;
    if (!isAccountEvent(fact)) return right(null);
    const { driver } = fact.data;
    const account = await workspace.load(accountOf(event.tenant, driver));
    if (isLeft(account)) return account;
    const standing = await workspace.load(standingOf(event.tenant, driver));
    if (isLeft(standing)) return standing;
    const held = account.right.state;
    const { arrears, deposit } = standing.right.state;
    const owes = amountOf(held, ({ owed }) => owed);
    const has = amountOf(held, (balance) => balance.deposit);
    if (owes && isNew(owes, arrears)) {
      const at = latest(held.asOf, arrears?.at ?? null) ?? fact.when.at;
      const request = reactionTo(stimulus, NAME, 'arrears');
      const stated = await onStanding(workspace)(request, { driver, at }, (when) => ({
        type: 'StateArrears',
        driver,
        arrears: owes,
        when,
      }));
      if (isLeft(stated)) return stated;
    }
    if (!has || !isNew(has, deposit)) return right(null);
    const at = latest(held.asOf, deposit?.at ?? null) ?? fact.when.at;
    const request = reactionTo(stimulus, NAME, 'deposit');
    return onStanding(workspace)(request, { driver, at }, (when) => ({
      type: 'StateDeposit',
      driver,
      deposit: has,
      when,
    }));
  },
});
