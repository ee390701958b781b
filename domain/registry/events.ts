import { z } from 'zod';
import { Code, Label, Odometer_m } from '#domain/kernel/fields.ts';
import { CommandId, Digest, DocumentId, ParkId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, partyKey, subjects } from '#domain/kernel/subjects.ts';

/**
 * What was found of a vehicle identification number: its check digit holds, or its region has none to hold.
 */
export const VinCheck = z.enum(['check_digit_valid', 'no_check_digit']);

export const VehicleDocumentKind = z.enum(['registration', 'insurance', 'inspection', 'photo']);
export const WithdrawalReason = z.enum(['accident', 'inspection_due', 'insurance_lapsed', 'other']);
export const RetirementReason = z.enum(['sold', 'scrapped', 'stolen', 'returned_to_owner']);

export const VehicleRegistered = eventType({
  type: 'VehicleRegistered',
  about:
    'A vehicle came under the care of a park. VIN and plate lie in the vault, claimed by `operation`.',
  data: z.strictObject({
    vehicle: VehicleId,
    park: ParkId,
    owner: PartyId,
    make: Label,
    model: Label,
    year: z.int().min(1950).max(2100),
    vinCheck: VinCheck,
    currency: Currency,
    odometer_m: Odometer_m,
    operation: CommandId,
  }),
  subjects: ({ vehicle, park, owner }) =>
    subjects(assetKey(vehicle), parkKey(park), partyKey(owner)),
});

export const VehicleDocumentRecorded = eventType({
  type: 'VehicleDocumentRecorded',
  about: 'A document of the vehicle was filed; the event holds its digest.',
  data: z.strictObject({
    vehicle: VehicleId,
    park: ParkId,
    document: DocumentId,
    kind: VehicleDocumentKind,
    digest: Digest,
    expiresOn: LocalDate.nullable(),
  }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehiclePlateChanged = eventType({
  type: 'VehiclePlateChanged',
  about: 'The vehicle got another licence plate, which lies in the vault.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId, operation: CommandId }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const OdometerRead = eventType({
  type: 'OdometerRead',
  about: 'Somebody read the odometer.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId, odometer_m: Odometer_m }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehicleMoved = eventType({
  type: 'VehicleMoved',
  about: 'The vehicle moved to another park. The zone of this event is that park’s.',
  data: z.strictObject({ vehicle: VehicleId, from: ParkId, to: ParkId, currency: Currency }),
  subjects: ({ vehicle, from, to }) => subjects(assetKey(vehicle), parkKey(from), parkKey(to)),
});

export const VehicleOwnerChanged = eventType({
  type: 'VehicleOwnerChanged',
  about: 'The vehicle belongs to another party.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId, from: PartyId, to: PartyId }),
  subjects: ({ vehicle, park, from, to }) =>
    subjects(assetKey(vehicle), parkKey(park), partyKey(from), partyKey(to)),
});

export const VehicleCommissioned = eventType({
  type: 'VehicleCommissioned',
  about: 'Onboarding is over: the vehicle may be rented.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehicleWithdrawn = eventType({
  type: 'VehicleWithdrawn',
  about: 'The vehicle was taken out of service by a decision of the operator.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId, reason: WithdrawalReason }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehicleReinstated = eventType({
  type: 'VehicleReinstated',
  about: 'The operator put the vehicle back into service.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehicleRetired = eventType({
  type: 'VehicleRetired',
  about: 'The vehicle left the fleet for good.',
  data: z.strictObject({ vehicle: VehicleId, park: ParkId, reason: RetirementReason }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const VehicleClaimAbandoned = eventType({
  type: 'VehicleClaimAbandoned',
  about:
    'An operation that had taken a claim and never began was given up, so that another may take the claim.',
  data: z.strictObject({ vehicle: VehicleId, operation: CommandId, reason: Code }),
  subjects: ({ vehicle }) => subjects(assetKey(vehicle)),
});

export const registryEvents = [
  VehicleRegistered,
  VehicleDocumentRecorded,
  VehiclePlateChanged,
  OdometerRead,
  VehicleMoved,
  VehicleOwnerChanged,
  VehicleCommissioned,
  VehicleWithdrawn,
  VehicleReinstated,
  VehicleRetired,
  VehicleClaimAbandoned,
] as const;
