import { z } from 'zod';
import type { Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { WireInstant, WirePosition } from './fields.ts';
import type { Readings } from './reading.ts';

/** As of which knowledge, and as of which moment of the world, something is asked. */
export const twoTimes = {
  known_at: z
    .union([WirePosition, WireInstant])
    .optional()
    .meta({ description: 'What was known: up to a position, or recorded up to an instant.' }),
  true_at: WireInstant.optional().meta({
    description: 'What was the case: at an instant of the world. Left out: now.',
  }),
};

/**
 * What was known, as a position of the log; null: all there is. An instant means what was recorded by then.
 */
export const knownPosition =
  ({ page }: Pick<Readings, 'page'>) =>
  async (tenant: Tenant, known_at: bigint | Instant | undefined): Promise<bigint | null> => {
    if (known_at === undefined) return null;
    if (typeof known_at === 'bigint') return known_at;
    const last = async (filter: { from?: string; below: string }, column: string) => {
      const filters = [{ column: 'recorded_at', ...filter }];
      const order = { column, direction: 'falling' } as const;
      const { rows } = await page(assetTimeline, {
        tenant,
        filters,
        order,
        cursor: null,
        limit: 1,
      });
      return rows[0]?.row ?? null;
    };
    const below = (at: Instant) => instantOf(epochMs(at) + 1);
    const newest = await last({ below: below(known_at) }, 'recorded_at');
    if (newest === null) return 0n;
    // Several may have been recorded in the same millisecond.
    const from = newest.recordedAt;
    const farthest = await last({ from, below: below(from) }, 'position');
    return BigInt(farthest?.position ?? newest.position);
  };
