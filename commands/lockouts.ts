import type { DriverRefusal } from '#domain/drivers/driver.ts';
import { type DriverId, LockoutId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { onDriver } from './drivers.ts';
import { deriveUuid } from './identity.ts';
import type { Outcome, Request, Workspace } from './workspace.ts';

/** Keeps a driver from driving until an instant, or, null, until it is lifted. */
export const lockOutDriver =
  (workspace: Workspace) =>
  (
    request: Request,
    asked: {
      readonly driver: DriverId;
      readonly reason: string;
      readonly until: Instant | null;
      readonly at: Instant;
    },
  ): Outcome<LockoutId, DriverRefusal> => {
    const { driver, reason, until, at } = asked;
    const lockout = LockoutId.parse(deriveUuid('lockout', request.origin.command));
    return onDriver(workspace)(request, { driver, id: lockout, at }, (when) => {
      return { type: 'LockOutDriver', driver, lockout, reason, until, when };
    });
  };
