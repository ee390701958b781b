import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { chargeRental } from '#commands/driverAccounts/chargeRental.ts';
import type { Workspace } from '#commands/workspace.ts';
import { type RentalId, vehicleOf as vehicleIn } from '#domain/kernel/ids.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'charging';
/** How many rentals a trip may have gone from or to: an amendment does not say which it was taken from. */
const RENTALS_OF_TRIP = 2;

/** The rentals that began last before the moment of a fact about a trip, with the one that the fact names. */
const rentalsAround = (vehicle: Vehicle, { fact }: Stimulus): readonly RentalId[] => {
  const begun = [...vehicle.rentals.values()]
    .filter(({ voided, from }) => !voided && from <= fact.when.at)
    .sort((one, other) => (one.from < other.from ? 1 : -1))
    .slice(0, RENTALS_OF_TRIP)
    .map(({ rental }) => rental);
  const named = 'rental' in fact.data ? fact.data.rental : null;
  return [...new Set(named === null ? begun : [named, ...begun])];
};

/** The rentals of which an event may change what they make their driver owe. */
const touchedBy = async (
  { load }: Workspace,
  stimulus: Stimulus,
): Promise<Either<{ readonly code: string }, readonly RentalId[]>> => {
  const { fact, event } = stimulus;
  switch (fact.type) {
    case 'RentalStarted':
    case 'RentalEnded':
    case 'RentalRecorded':
    case 'RentalVoided':
      return right([fact.data.rental]);
    case 'TripEnded':
    case 'TripRecorded':
      return right(fact.data.rental === null ? [] : [fact.data.rental]);
    case 'TripAmended':
    case 'TripVoided': {
      const loaded = await load(vehicleOf(event.tenant, vehicleIn(fact.data.trip)));
      if (isLeft(loaded)) return loaded;
      const { vehicle } = loaded.right.state;
      return right(vehicle === null ? [] : rentalsAround(vehicle, stimulus));
    }
    default:
      return right([]);
  }
};

/**
 * Charges a rental when it begins, and puts its charges right when it ends, turns out to have been otherwise,
 * or when its trips do. What falls due because time passes is no event: `chargeOpenRentals` sees to it.
 */
export const chargingReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: [
    'RentalStarted',
    'RentalEnded',
    'RentalRecorded',
    'RentalVoided',
    'TripEnded',
    'TripRecorded',
    'TripAmended',
    'TripVoided',
  ],
  react: async (stimulus) => {
    const touched = await touchedBy(workspace, stimulus);
    if (isLeft(touched)) return touched;
    const until = workspace.now();
    for (const rental of touched.right) {
      const request = reactionTo(stimulus, NAME, rental);
      const basis = stimulus.event.id;
      const charged = await chargeRental(workspace)(request, { rental, until, basis });
      if (isLeft(charged)) return charged;
    }
    return right(null);
  },
});
