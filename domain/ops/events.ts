import { z } from 'zod';
import { Digest, EventId } from '#domain/kernel/ids.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { SubjectKey, subjects } from '#domain/kernel/subjects.ts';

const ReadModel = z.string().regex(/^[a-z][a-z0-9_]{0,47}$/);
const ledgerKey = SubjectKey.parse('ledger:platform');

export const ReadModelSwitched = eventType({
  type: 'ReadModelSwitched',
  about: 'Readers of a read model were switched to a table rebuilt from the log.',
  data: z.strictObject({
    readModel: ReadModel,
    version: z.int().min(1),
    generation: z.int().min(1),
    digest: Digest,
  }),
  subjects: () => subjects(ledgerKey),
});

export const PoisonSkipped = eventType({
  type: 'PoisonSkipped',
  about: 'An operator had a read model pass over an event that it could not digest.',
  data: z.strictObject({ readModel: ReadModel, event: EventId, rowKey: z.string().max(200) }),
  subjects: () => subjects(ledgerKey),
});

export const opsEvents = [ReadModelSwitched, PoisonSkipped] as const;
