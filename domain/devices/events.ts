import { z } from 'zod';
import { CommandId, DeviceIdent, FittingId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, subjects } from '#domain/kernel/subjects.ts';

export const DeviceRemovalReason = z.enum(['moved', 'replaced', 'broken', 'lost', 'other']);
export const FittingVoidReason = z.enum(['recorded_in_error', 'wrong_device', 'wrong_times']);

/** A fitting is one stretch of time during which one device is in one vehicle. */
const about = { fitting: FittingId, vehicle: VehicleId, park: ParkId, ident: DeviceIdent };

type About = z.infer<z.ZodObject<typeof about>>;
const concerned = ({ vehicle, park }: About) => subjects(assetKey(vehicle), parkKey(park));

export const DeviceFitted = eventType({
  type: 'DeviceFitted',
  about:
    'A device was fitted to the vehicle: what it tells from then on is told of the vehicle. ' +
    'Its ident was claimed by `operation`.',
  data: z.strictObject({ ...about, operation: CommandId }),
  subjects: concerned,
});

export const DeviceRemoved = eventType({
  type: 'DeviceRemoved',
  about: 'The device was taken out of the vehicle: what it tells from then on is told of another.',
  data: z.strictObject({ ...about, reason: DeviceRemovalReason }),
  subjects: concerned,
});

export const DeviceFittingVoided = eventType({
  type: 'DeviceFittingVoided',
  about: 'The fitting that this event names never was; it is corrected from its beginning on.',
  data: z.strictObject({ ...about, reason: FittingVoidReason }),
  subjects: concerned,
});

export const deviceEvents = [DeviceFitted, DeviceRemoved, DeviceFittingVoided] as const;
