import { z } from 'zod';
import { PartyKind } from '#domain/investors/partyEvents.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { ActorId, PartyId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * A party: what it is to us, the user that it is, null while none is known, and since when it is paid to the
 * account that it is paid to, null while none is known. `erasure` is null while nothing was erased.
 */
export const PartyRow = z.strictObject({
  party: PartyId,
  kind: PartyKind,
  user: ActorId.nullable(),
  accountSince: Instant.nullable(),
  registeredAt: Instant,
  erasure: z
    .strictObject({
      erased: z.array(PiiClass),
      held: z.array(z.strictObject({ class: PiiClass, until: Instant })),
    })
    .nullable(),
  ...lastEvent,
});
export type PartyRow = z.infer<typeof PartyRow>;

const keys = ({ fact }: ProjectedEvent): readonly string[] => {
  if (fact.type === 'SubjectErased') {
    return fact.data.subject.kind === 'party' ? [fact.data.subject.id] : [];
  }
  return 'party' in fact.data && fact.data.party !== null ? [fact.data.party] : [];
};

const accountSince = ({ fact }: ProjectedEvent): Instant | null =>
  fact.pii.some((entry) => entry.class === 'bank_account') ? fact.when.at : null;

const evolve = (row: PartyRow | null, event: ProjectedEvent): PartyRow | null => {
  const { fact } = event;
  if (fact.type === 'PartyRegistered') {
    return {
      ...fact.data,
      user: null,
      accountSince: accountSince(event),
      registeredAt: fact.when.at,
      erasure: null,
      ...after(event),
    };
  }
  if (row === null) return null;
  switch (fact.type) {
    case 'PartyBankAccountChanged':
      return { ...row, accountSince: accountSince(event), ...after(event) };
    case 'PartyUserLinked':
      return { ...row, user: fact.data.user, ...after(event) };
    case 'SubjectErased': {
      const erased = [...new Set([...(row.erasure?.erased ?? []), ...fact.data.erased])].sort();
      return { ...row, erasure: { erased, held: fact.data.held }, ...after(event) };
    }
    default:
      return row;
  }
};

/** Every party, by id. */
export const parties: Projection<PartyRow> = {
  name: 'parties',
  version: 1,
  row: PartyRow,
  handles: ['PartyRegistered', 'PartyBankAccountChanged', 'PartyUserLinked', 'SubjectErased'],
  keys,
  evolve,
  subject: (key) => SubjectKey.parse(`party:${key}`),
  columns: {
    kind: { path: ['kind'], type: 'text' },
    user: { path: ['user'], type: 'text' },
  },
  indexes: [['kind'], ['user']],
};
