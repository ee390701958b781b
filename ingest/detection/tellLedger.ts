import type { Workspace } from '#commands/workspace.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Digest } from '#domain/kernel/ids.ts';
import type { Unpublished } from './ports.ts';
import { tellCondition } from './tellCondition.ts';
import { tellIncident } from './tellIncident.ts';
import type { Told } from './telling.ts';
import { tellTrip } from './tellTrip.ts';

/** What the ledger is to be told. `forbidden`: the fence that it is about is one to stay out of. */
export interface Message {
  readonly asked: Unpublished;
  readonly evidence: Digest | null;
  readonly forbidden: boolean;
}

/** Tells the ledger of a conclusion as what it is there: a trip, a violation or a condition. */
export const tellLedger =
  (workspace: Workspace) =>
  ({ asked, evidence, forbidden }: Message): Told => {
    const now = asked.conclusion;
    switch (now.kind) {
      case 'trip':
        return tellTrip(workspace)({ asked, now, evidence });
      case 'speeding':
      case 'harsh_driving':
      case 'unrented_movement':
        return tellIncident(workspace)({ asked, now, evidence });
      case 'geofence':
        return forbidden
          ? tellIncident(workspace)({ asked, now, evidence })
          : tellCondition(workspace)({ asked, now, evidence });
      case 'parking':
      case 'idling':
      case 'fault':
      case 'offline':
        return tellCondition(workspace)({ asked, now, evidence });
      default:
        return unreachable(now);
    }
  };
