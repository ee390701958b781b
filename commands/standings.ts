import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { DriverId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { StandingCommand, StandingRefusal } from '#domain/standing/standing.ts';
import { driverOf, standingOf } from './aggregate.ts';
import { momentOf } from './localDate.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

type StandingFailure =
  | StandingRefusal
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId };

/** Submits a statement about what a driver owes or has deposited, or a copy of a fine. */
export const onStanding =
  (workspace: Workspace) =>
  async (
    request: Request,
    { driver, at }: { readonly driver: DriverId; readonly at: Instant },
    build: (when: Moment) => StandingCommand,
  ): Outcome<DriverId, StandingFailure> => {
    const { origin } = request;
    const loaded = await workspace.load(driverOf(origin.tenant, driver));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    return submitAs(workspace)(driver, {
      origin,
      aggregate: standingOf(origin.tenant, driver),
      command: build(momentOf(at, state.zone)),
      authorize: () => scope(request)(state.park),
    })();
  };
