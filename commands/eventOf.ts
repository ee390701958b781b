import { type LedgerFact, ledgerEvents } from '#domain/events.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import { eventIdOf } from './identity.ts';
import type { Origin } from './origin.ts';

/** A fact as the event that is stored: the one of that `index` among those of its command. */
export const eventOf = (
  { tenant, actor, command, content, correlationId, causationId }: Origin,
  stream: StreamName,
  fact: LedgerFact,
  index: number,
): LedgerEvent => {
  const type = ledgerEvents.get(fact.type);
  if (!type) throw new Error(`${fact.type} is in no registry`);
  return {
    id: eventIdOf(command, index),
    type: fact.type,
    schema: type.schema,
    tenant,
    stream,
    occurredAt: fact.when.at,
    zone: fact.when.zone,
    localDate: fact.when.localDate,
    actor,
    commandId: command,
    contentHash: content,
    correlationId,
    causationId,
    keys: [...type.subjects(fact.data)],
    data: type.data.parse(fact.data),
    pii: [...fact.pii],
    sealed: [...fact.sealed],
  };
};
