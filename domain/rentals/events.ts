import { z } from 'zod';
import { Odometer_m, Reference } from '#domain/kernel/fields.ts';
import { DriverId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { assetKey, driverKey, parkKey, rentalKey, subjects } from '#domain/kernel/subjects.ts';

export const RentalEndReason = z.enum(['returned', 'recovered', 'breakdown', 'contract_ended']);
export const RentalVoidReason = z.enum(['recorded_in_error', 'wrong_driver', 'wrong_times']);

const party = { rental: RentalId, vehicle: VehicleId, driver: DriverId, park: ParkId };
/** What was agreed, by reference to the plan and the rate in the operator's price list. */
const agreement = { plan: Reference.nullable(), rate: Reference.nullable() };

type Party = z.infer<z.ZodObject<typeof party>>;
const concerned = ({ rental, vehicle, driver, park }: Party) =>
  subjects(assetKey(vehicle), driverKey(driver), rentalKey(rental), parkKey(park));

export const RentalStarted = eventType({
  type: 'RentalStarted',
  about: 'A driver took the vehicle.',
  data: z.strictObject({ ...party, ...agreement, odometer_m: Odometer_m.nullable() }),
  subjects: concerned,
});

export const RentalEnded = eventType({
  type: 'RentalEnded',
  about: 'The driver gave the vehicle back.',
  data: z.strictObject({ ...party, reason: RentalEndReason, odometer_m: Odometer_m.nullable() }),
  subjects: concerned,
});

export const RentalRecorded = eventType({
  type: 'RentalRecorded',
  about: 'A rental that was already over became known, with its beginning and its end.',
  data: z.strictObject({ ...party, ...agreement, endedAt: Instant }),
  subjects: concerned,
});

export const RentalVoided = eventType({
  type: 'RentalVoided',
  about: 'The rental that this event names never was; it is corrected from its beginning on.',
  data: z.strictObject({ ...party, reason: RentalVoidReason }),
  subjects: concerned,
});

export const rentalEvents = [RentalStarted, RentalEnded, RentalRecorded, RentalVoided] as const;
