import { isLeft, right } from 'fp-ts/lib/Either.js';
import { amendTrip, concludedTrip, recordTrip, voidTrip } from '#commands/trips.ts';
import type { Workspace } from '#commands/workspace.ts';
import { instantAt } from '#ingest/microInstant.ts';
import { requestFor, type Telling, type Told } from './telling.ts';

/** Tells the ledger of a trip that is over, of what is known of it otherwise, or that it was none. */
export const tellTrip =
  (workspace: Workspace) =>
  async ({ asked, now, evidence }: Telling<'trip'>): Told => {
    const { key, id, withdrawn, published } = asked;
    const trip = concludedTrip(key.vehicle, id);
    if (withdrawn) return voidTrip(workspace)(requestFor(asked), { trip, reason: 'late_data' });
    // One that was thought to be over and goes on is told again when it is over.
    if (now.to_us === null) return right(null);
    const { distance_m, max_speed_kmh, over_limit_s } = now;
    const at = instantAt(now.from_us);
    const endedAt = instantAt(now.to_us);
    const report = { distance_m, max_speed_kmh, over_limit_s };
    if (!published) {
      const recorded = await recordTrip(workspace)(requestFor(asked), {
        vehicle: key.vehicle,
        at,
        endedAt,
        report,
        concluded: { id, evidence },
      });
      const isThere = isLeft(recorded) && recorded.left.code === 'TripAlreadyEnded';
      if (!isThere) return recorded;
    }
    return amendTrip(workspace)(requestFor(asked, 'amend'), {
      trip,
      at,
      endedAt,
      report,
      evidence,
      reason: 'late_data',
    });
  };
