import type { z } from 'zod';
import { DriverId, ParkId, RentalId, VehicleId } from './ids.ts';
import { assetKey, driverKey, parkKey, rentalKey, type SubjectKey, subjects } from './subjects.ts';

const attribution = { driver: DriverId.nullable(), rental: RentalId.nullable() };

/**
 * At whose door something is laid that happened to a vehicle: whoever had it at that moment, by the rental
 * that covered it; both null where nobody had it.
 */
export type Attribution = Readonly<z.infer<z.ZodObject<typeof attribution>>>;

/** Whether two attributions lay something at the same door. */
export const isSameAttribution = (one: Attribution, other: Attribution): boolean =>
  one.driver === other.driver && one.rental === other.rental;

/** What events say of everything that is attributed: the vehicle, the park it lay in, and who had it. */
export const attributed = { vehicle: VehicleId, park: ParkId, ...attribution };

/** The keys of what is attributed, `own` being that of the thing itself. */
export const attributedKeys = (
  own: SubjectKey,
  { vehicle, park, driver, rental }: z.infer<z.ZodObject<typeof attributed>>,
): SubjectKey[] =>
  subjects(
    assetKey(vehicle),
    own,
    parkKey(park),
    driver && driverKey(driver),
    rental && rentalKey(rental),
  );
