import type { DriverId, RentalId } from '#domain/kernel/ids.ts';
import { covers, type Instant } from '#domain/kernel/instant.ts';
import { asRecorded, type Held, type HeldOf, type History, saying } from './held.ts';
import { type Finding, finding } from './reason.ts';

/** Whether a vehicle is to be handed to a driver, or the driver is to drive what they should have already. */
export type Purpose = 'rental' | 'drive';

const isBegun = saying('RentalStarted', 'RentalRecorded');
const isEnded = saying('RentalEnded');
const isVoided = saying('RentalVoided');

/** A rental by all that is known of it: when it ran, and the events that began and ended it. */
interface KnownRental {
  readonly rental: RentalId;
  readonly driver: DriverId;
  readonly from: Instant;
  readonly to: Instant | null;
  readonly voided: boolean;
  readonly began: Held;
  readonly last: Held;
}

const begin = (held: HeldOf<'RentalStarted' | 'RentalRecorded'>): KnownRental => {
  const { type, when, data } = held.fact;
  const { rental, driver } = data;
  const to = type === 'RentalRecorded' ? data.endedAt : null;
  return { rental, driver, from: when.at, to, voided: false, began: held, last: held };
};

/** Every rental of a vehicle, by all that is known: what was struck out never was. */
const knownRentals = (vehicle: History): readonly KnownRental[] => {
  const rentals = new Map<RentalId, KnownRental>();
  for (const held of asRecorded(vehicle)) {
    if (isBegun(held)) rentals.set(held.fact.data.rental, begin(held));
    if (!isEnded(held) && !isVoided(held)) continue;
    const known = rentals.get(held.fact.data.rental);
    if (!known) continue;
    const change = isEnded(held) ? { to: held.fact.when.at } : { voided: true };
    rentals.set(known.rental, { ...known, ...change, last: held });
  }
  return [...rentals.values()];
};

/** The rental that covers a moment; null where nobody has the vehicle. */
export const rentalAt = (vehicle: History, at: Instant): KnownRental | null =>
  knownRentals(vehicle).find((rental) => !rental.voided && covers(rental, at)) ?? null;

/** What speaks against a driver in who has the vehicle. To whom it is handed need not have it yet. */
export const custodyFindings = (
  vehicle: History,
  { driver, at, purpose }: { driver: DriverId; at: Instant; purpose: Purpose },
): readonly Finding[] => {
  const current = rentalAt(vehicle, at);
  if (current !== null && current.driver !== driver) {
    return [finding('rented_by_another', [current.began], { until: current.to })];
  }
  if (current !== null || purpose === 'rental') return [];
  const before = knownRentals(vehicle).filter(
    (rental) => rental.driver === driver && rental.from <= at,
  );
  const last = before.at(-1);
  return [finding('rental_missing', last ? [last.last] : [], { since: last?.to ?? null })];
};
