import { isLeft } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import { writeOps } from '#commands/opsLog.ts';
import type { EventStore } from '#commands/ports.ts';
import { CommandId } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ReadModelSwitched } from '#domain/ops/events.ts';
import type { Switched } from '#projections/switchTable.ts';

/** Tells the log that readers were switched to a rebuilt table; false while the log is away. */
export const announceSwitch =
  (store: EventStore, now: () => Instant, zone: Zone) =>
  async (switched: Switched): Promise<boolean> => {
    const { readModel, version, generation, digest } = switched;
    const step = [readModel, version, generation, digest].map(String);
    const command = CommandId.parse(deriveUuid('read-model-switched', ...step));
    const data = { readModel, version, generation, digest };
    const told = await writeOps(store)(
      command,
      fact(ReadModelSwitched, momentOf(now(), zone), data),
    );
    return !isLeft(told);
  };
