import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { eventIdOf } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Origin } from '#commands/origin.ts';
import type { Unavailable } from '#commands/ports.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { PartyRefusal } from '#domain/investors/party.ts';
import { planChange, type RegisterRefusal } from '#domain/investors/register.ts';
import type { TokenReference } from '#domain/investors/registerEvents.ts';
import type { SharesRefusal } from '#domain/investors/shares.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import { heldAt } from '#domain/kernel/growingMap.ts';
import { Digest, type PartyId, type Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Moment } from '#domain/kernel/instant.ts';
import { partyOf, registerOf } from './aggregates.ts';
import { holdingOf, openRegister, type RegisterParts } from './register.ts';

const DECIDE_ATTEMPTS_MAX = 20;

/** So many shares of somebody, or for somebody. */
export interface SharesOfParty {
  readonly party: PartyId;
  readonly shares: number;
}

/** Whose shares are to become whose. */
export type SharesOf =
  | { readonly kind: 'issue'; readonly to: readonly SharesOfParty[] }
  | {
      readonly kind: 'transfer';
      readonly from: PartyId;
      readonly to: PartyId;
      readonly shares: number;
    }
  | { readonly kind: 'redeem'; readonly from: readonly SharesOfParty[] };

/** A change of a share register, from the first moment of a local day of the asset's park on. */
export interface ShareChange {
  readonly vehicle: VehicleId;
  readonly of: SharesOf;
  readonly effectiveFrom: LocalDate;
  readonly token: TokenReference | null;
  readonly at: Instant;
}

/** Why a change of a share register may be refused. */
export type ShareFailure =
  | RegisterRefusal
  | PartyRefusal
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId };

/**
 * The request as it is remembered. Its content tells who holds what, so its digest is taken with a key: an
 * event shows it, and a bare one could be found by trying all parties and numbers.
 */
const sealedOrigin = (
  { claimHash }: Pick<Workspace, 'claimHash'>,
  origin: Origin,
  { of, effectiveFrom, token }: ShareChange,
): Origin => {
  const value = canonicalJson([origin.content, of, effectiveFrom, token]);
  return { ...origin, content: Digest.parse(claimHash.of({ kind: 'share-change', value })) };
};

/** By how many shares each party is to have more, below zero where less. */
const changesOf = (of: SharesOf): readonly SharesOfParty[] => {
  switch (of.kind) {
    case 'issue':
      return of.to;
    case 'transfer':
      return [
        { party: of.from, shares: -of.shares },
        { party: of.to, shares: of.shares },
      ];
    case 'redeem':
      return of.from.map(({ party, shares }) => ({ party, shares: -shares }));
    default:
      return unreachable(of);
  }
};

/** Whether all parties are there; whoever gets shares must not have been erased. */
const areParties =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (
    tenant: Tenant,
    changes: readonly SharesOfParty[],
  ): Promise<Either<PartyRefusal | Unavailable, null>> => {
    for (const { party, shares } of changes) {
      const loaded = await load(partyOf(tenant, party));
      if (isLeft(loaded)) return loaded;
      const { state } = loaded.right;
      if (state.phase === 'unknown') return left({ code: 'PartyUnknown', party });
      if (shares > 0 && state.erasure) return left({ code: 'PartyErased', party });
    }
    return right(null);
  };

/**
 * Decides on what the register holds by now, keeps the entries, and writes the change unless it has moved on.
 */
const decideOnce =
  (parts: RegisterParts) =>
  async (
    origin: Origin,
    asked: ShareChange,
    when: Moment,
  ): Outcome<VehicleId, ShareFailure | SharesRefusal> => {
    const { workspace, openings } = parts;
    const { tenant, command } = origin;
    const { vehicle, of, effectiveFrom, token } = asked;
    const opened = await openRegister(parts)(tenant, vehicle);
    if (isLeft(opened)) return opened;
    const { register, loaded } = opened.right;
    const before = heldAt(loaded.commands, command);
    // A request that comes again is answered as it was then, whatever the register says by now.
    if (before) {
      return before.contentHash === origin.content
        ? right({ ...before, events: [], id: vehicle })
        : left({ code: 'IdempotencyKeyReused' });
    }
    const changes = changesOf(of);
    const parties = await areParties(workspace)(tenant, changes);
    if (isLeft(parties)) return parties;
    const holding = holdingOf(workspace);
    const wished = changes.map((each) => ({
      ...each,
      holding: holding(tenant, vehicle, each.party),
    }));
    const planned = planChange(register, wished, effectiveFrom);
    if (isLeft(planned)) return planned;
    const { entries, issued } = planned.right;
    const event = eventIdOf(command, 0);
    const sealed = entries.map((entry) => ({ event, entry: { ...entry } }));
    const kept = await openings.keep(tenant, sealed)();
    if (isLeft(kept)) return kept;
    return submitAs(workspace)(vehicle, {
      origin,
      aggregate: registerOf(tenant, vehicle),
      command: {
        type: 'RecordShares',
        kind: of.kind,
        vehicle,
        effectiveFrom,
        shares: Math.abs(changes.reduce((sum, { shares }) => sum + shares, 0)),
        issued,
        holdings: entries.map((entry) => entry.holding),
        sealed: kept.right,
        token,
        seen: register.length,
        when,
      },
      authorize: everywhere,
    })();
  };

/**
 * Issues, transfers or redeems shares of an asset of the caller's. Who holds what is nobody else's business:
 * the log learns only how many shares there are. It is decided on what the register holds; where that has
 * moved on before the change is written, it is decided again.
 */
export const changeShares =
  (parts: RegisterParts) =>
  async (request: Request, asked: ShareChange): Outcome<VehicleId, ShareFailure> => {
    const { workspace } = parts;
    const { tenant } = request.origin;
    const { vehicle, at } = asked;
    const loaded = await workspace.load(vehicleOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const origin = sealedOrigin(workspace, request.origin, asked);
    const when = momentOf(at, known.zone);
    for (let attempt = 0; attempt < DECIDE_ATTEMPTS_MAX; attempt += 1) {
      const outcome = await decideOnce(parts)(origin, asked, when);
      if (!isLeft(outcome)) return outcome;
      const { left: refused } = outcome;
      if (refused.code !== 'RegisterMovedOn') return left(refused);
    }
    return left({ code: 'TooManyConflicts' });
  };
