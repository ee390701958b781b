import { z } from 'zod';
import { attributed, attributedKeys } from '#domain/kernel/attribution.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { ConditionId, DeviceIdent, Digest, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, conditionKey, parkKey, subjects } from '#domain/kernel/subjects.ts';

/**
 * What telemetry shows of a vehicle that is neither a trip nor a violation: that it was parked, idled, stayed
 * in a fence that is noted, had a device that told nothing, or reported a trouble code.
 */
export const ConditionKind = z.enum(['parking', 'idling', 'geofence', 'offline', 'fault']);
export const ConditionAmendReason = z.enum(['went_on', 'late_data', 'measured_again']);
export const ConditionVoidReason = z.enum(['late_data', 'recorded_in_error', 'measured_again']);

const concerning = { condition: ConditionId, ...attributed };
type Concerned = z.infer<z.ZodObject<typeof concerning>>;
const concerned = ({ condition, ...rest }: Concerned) =>
  attributedKeys(conditionKey(condition), rest);

/** `endedAt` is null while it goes on; `evidence` the digest of the readings behind it, null for none. */
const extent = { endedAt: Instant.nullable(), evidence: Digest.nullable() };

export const ConditionNoted = eventType({
  type: 'ConditionNoted',
  about:
    'Telemetry showed a condition of the vehicle from the time of this event to `endedAt`, null while it goes on. `matter` is the fence or the trouble code. It burdens nobody: the driver is whoever had the vehicle by what was known when it was noted, and stays so when a rental becomes known late.',
  data: z.strictObject({
    ...concerning,
    kind: ConditionKind,
    matter: Reference.nullable(),
    ident: DeviceIdent.nullable(),
    ...extent,
  }),
  subjects: concerned,
});

/** As with an amended trip, the time of this event has the local date of the beginning as it is known now. */
export const ConditionAmended = eventType({
  type: 'ConditionAmended',
  about:
    'The condition went on, ended, or was otherwise than was thought: it lasted from `startedAt`, which is the time of this event, to `endedAt`. Whose it was stays.',
  data: z.strictObject({
    ...concerning,
    startedAt: Instant,
    ...extent,
    reason: ConditionAmendReason,
  }),
  subjects: concerned,
});

export const ConditionVoided = eventType({
  type: 'ConditionVoided',
  about: 'The condition never was.',
  data: z.strictObject({ ...concerning, reason: ConditionVoidReason }),
  subjects: concerned,
});

export const LateDataIgnored = eventType({
  type: 'LateDataIgnored',
  about:
    'So many readings of a device, from the time of this event to `to`, came when the readings around them were gone: nothing was concluded from them.',
  data: z.strictObject({
    vehicle: VehicleId,
    park: ParkId,
    ident: DeviceIdent,
    to: Instant,
    readings: z.int().min(1),
  }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

const conditionTypes = [ConditionNoted, ConditionAmended, ConditionVoided] as const;
export const conditionEvents = [...conditionTypes, LateDataIgnored] as const;
/** The facts of one condition. */
export type ConditionEvent = Fact<(typeof conditionTypes)[number]>;
/** The fact that late data came to nothing. */
export type LateDataEvent = Fact<typeof LateDataIgnored>;
