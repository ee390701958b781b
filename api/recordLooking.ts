import type { FastifyRequest } from 'fastify';
import type { Workspace } from '#commands/workspace.ts';
import { callerOf } from './caller.ts';
import type { AccessRecords } from './ports.ts';

/** What has to be at hand to write down who looks. */
export interface Looking {
  readonly accessRecords: AccessRecords;
  readonly now: Workspace['now'];
}

/**
 * Writes down that somebody looks at telemetry, which says where people have been: of a vehicle, of a park,
 * or of `NOBODY` in particular. To be done before anything is shown.
 */
export const recordLooking =
  ({ accessRecords, now }: Looking) =>
  (request: FastifyRequest, subject: string) => {
    const { tenant, actor, role } = callerOf(request);
    return accessRecords.record({
      tenant,
      actor,
      role,
      subject,
      classes: [],
      purpose: 'telemetry_read',
      requestId: request.id,
      at: now(),
    })();
  };
