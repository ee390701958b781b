import { z } from 'zod';
import { Tenant } from '#domain/kernel/ids.ts';
import { materialise } from '#projections/features/materialise.ts';
import { generationsIn } from '#projections/generations.ts';
import { intervals } from '#projections/intervals.ts';
import { parkedKeys } from '#projections/parking.ts';
import { calendar } from './calendar.ts';
import type { OpenLedger } from './openLedger.ts';

const ROUNDS_MAX = 1_000;

const Tenants = z.array(z.object({ tenant: Tenant }));

/** Brings the platform's features up to date for every tenant, as far as the intervals have got. */
export const materialiseFeatures = async (
  { sql, now, config }: Pick<OpenLedger, 'sql' | 'now' | 'config'>,
  signal: AbortSignal,
): Promise<void> => {
  const live = (await generationsIn(sql, { state: 'live', name: 'intervals' }))[0];
  if (!live || live.checkpoint.position < 0n) return;
  // Rows of another version mean something else: there is nothing to reckon until they are rebuilt.
  if (live.generation.version !== intervals.version) return;
  const parked = await parkedKeys(sql)('intervals');
  const tenants = Tenants.parse(await sql`select distinct tenant from parks`);
  const step = materialise({ sql, calendar, sleepOverhead_s: config.sleepOverhead_s });
  for (const { tenant } of tenants) {
    for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round += 1) {
      const { isMore } = await step({
        tenant,
        now: now(),
        checkpoint: String(live.checkpoint.position),
        parkedKeys: parked.filter((row) => row.tenant === tenant).length,
      });
      if (!isMore) break;
    }
  }
};
