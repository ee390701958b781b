import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { Digest, HoldingId, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type RegisterEvent,
  SharesIssued,
  SharesRedeemed,
  SharesTransferred,
  type TokenReference,
} from './registerEvents.ts';

/**
 * Writes a change of the share register. Only the openings tell who holds what, so it has been decided upon
 * before; `seen` is how many changes the decision rests on. `shares` is how many are issued or redeemed,
 * `issued` how many there then are; `sealed` are the digests of the entries, in the order of `holdings`.
 */
export interface RecordShares {
  readonly type: 'RecordShares';
  readonly kind: 'issue' | 'transfer' | 'redeem';
  readonly vehicle: VehicleId;
  readonly effectiveFrom: LocalDate;
  readonly shares: number;
  readonly issued: number;
  readonly holdings: readonly HoldingId[];
  readonly sealed: readonly Digest[];
  readonly token: TokenReference | null;
  readonly seen: number;
  readonly when: Moment;
}

/** There have been other changes since: it has to be decided again what may be. */
export type SharesRefusal = { readonly code: 'RegisterMovedOn'; readonly changes: number };

/**
 * A change as everybody may know it: `issued` is by how many shares there are more, below zero where less.
 */
interface SealedChange {
  readonly effectiveFrom: LocalDate;
  readonly issued: number;
  readonly sealed: readonly Digest[];
}

/** The changes of a register, in the order in which they became known. */
export interface SharesState {
  readonly changes: readonly SealedChange[];
}

/** How many shares there are on a day. */
export const issuedAt = ({ changes }: SharesState, date: LocalDate): number =>
  changes.reduce(
    (sum, { effectiveFrom, issued }) => (effectiveFrom > date ? sum : sum + issued),
    0,
  );

type Decision = Either<SharesRefusal, readonly RegisterEvent[]>;

const eventOf = (command: RecordShares): RegisterEvent => {
  const { kind, vehicle, effectiveFrom, issued, token, shares, when } = command;
  const holdings = [...command.holdings];
  const change = { vehicle, effectiveFrom, holdings, issued, token };
  switch (kind) {
    case 'issue':
      return fact(SharesIssued, when, { ...change, shares });
    case 'transfer':
      return fact(SharesTransferred, when, change);
    case 'redeem':
      return fact(SharesRedeemed, when, { ...change, shares });
    default:
      return unreachable(kind);
  }
};

const decide = (command: RecordShares, { changes }: SharesState): Decision => {
  const { seen, sealed } = command;
  const before = changes[seen]?.sealed;
  if (before?.every((digest, index) => digest === sealed[index])) return right([]);
  if (seen !== changes.length) return left({ code: 'RegisterMovedOn', changes: changes.length });
  return right([{ ...eventOf(command), sealed }]);
};

const issuedBy = (event: RegisterEvent): number => {
  switch (event.type) {
    case 'SharesIssued':
      return event.data.shares;
    case 'SharesTransferred':
      return 0;
    case 'SharesRedeemed':
      return -event.data.shares;
    default:
      return unreachable(event);
  }
};

const evolve = ({ changes }: SharesState, event: RegisterEvent): SharesState => {
  const { effectiveFrom } = event.data;
  return {
    changes: [...changes, { effectiveFrom, issued: issuedBy(event), sealed: event.sealed }],
  };
};

/** The share register of one asset, as far as everybody may know it. */
export const sharesDecider: Decider<RecordShares, RegisterEvent, SharesState, SharesRefusal> = {
  initial: { changes: [] },
  decide,
  evolve,
};
