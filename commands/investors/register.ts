import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import type { Loaded } from '#commands/load.ts';
import type { Openings, SealedEntry, Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import { HolderEntry, type Register } from '#domain/investors/register.ts';
import type { SharesState } from '#domain/investors/shares.ts';
import {
  type Digest,
  HoldingId,
  type PartyId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { registerOf } from './aggregates.ts';

/** What whoever looks into share registers works with. */
export interface RegisterParts {
  readonly workspace: Workspace;
  readonly openings: Openings;
}

/** A share register with its openings, and the stream it was read from. */
export interface OpenRegister {
  readonly register: Register;
  readonly loaded: Loaded<SharesState>;
}

/**
 * The share register that sealed changes make with their openings. Throws where an opening is missing that
 * an event names: corruption.
 */
export const openedRegister = (
  changes: SharesState['changes'],
  openings: ReadonlyMap<Digest, SealedEntry['entry']>,
): Register =>
  changes.map(({ effectiveFrom, sealed }) => ({
    effectiveFrom,
    entries: sealed.map((digest) => {
      const entry = openings.get(digest);
      if (!entry) throw new Error(`the opening ${digest} is missing`);
      return HolderEntry.parse(entry);
    }),
  }));

/** The share register of an asset, opened. */
export const openRegister =
  ({ workspace, openings }: RegisterParts) =>
  async (tenant: Tenant, vehicle: VehicleId): Promise<Either<Unavailable, OpenRegister>> => {
    const loaded = await workspace.load(registerOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const { changes } = loaded.right.state;
    const found = await openings.read(
      tenant,
      changes.flatMap(({ sealed }) => sealed),
    )();
    if (isLeft(found)) return found;
    return right({ register: openedRegister(changes, found.right), loaded: loaded.right });
  };

/**
 * The id under which a party holds shares of an asset, in the log and in runs. It follows from the secret key
 * of claims, so that two commands at once give a new holder one id, and nobody without the key can go from a
 * party to its holdings, or tell that two of them are of one party.
 */
export const holdingOf =
  ({ claimHash }: Pick<Workspace, 'claimHash'>) =>
  (tenant: Tenant, vehicle: VehicleId, party: PartyId): HoldingId => {
    const value = `${tenant}/${vehicle}/${party}`;
    return HoldingId.parse(deriveUuid('holding', claimHash.of({ kind: 'holding', value })));
  };
