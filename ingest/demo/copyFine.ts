import { READ_EVENTS_MAX } from '#commands/ports.ts';
import { standingReactor } from '#commands/reactors/standingReactor.ts';
import type { Workspace } from '#commands/workspace.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { FineId, Tenant } from '#domain/kernel/ids.ts';
import { fineStream } from '#domain/kernel/streams.ts';
import { must } from './cast.ts';

/**
 * Copies what became of a fine into its driver's standing at once. The reactor does so too, sooner or
 * later, by the same commands, so whoever comes second changes nothing. But a decision on a rental says how
 * far the standing had come, and must not hang on who was faster.
 */
export const copyFine = async (
  ledger: Workspace,
  { tenant, fine }: { readonly tenant: Tenant; readonly fine: FineId },
): Promise<void> => {
  const stream = fineStream(tenant, fine);
  const page = { stream, from: 0n, limit: READ_EVENTS_MAX };
  const { react } = standingReactor(ledger);
  for (const { text, position } of must(await ledger.store.readStream(page)(), fine)) {
    const event = parseEvent(text);
    must(await react({ event, fact: decodeFact(event), position }), fine);
  }
};
