import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { PiiDigest } from '#domain/kernel/event.ts';
import type { ActorId, Digest, PartyId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { type Fact, fact } from '#domain/kernel/registry.ts';
import {
  decideErasure,
  type ErasedData,
  type Erasure,
  erasureAfter,
} from '#domain/privacy/erasure.ts';
import type { SubjectErased } from '#domain/privacy/events.ts';
import {
  PartyBankAccountChanged,
  type PartyFileEvent,
  type PartyKind,
  PartyRegistered,
  PartyUserLinked,
} from './partyEvents.ts';

type Ask<Type extends string, Body = unknown> = Body & {
  readonly type: Type;
  readonly party: PartyId;
  readonly when: Moment;
};
type Pii = { readonly pii: readonly PiiDigest[] };

/** What one may ask of a party's file. `pii` are the digests of what was laid into the vault. */
export type PartyCommand =
  | Ask<'RegisterParty', Pii & { readonly kind: PartyKind }>
  | Ask<'ChangeBankAccount', Pii>
  | Ask<'LinkPartyUser', { readonly user: ActorId }>
  | Ask<'EraseParty', ErasedData>;

/** Why not: there is no such party, it was registered as something else, or its data has been erased. */
export type PartyRefusal =
  | { readonly code: 'PartyUnknown'; readonly party: PartyId }
  | { readonly code: 'PartyAlreadyRegistered'; readonly party: PartyId }
  | { readonly code: 'PartyErased'; readonly party: PartyId };

/**
 * A registered party. `account` are the digests of its bank account, `user` is null while nobody is linked.
 */
interface PartyFile {
  readonly phase: 'registered';
  readonly kind: PartyKind;
  readonly account: ReadonlySet<Digest>;
  readonly user: ActorId | null;
  readonly erasure: Erasure;
}

/** What is known of a party. */
export type PartyState = { readonly phase: 'unknown' } | PartyFile;

/** All that a party's stream holds. */
export type PartyEvent = PartyFileEvent | Fact<typeof SubjectErased>;

type Decision = Either<PartyRefusal, readonly PartyEvent[]>;
const nothing: Decision = right([]);

const decide = (command: PartyCommand, state: PartyState): Decision => {
  const { party, when } = command;
  if (command.type === 'RegisterParty') {
    const { kind, pii } = command;
    if (state.phase === 'unknown')
      return right([fact(PartyRegistered, when, { party, kind }, pii)]);
    return state.kind === kind ? nothing : left({ code: 'PartyAlreadyRegistered', party });
  }
  if (state.phase === 'unknown') return left({ code: 'PartyUnknown', party });
  switch (command.type) {
    case 'ChangeBankAccount': {
      const { pii } = command;
      if (pii.every(({ digest }) => state.account.has(digest))) return nothing;
      if (state.erasure) return left({ code: 'PartyErased', party });
      return right([fact(PartyBankAccountChanged, when, { party }, pii)]);
    }
    case 'LinkPartyUser': {
      const { user } = command;
      if (user === state.user) return nothing;
      if (state.erasure) return left({ code: 'PartyErased', party });
      return right([fact(PartyUserLinked, when, { party, user })]);
    }
    case 'EraseParty':
      return right(decideErasure({ kind: 'party', id: party }, command, state.erasure));
    default:
      return unreachable(command);
  }
};

const accountOf = ({ pii }: PartyEvent): ReadonlySet<Digest> =>
  new Set(pii.flatMap((entry) => (entry.class === 'bank_account' ? [entry.digest] : [])));

const evolve = (state: PartyState, event: PartyEvent): PartyState => {
  if (event.type === 'PartyRegistered') {
    const { kind } = event.data;
    return { phase: 'registered', kind, account: accountOf(event), user: null, erasure: null };
  }
  if (state.phase === 'unknown') return state;
  switch (event.type) {
    case 'PartyBankAccountChanged':
      return { ...state, account: accountOf(event) };
    case 'PartyUserLinked':
      return { ...state, user: event.data.user };
    case 'SubjectErased':
      return { ...state, erasure: erasureAfter(state.erasure, event) };
    default:
      return unreachable(event);
  }
};

/** One party, from registration to erasure: what it is to us, its bank account, and the user that it is. */
export const partyDecider: Decider<PartyCommand, PartyEvent, PartyState, PartyRefusal> = {
  initial: { phase: 'unknown' },
  decide,
  evolve,
};
