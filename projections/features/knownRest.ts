import type { DriverId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { evaluateRest } from './evaluate.ts';
import { intervalsState, type LiveParts } from './live.ts';

/**
 * The longest rest of a driver's 24 hours before an instant, in seconds, by what was known at a position of
 * the log (null: by now); null where too little is known, or while there is nothing to reckon from.
 */
export const knownRest =
  ({ sql, calendar, sleepOverhead_s }: LiveParts) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly driver: DriverId;
    readonly at: Instant;
    readonly known: bigint | null;
  }): Promise<number | null> => {
    const state = await intervalsState(sql);
    if (state === null) return null;
    const { known, ...who } = asked;
    const isPast = known !== null && known < BigInt(state.checkpoint);
    const asOf = isPast ? String(known) : state.checkpoint;
    return evaluateRest({ sql, calendar })({ ...who, asOf, sleepOverhead_s });
  };
