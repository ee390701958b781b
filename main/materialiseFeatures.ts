import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Tenant } from '#domain/kernel/ids.ts';
import { intervalsState } from '#projections/features/live.ts';
import { materialise } from '#projections/features/materialise.ts';
import { calendar } from './calendar.ts';
import type { OpenLedger } from './openLedger.ts';

const ROUNDS_MAX = 1_000;

const Tenants = z.array(z.object({ tenant: Tenant }));

/**
 * Brings the platform's features up to date for every tenant, as far as the intervals have got. A long past
 * takes half of the time while it lasts, so that it leaves room for everything else; whoever calls this rests
 * in proportion afterwards.
 */
export const materialiseFeatures = async (
  { sql, now, config }: Pick<OpenLedger, 'sql' | 'now' | 'config'>,
  signal: AbortSignal,
): Promise<void> => {
  const state = await intervalsState(sql);
  if (state === null) return;
  const tenants = Tenants.parse(await sql`select distinct tenant from parks`);
  const step = materialise({ sql, calendar, sleepOverhead_s: config.sleepOverhead_s });
  for (const { tenant } of tenants) {
    for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round += 1) {
      const begun_ms = performance.now();
      const { isMore } = await step({
        tenant,
        now: now(),
        checkpoint: state.checkpoint,
        parkedKeys: state.parkedKeys(tenant),
      });
      if (!isMore) break;
      await sleep(performance.now() - begun_ms, undefined, { signal }).catch(() => {});
    }
  }
};
