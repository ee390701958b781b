import type { ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Page } from '#projections/query.ts';
import { type VehicleRow, vehicles } from '#projections/vehicles.ts';
import { type Caller, mayActIn } from './caller.ts';
import type { Readings } from './reading.ts';

const PAGE_ROWS = 1_000;
const PAGES_MAX = 100;

/** What somebody wants to see of vehicles: those of a park, a single one, or all that are theirs to see. */
export interface WantedVehicles {
  readonly park: ParkId | null;
  readonly vehicle: VehicleId | null;
}

/**
 * The vehicles that a caller wants and may see, a hundred thousand at most; null: every vehicle of the
 * tenant. A vehicle lies where it lies now.
 */
export const vehicleScope =
  ({ row, page }: Pick<Readings, 'row' | 'page'>) =>
  async (caller: Caller, wanted: WantedVehicles): Promise<ReadonlySet<VehicleId> | null> => {
    const { tenant, parks } = caller;
    const isTheirs = (park: ParkId): boolean =>
      mayActIn(caller)(park) && (wanted.park === null || wanted.park === park);
    if (wanted.vehicle !== null) {
      const found = await row(vehicles, { tenant, key: wanted.vehicle });
      return new Set(found && isTheirs(found.park) ? [found.vehicle] : []);
    }
    if (parks === '*' && wanted.park === null) return null;
    const [single] = wanted.park === null && parks !== '*' && parks.size === 1 ? parks : [];
    const park = wanted.park ?? single;
    const filters = park === undefined ? [] : [{ column: 'park', is: park }];
    const found = new Set<VehicleId>();
    let cursor: string | null = null;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const asked = { tenant, filters, order: null, cursor, limit: PAGE_ROWS };
      const read: Page<VehicleRow> = await page(vehicles, asked);
      for (const each of read.rows) if (isTheirs(each.row.park)) found.add(each.row.vehicle);
      cursor = read.next;
      if (cursor === null) break;
    }
    return found;
  };
