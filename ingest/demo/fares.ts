import { vehicleOf } from '#commands/aggregate.ts';
import { creditFare } from '#commands/driverAccounts/fares.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import type { RunParts } from '#commands/runs/reckoner.ts';
import { type Period, periodOf } from '#domain/finance/period.ts';
import {
  type ParkId,
  type RentalId,
  type Tenant,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import { Money } from '#domain/kernel/money.ts';
import { type Ask, must } from './cast.ts';

/** What passengers pay in a rental. */
const FARE = Money.parse({ amount: '25000', currency: 'EUR' });

/** In one park passengers pay by an application in every rental of some months; a part is the driver's. */
export const payFares = async (
  { workspace, tenant }: Pick<RunParts, 'workspace'> & { readonly tenant: Tenant },
  ask: Ask,
  {
    rentals,
    park,
    months,
  }: {
    readonly rentals: readonly RentalId[];
    readonly park: ParkId;
    readonly months: readonly Period[];
  },
): Promise<void> => {
  for (const rental of rentals) {
    const loaded = must(await workspace.load(vehicleOf(tenant, vehicleIn(rental))), rental);
    const held = loaded.state.vehicle?.rentals.get(rental);
    if (held?.park !== park) continue;
    const { driver, from, zone } = held;
    if (!months.includes(periodOf(momentOf(from, zone).localDate))) continue;
    const transaction = deriveUuid('demo-fare', rental);
    const asked = { driver, rental, at: from, amount: FARE, transaction };
    must(await creditFare(workspace)(ask(asked), asked), rental);
  }
};
