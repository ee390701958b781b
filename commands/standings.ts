import { isLeft, left } from 'fp-ts/lib/Either.js';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { StandingCommand, StandingRefusal } from '#domain/standing/standing.ts';
import { driverOf, standingOf } from './aggregate.ts';
import { momentOf } from './localDate.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

export type StandingFailure =
  | StandingRefusal
  | { readonly code: 'AccountKept'; readonly driver: DriverId }
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId };

interface StandingAsked {
  readonly driver: DriverId;
  readonly at: Instant;
  /** Whether somebody says so, rather than a copy of what the log says. */
  readonly byHand?: boolean;
}

/**
 * Submits a statement about what a driver owes or has deposited, or a copy of a fine. By hand nothing can be
 * stated once there is money in the driver's account: that says it better.
 */
export const onStanding =
  (workspace: Workspace) =>
  async (
    request: Request,
    { driver, at, byHand = false }: StandingAsked,
    build: (when: Moment) => StandingCommand,
  ): Outcome<DriverId, StandingFailure> => {
    const { origin } = request;
    const loaded = await workspace.load(driverOf(origin.tenant, driver));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    if (byHand) {
      const account = await workspace.load(accountOf(origin.tenant, driver));
      if (isLeft(account)) return account;
      if (account.right.state.balances.size > 0) return left({ code: 'AccountKept', driver });
    }
    return submitAs(workspace)(driver, {
      origin,
      aggregate: standingOf(origin.tenant, driver),
      command: build(momentOf(at, state.zone)),
      authorize: () => scope(request)(state.park),
    })();
  };
