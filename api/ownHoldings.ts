import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { HolderEntry, type Register } from '#domain/investors/register.ts';
import type { Digest, HoldingId, PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { holdings } from '#projections/holdings.ts';
import type { Readings } from './reading.ts';

/** A holding of a party: of which asset, and its own part of the register, change by change. */
export interface OwnHolding {
  readonly vehicle: VehicleId;
  readonly holding: HoldingId;
  readonly register: Register;
}

/** What opens holdings: the register's openings, and the read model of what the log names. */
export type HoldingParts = RegisterParts & { readonly readings: Pick<Readings, 'row'> };

/** The sealed changes of a party's, by its holdings and their digests. */
const changesOf = (
  entries: ReadonlyMap<Digest, unknown>,
): ReadonlyMap<HoldingId, ReadonlyMap<Digest, HolderEntry>> => {
  const changes = new Map<HoldingId, Map<Digest, HolderEntry>>();
  for (const [digest, said] of entries) {
    const entry = HolderEntry.safeParse(said);
    if (!entry.success) continue;
    const { holding } = entry.data;
    const known = changes.get(holding) ?? new Map<Digest, HolderEntry>();
    changes.set(holding, known.set(digest, entry.data));
  }
  return changes;
};

/**
 * The holdings that a party has or had, by the ids of assets. The openings say which are theirs; only what
 * the log names of them counts.
 */
export const ownHoldings =
  ({ openings, readings }: Pick<HoldingParts, 'openings' | 'readings'>) =>
  async (tenant: Tenant, party: PartyId): Promise<Either<Unavailable, readonly OwnHolding[]>> => {
    const found = await openings.ofParty(tenant, party)();
    if (isLeft(found)) return found;
    const own: OwnHolding[] = [];
    for (const [holding, changes] of changesOf(found.right)) {
      const row = await readings.row(holdings, { tenant, key: holding });
      if (row === null) continue;
      const register = row.changes.flatMap(({ effectiveFrom, digest }) => {
        const entry = changes.get(digest);
        return entry ? [{ effectiveFrom, entries: [entry] }] : [];
      });
      own.push({ vehicle: row.vehicle, holding, register });
    }
    return right(own.sort((one, other) => (one.vehicle < other.vehicle ? -1 : 1)));
  };
