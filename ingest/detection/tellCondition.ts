import { isLeft } from 'fp-ts/lib/Either.js';
import {
  amendCondition,
  concludedCondition,
  noteCondition,
  voidCondition,
} from '#commands/conditions.ts';
import type { Workspace } from '#commands/workspace.ts';
import { matterOf } from '#ingest/detectors/conclusion.ts';
import { instantAt } from '#ingest/microInstant.ts';
import { requestFor, type Telling, type Told } from './telling.ts';

/** Conclusions that are neither trips nor violations. */
export type Condition = 'parking' | 'idling' | 'geofence' | 'fault' | 'offline';

/** Tells the ledger of a condition, of what is known of it otherwise, or that it never was. */
export const tellCondition =
  (workspace: Workspace) =>
  async ({ asked, now, evidence }: Telling<Condition>): Told => {
    const { key, id, withdrawn, published } = asked;
    const condition = concludedCondition(key.tenant, id);
    if (withdrawn) {
      return voidCondition(workspace)(requestFor(asked), { condition, reason: 'late_data' });
    }
    const at = instantAt(now.from_us);
    const endedAt = now.to_us === null ? null : instantAt(now.to_us);
    if (!published) {
      const matter = matterOf(now);
      const noted = await noteCondition(workspace)(requestFor(asked), {
        concluded: { id, evidence },
        vehicle: key.vehicle,
        kind: now.kind,
        matter: matter === '' ? null : matter,
        ident: key.ident,
        at,
        endedAt,
      });
      const isThere = isLeft(noted) && noted.left.code === 'ConditionAlreadyNoted';
      if (!isThere) return noted;
    }
    const wentOn = published?.to_us === null && published.from_us === now.from_us;
    return amendCondition(workspace)(requestFor(asked, 'amend'), {
      condition,
      at,
      endedAt,
      evidence,
      reason: wentOn ? 'went_on' : 'late_data',
    });
  };
