import { isLeft } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import { writeOps } from '#commands/opsLog.ts';
import { CommandId, type EventId, type Tenant } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { PoisonSkipped } from '#domain/ops/events.ts';
import { skipPoison } from '#projections/parking.ts';
import type { OpenLedger } from './openLedger.ts';

interface Asked {
  readonly readModel: string;
  readonly tenant: Tenant;
  readonly key: string;
  readonly event: EventId;
  readonly say: (line: string) => void;
}

/**
 * Has a row pass over the event that it is stuck at, and says so in the log; answers whether both were done.
 */
export const skipEvent = async (
  { sql, store, now, platformZone }: OpenLedger,
  { readModel, tenant, key, event, say }: Asked,
): Promise<boolean> => {
  const skipped = await skipPoison(sql)({ readModel, tenant, key, event });
  if (isLeft(skipped)) {
    say(`${readModel} ${key} is not stuck at ${event}`);
    return false;
  }
  const command = CommandId.parse(deriveUuid('poison-skipped', readModel, tenant, key, event));
  const told = fact(PoisonSkipped, momentOf(now(), platformZone), skipped.right);
  const written = await writeOps(store)(command, told);
  if (isLeft(written)) {
    say(`skipped, but the log does not say so yet (${written.left.code}): ask again`);
    return false;
  }
  say(`${readModel} ${key} passes over ${event}`);
  return true;
};
