import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { registerOf } from '#commands/investors/aggregates.ts';
import type { Unavailable } from '#commands/ports.ts';
import { issuedOn } from '#domain/investors/register.ts';
import { issuedAt } from '#domain/investors/shares.ts';
import type { HoldingId, PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type HoldingParts, ownHoldings } from './ownHoldings.ts';

/** What a party holds of an asset on a day, and how many shares of it there are. */
export interface Position {
  readonly vehicle: VehicleId;
  readonly holding: HoldingId;
  readonly shares: number;
  readonly issued: number;
}

/** What a party holds on a day, past or to come, by the ids of assets. */
export const portfolioOf =
  (parts: HoldingParts) =>
  async (
    tenant: Tenant,
    party: PartyId,
    date: LocalDate,
  ): Promise<Either<Unavailable, readonly Position[]>> => {
    const own = await ownHoldings(parts)(tenant, party);
    if (isLeft(own)) return own;
    const positions: Position[] = [];
    for (const { vehicle, holding, register } of own.right) {
      // Of a register with one's own entries alone, all that is issued is one's own.
      const shares = issuedOn(register, date);
      if (shares === 0) continue;
      const loaded = await parts.workspace.load(registerOf(tenant, vehicle));
      if (isLeft(loaded)) return loaded;
      positions.push({ vehicle, holding, shares, issued: issuedAt(loaded.right.state, date) });
    }
    return right(positions);
  };
