import { type Either, left, right } from 'fp-ts/lib/Either.js';
import {
  type Account,
  type AccountCode,
  DEFAULT_CHART,
  typeOfClass,
} from '#domain/finance/accounts.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { AccountDefined, AccountRemoved, type ChartEvent } from './events.ts';

/** What one may ask of a chart of accounts. `used` is whether an entry has touched the account. */
export type ChartCommand =
  | {
      readonly type: 'DefineAccount';
      readonly account: Account;
      readonly used: boolean;
      readonly when: Moment;
    }
  | {
      readonly type: 'RemoveAccount';
      readonly code: AccountCode;
      readonly used: boolean;
      readonly when: Moment;
    };

/** An account that entries have touched keeps its name, and those that rules post to stay. */
export type ChartRefusal =
  | { readonly code: 'AccountOfOtherClass'; readonly account: AccountCode }
  | { readonly code: 'AccountInUse'; readonly account: AccountCode }
  | { readonly code: 'AccountOfRules'; readonly account: AccountCode };

/** The accounts of a tenant by their codes. */
export type Chart = ReadonlyMap<AccountCode, Account>;

type Decision = Either<ChartRefusal, readonly ChartEvent[]>;
const nothing: Decision = right([]);

const ofRules = new Map(DEFAULT_CHART.map((account) => [account.code, account]));

const decide = (command: ChartCommand, chart: Chart): Decision => {
  const { used, when } = command;
  switch (command.type) {
    case 'DefineAccount': {
      const { account } = command;
      const { code, name, type } = account;
      const before = chart.get(code);
      if (before?.name === name && before.type === type) return nothing;
      if (typeOfClass(code) !== type) return left({ code: 'AccountOfOtherClass', account: code });
      if (used && before !== undefined) return left({ code: 'AccountInUse', account: code });
      return right([fact(AccountDefined, when, { account: code, name, type })]);
    }
    case 'RemoveAccount': {
      const { code } = command;
      if (!chart.has(code)) return nothing;
      if (ofRules.has(code)) return left({ code: 'AccountOfRules', account: code });
      if (used) return left({ code: 'AccountInUse', account: code });
      return right([fact(AccountRemoved, when, { account: code })]);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (chart: Chart, event: ChartEvent): Chart => {
  const after = new Map(chart);
  switch (event.type) {
    case 'AccountDefined': {
      const { account: code, name, type } = event.data;
      return after.set(code, { code, name, type });
    }
    case 'AccountRemoved':
      after.delete(event.data.account);
      return after;
    default:
      return unreachable(event);
  }
};

/** The chart of accounts of a tenant: the usual one, and what the tenant made of it. */
export const chartDecider: Decider<ChartCommand, ChartEvent, Chart, ChartRefusal> = {
  initial: ofRules,
  decide,
  evolve,
};
