import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { chartOf } from '#commands/aggregate.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { Account, AccountCode } from '#domain/finance/accounts.ts';
import type { ChartCommand, ChartRefusal } from '#domain/finance/chart/chart.ts';
import type { Tenant } from '#domain/kernel/ids.ts';

/** Whether an entry of a tenant has touched an account, by all that is in the log. */
export type IsUsed = (tenant: Tenant, code: AccountCode) => Promise<Either<Unavailable, boolean>>;

type Change =
  | { readonly type: 'DefineAccount'; readonly account: Account }
  | { readonly type: 'RemoveAccount'; readonly code: AccountCode };

/** The accounts of a tenant, by their numbers. */
export const accountsOf =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (tenant: Tenant): Promise<Either<Unavailable, readonly Account[]>> => {
    const loaded = await load(chartOf(tenant));
    if (isLeft(loaded)) return loaded;
    const accounts = [...loaded.right.state.values()];
    return right(accounts.sort((one, other) => (one.code < other.code ? -1 : 1)));
  };

/**
 * Puts an account into the chart under a name, or takes it out. What an entry has touched stays as it is; an
 * entry that is posted in the very moment of the change may still come to name an account that is gone.
 */
export const changeAccount =
  (workspace: Workspace, isUsed: IsUsed) =>
  async ({ origin }: Request, change: Change): Outcome<AccountCode, ChartRefusal> => {
    const code = change.type === 'DefineAccount' ? change.account.code : change.code;
    const used = await isUsed(origin.tenant, code);
    if (isLeft(used)) return used;
    const when = momentOf(workspace.now(), workspace.platformZone);
    const command: ChartCommand = { ...change, used: used.right, when };
    return submitAs(workspace)(code, {
      ...{ origin, command },
      aggregate: chartOf(origin.tenant),
      authorize: everywhere,
    })();
  };
