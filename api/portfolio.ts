import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { registerOf } from '#commands/investors/aggregates.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import { HolderEntry } from '#domain/investors/register.ts';
import { issuedAt } from '#domain/investors/shares.ts';
import type { Digest, HoldingId, PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { holdings } from '#projections/holdings.ts';
import type { Readings } from './reading.ts';

/** What a party holds of an asset on a day, and how many shares of it there are. */
export interface Position {
  readonly vehicle: VehicleId;
  readonly holding: HoldingId;
  readonly shares: number;
  readonly issued: number;
}

/** By how many shares each sealed change of a party's changed each of its holdings. */
const changesOf = (
  entries: ReadonlyMap<Digest, unknown>,
): ReadonlyMap<HoldingId, ReadonlyMap<Digest, number>> => {
  const changes = new Map<HoldingId, Map<Digest, number>>();
  for (const [digest, said] of entries) {
    const entry = HolderEntry.safeParse(said);
    if (!entry.success) continue;
    const { holding, shares } = entry.data;
    const known = changes.get(holding) ?? new Map<Digest, number>();
    changes.set(holding, known.set(digest, shares));
  }
  return changes;
};

/**
 * What a party holds on a day, past or to come, by the ids of assets. The openings say which holdings are
 * theirs; only what the log names of them counts.
 */
export const portfolioOf =
  ({ workspace, openings, readings }: RegisterParts & { readonly readings: Readings }) =>
  async (
    tenant: Tenant,
    party: PartyId,
    date: LocalDate,
  ): Promise<Either<Unavailable, readonly Position[]>> => {
    const found = await openings.ofParty(tenant, party)();
    if (isLeft(found)) return found;
    const positions: Position[] = [];
    for (const [holding, changes] of changesOf(found.right)) {
      const row = await readings.row(holdings, { tenant, key: holding });
      const inForce = row?.changes.filter(({ effectiveFrom }) => effectiveFrom <= date) ?? [];
      const shares = inForce.reduce((sum, { digest }) => sum + (changes.get(digest) ?? 0), 0);
      if (row === null || shares === 0) continue;
      const loaded = await workspace.load(registerOf(tenant, row.vehicle));
      if (isLeft(loaded)) return loaded;
      const issued = issuedAt(loaded.right.state, date);
      positions.push({ vehicle: row.vehicle, holding, shares, issued });
    }
    return right(positions.sort((one, other) => (one.vehicle < other.vehicle ? -1 : 1)));
  };
