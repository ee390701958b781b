import { onAsset } from '#commands/assets/onAsset.ts';
import type { RunParts } from '#commands/runs/reckoner.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { type Ask, money, must } from './cast.ts';

const COST = 1_800_000;
const RESIDUAL = 300_000;
const LIFE_MONTHS = 60;

/**
 * Every vehicle came into the books when they begin, and is written off over five years; investors paid for
 * those that are theirs, by their numbers.
 */
export const acquire = async (
  { workspace }: Pick<RunParts, 'workspace'>,
  ask: Ask,
  vehicles: readonly VehicleId[],
  {
    owned,
    date,
    joined,
  }: {
    readonly owned: readonly number[];
    readonly date: LocalDate;
    readonly joined: Instant;
  },
): Promise<void> => {
  for (const [number, vehicle] of vehicles.entries()) {
    const isOwned = owned.includes(number);
    const bought = {
      date,
      cost: money(COST, number),
      funding: isOwned ? ('investors' as const) : ('bank' as const),
      depreciation: {
        ...{ method: 'straight_line' as const, life_months: LIFE_MONTHS },
        residual: money(RESIDUAL, number),
      },
    };
    const about = { vehicle, at: joined };
    const done = await onAsset(workspace)(ask({ ...bought, vehicle }), about, (of) => ({
      ...{ ...of, ...bought, type: 'AcquireVehicle' },
    }));
    must(done, vehicle);
  }
};
