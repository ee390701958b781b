import { z } from 'zod';
import { ActorId, PartyId } from '#domain/kernel/ids.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { partyKey, subjects, userKey } from '#domain/kernel/subjects.ts';

/** What a party is to us. Whoever is several things is several parties. */
export const PartyKind = z.enum(['investor', 'operator', 'supplier']);
export type PartyKind = z.infer<typeof PartyKind>;

export const PartyRegistered = eventType({
  type: 'PartyRegistered',
  about:
    'Somebody who owns a part, or is owed, became known. Name, contact and bank account lie in the vault.',
  data: z.strictObject({ party: PartyId, kind: PartyKind }),
  subjects: ({ party }) => subjects(partyKey(party)),
});

export const PartyBankAccountChanged = eventType({
  type: 'PartyBankAccountChanged',
  about: 'The party is paid to another account from now on; it lies in the vault.',
  data: z.strictObject({ party: PartyId }),
  subjects: ({ party }) => subjects(partyKey(party)),
});

export const PartyUserLinked = eventType({
  type: 'PartyUserLinked',
  about: 'The user is this party, and may see what is theirs. A user linked before is so no more.',
  data: z.strictObject({ party: PartyId, user: ActorId }),
  subjects: ({ party, user }) => subjects(partyKey(party), userKey(user)),
});

export const partyEvents = [PartyRegistered, PartyBankAccountChanged, PartyUserLinked] as const;
export type PartyFileEvent = Fact<(typeof partyEvents)[number]>;
