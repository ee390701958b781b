import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { partyOf } from '#commands/investors/aggregates.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { PartyRefusal } from '#domain/investors/party.ts';
import type { PartyId } from '#domain/kernel/ids.ts';
import { callerOf, isUnbound } from './caller.ts';

/**
 * Whether whoever asks may look at what is a party's: the user that the party is, and whoever is let in as
 * anything but an investor and is bound to no parks. Nobody else learns that there is such a party.
 */
export const mayLookAtParty =
  ({ load }: Workspace) =>
  async (
    request: FastifyRequest,
    party: PartyId,
  ): Promise<Either<PartyRefusal | Unavailable, null>> => {
    const caller = callerOf(request);
    const loaded = await load(partyOf(caller.tenant, party));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    const isOwn = state.phase === 'registered' && state.user === caller.actor;
    const may = isOwn || (caller.role !== 'investor' && isUnbound(caller));
    const isShown = state.phase === 'registered' && may;
    return isShown ? right(null) : left({ code: 'PartyUnknown', party });
  };
