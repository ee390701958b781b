import { isLeft } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import {
  amendIncident,
  concludedIncident,
  recordIncident,
  voidIncident,
} from '#commands/incidents.ts';
import { concludedTrip } from '#commands/trips.ts';
import type { Workspace } from '#commands/workspace.ts';
import { type IncidentMeasure, unmeasured, type ViolationKind } from '#domain/incidents/events.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { instantAt } from '#ingest/microInstant.ts';
import { requestFor, type Telling, type Told } from './telling.ts';

/** Conclusions that are violations. */
export type Violation = 'speeding' | 'harsh_driving' | 'unrented_movement' | 'geofence';

const HUNDREDTHS = 100;

interface Meaning {
  readonly kind: z.infer<typeof ViolationKind>;
  readonly measure: IncidentMeasure;
}

const meaningOf = (now: Telling<Violation>['now']): Meaning => {
  switch (now.kind) {
    case 'speeding': {
      const { max_speed_kmh, limit_kmh } = now;
      return { kind: 'speeding', measure: { ...unmeasured, max_speed_kmh, limit_kmh } };
    }
    case 'harsh_driving': {
      const { manoeuvre, peak_mps2 } = now;
      const peak_cmps2 = Math.round(peak_mps2 * HUNDREDTHS);
      return { kind: 'harsh_driving', measure: { ...unmeasured, manoeuvre, peak_cmps2 } };
    }
    case 'unrented_movement':
      return {
        kind: 'unauthorised_use',
        measure: { ...unmeasured, distance_m: now.distance_m },
      };
    case 'geofence':
      return { kind: 'geofence', measure: { ...unmeasured, fence: Reference.parse(now.fence) } };
    default:
      return unreachable(now);
  }
};

/**
 * Tells the ledger of a violation, of what is known of it otherwise, or that it was none. One that goes on is
 * told as having lasted for as long as it had when it became known.
 */
export const tellIncident =
  (workspace: Workspace) =>
  async ({ asked, now, evidence }: Telling<Violation>): Told => {
    const { key, id, withdrawn, published, trip } = asked;
    const incident = concludedIncident(key.tenant, id);
    const at = instantAt(now.from_us);
    if (withdrawn) {
      return voidIncident(workspace)(requestFor(asked), { incident, reason: 'measured_wrong', at });
    }
    const { kind, measure } = meaningOf(now);
    const said = {
      at,
      endedAt: instantAt(now.to_us ?? now.from_us),
      trip: trip && concludedTrip(key.vehicle, trip),
      ...measure,
    };
    if (!published) {
      const recorded = await recordIncident(workspace)(requestFor(asked), {
        ...said,
        vehicle: key.vehicle,
        named: null,
        kind,
        concluded: { id, evidence },
      });
      const isThere = isLeft(recorded) && recorded.left.code === 'IncidentAlreadyRecorded';
      if (!isThere) return recorded;
    }
    const wentOn = published?.to_us === null && published.from_us === now.from_us;
    return amendIncident(workspace)(requestFor(asked, 'amend'), {
      ...said,
      incident,
      evidence,
      reason: wentOn ? 'went_on' : 'late_data',
    });
  };
