import { z } from 'zod';
import { plusDays, startOfDay } from '#commands/localDate.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { materialise } from '#projections/features/materialise.ts';
import { generationsIn } from '#projections/generations.ts';
import { parkedKeys } from '#projections/parking.ts';
import type { OpenLedger } from './openLedger.ts';

const ROUNDS_MAX = 1_000;

const Tenants = z.array(z.object({ tenant: Tenant }));

/** Brings the platform's features up to date for every tenant, as far as the intervals have got. */
export const materialiseFeatures = async (
  { sql, now }: Pick<OpenLedger, 'sql' | 'now'>,
  signal: AbortSignal,
): Promise<void> => {
  const live = (await generationsIn(sql, { state: 'live', name: 'intervals' }))[0];
  if (!live || live.checkpoint.position < 0n) return;
  const parked = await parkedKeys(sql)('intervals');
  const tenants = Tenants.parse(await sql`select distinct tenant from parks`);
  const step = materialise({ sql, calendar: { startOfDay, plusDays } });
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
