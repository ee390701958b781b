import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { driverOf, parkOf } from '#commands/aggregate.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import {
  type Outcome,
  type OutsideScope,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { AccountCommand, AccountRefusal } from '#domain/driverAccounts/commands.ts';
import type { DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { accountOf } from './aggregates.ts';

/** Why nothing can be asked of the account of a driver, or why the account says no. */
export type AccountFailure =
  | AccountRefusal
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId }
  | { readonly code: 'ParkUnknown'; readonly park: ParkId };

/** What every command of an account says: whose it is, when, and what their park reckons in. */
export interface Said {
  readonly driver: DriverId;
  readonly park: ParkId;
  readonly home: Currency;
  readonly when: Moment;
}

/** The currency in which a park reckons, open or closed. */
export const currencyOf =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (
    tenant: Tenant,
    park: ParkId,
  ): Promise<Either<Unavailable | Extract<AccountFailure, { code: 'ParkUnknown' }>, Currency>> => {
    const loaded = await load(parkOf(tenant, park));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    return state.phase === 'unknown' ? left({ code: 'ParkUnknown', park }) : right(state.currency);
  };

/** Whether a driver is there for the caller, and what is said of every command of their account. */
const saidOf =
  (workspace: Workspace) =>
  async (
    request: Request,
    { driver, at }: { readonly driver: DriverId; readonly at: Instant },
  ): Promise<Either<AccountFailure | OutsideScope | Unavailable, Said>> => {
    const { tenant } = request.origin;
    const loaded = await workspace.load(driverOf(tenant, driver));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    const { park, zone } = state;
    const home = await currencyOf(workspace)(tenant, park);
    return isLeft(home)
      ? home
      : right({ driver, park, home: home.right, when: momentOf(at, zone) });
  };

/** Submits a command to the account of a driver who is there for the caller; the answer speaks of `id`. */
export const onAccount =
  (workspace: Workspace) =>
  async <Id extends string>(
    request: Request,
    { driver, at, id }: { readonly driver: DriverId; readonly at: Instant; readonly id: Id },
    build: (said: Said & { readonly vehicle: null; readonly rental: null }) => AccountCommand,
  ): Outcome<Id, AccountFailure> => {
    const said = await saidOf(workspace)(request, { driver, at });
    if (isLeft(said)) return said;
    return submitAs(workspace)(id, {
      origin: request.origin,
      aggregate: accountOf(request.origin.tenant, driver),
      command: build({ ...said.right, vehicle: null, rental: null }),
      authorize: () => scope(request)(said.right.park),
    })();
  };
