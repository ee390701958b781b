import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { userOf } from '#commands/aggregate.ts';
import { deriveUuid } from '#commands/identity.ts';
import { keepPersonal } from '#commands/keepPersonal.ts';
import { momentOf } from '#commands/localDate.ts';
import type { PersonalEntry, Unavailable, VaultMismatch } from '#commands/ports.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { PartyCommand, PartyRefusal } from '#domain/investors/party.ts';
import type { PartyKind } from '#domain/investors/partyEvents.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import { type ActorId, PartyId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { partyOf } from './aggregates.ts';

type Data = PersonalEntry['data'];

/**
 * Personal data as the caller gave it; it goes into the vault and nowhere else. Null: no account is known.
 */
export interface PartyDetails {
  readonly identity: Data;
  readonly contact: Data;
  readonly account: Data | null;
}

/** Why a party, or something about it, may be refused. */
export type PartyFailure =
  | PartyRefusal
  | VaultMismatch
  | { readonly code: 'UserUnknown'; readonly user: ActorId };

const accountEntry = (subject: PartyId, data: Data): PersonalEntry => ({
  subject,
  class: 'bank_account',
  data,
});

const entriesOf = (
  subject: PartyId,
  { identity, contact, account }: PartyDetails,
): readonly PersonalEntry[] => [
  { subject, class: 'identity', data: identity },
  { subject, class: 'contact', data: contact },
  ...(account === null ? [] : [accountEntry(subject, account)]),
];

/** Makes a party known. It belongs to no park, so its times are told in the zone of the platform. */
export const registerParty =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly kind: PartyKind; readonly details: PartyDetails; readonly at: Instant },
  ): Outcome<PartyId, PartyFailure> => {
    const { origin } = request;
    const { kind, details, at } = asked;
    const party = PartyId.parse(deriveUuid('party', origin.command));
    const pii = await keepPersonal(workspace)(request, entriesOf(party, details));
    if (isLeft(pii)) return pii;
    const when = momentOf(at, workspace.platformZone);
    return submitAs(workspace)(party, {
      origin,
      aggregate: partyOf(origin.tenant, party),
      command: { type: 'RegisterParty', party, kind, pii: pii.right, when },
      authorize: everywhere,
    })();
  };

/** Submits a command about a party. Whether the caller may is asked before. */
export const onParty =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    { party, at }: { readonly party: PartyId; readonly at: Instant },
    build: (when: Moment) => PartyCommand,
  ): Outcome<PartyId, PartyRefusal> =>
    submitAs(workspace)(party, {
      origin,
      aggregate: partyOf(origin.tenant, party),
      command: build(momentOf(at, workspace.platformZone)),
      authorize: everywhere,
    })();

/**
 * What lies in the vault is read even if no event ever names it, so this is asked before anything is kept.
 */
const mayKeep =
  ({ load }: Workspace) =>
  async (
    { origin }: Request,
    party: PartyId,
  ): Promise<Either<PartyRefusal | Unavailable, null>> => {
    const loaded = await load(partyOf(origin.tenant, party));
    if (isLeft(loaded)) return loaded;
    const { state, commands } = loaded.right;
    if (state.phase === 'unknown') return left({ code: 'PartyUnknown', party });
    if (holds(commands, origin.command) || !state.erasure) return right(null);
    return left({ code: 'PartyErased', party });
  };

/** Lays another bank account of a party into the vault. */
export const changeBankAccount =
  (workspace: Workspace) =>
  async (
    request: Request,
    {
      party,
      account,
      at,
    }: { readonly party: PartyId; readonly account: Data; readonly at: Instant },
  ): Outcome<PartyId, PartyFailure> => {
    const may = await mayKeep(workspace)(request, party);
    if (isLeft(may)) return may;
    const pii = await keepPersonal(workspace)(request, [accountEntry(party, account)]);
    if (isLeft(pii)) return pii;
    return onParty(workspace)(request, { party, at }, (when) => ({
      type: 'ChangeBankAccount',
      party,
      pii: pii.right,
      when,
    }));
  };

/**
 * Says which user a party is. Only somebody who has come with a token before can be told from a typing error.
 */
export const linkPartyUser =
  (workspace: Workspace) =>
  async (
    request: Request,
    { party, user, at }: { readonly party: PartyId; readonly user: ActorId; readonly at: Instant },
  ): Outcome<PartyId, PartyFailure> => {
    const known = await workspace.load(userOf(request.origin.tenant, user));
    if (isLeft(known)) return known;
    if (known.right.state.seen.length === 0) return left({ code: 'UserUnknown', user });
    return onParty(workspace)(request, { party, at }, (when) => ({
      type: 'LinkPartyUser',
      party,
      user,
      when,
    }));
  };
