import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Binding, Device } from './ports.ts';

/** A device's name in memory. An ident has no blanks, so no two devices share one. */
export const deviceKey = ({ tenant, ident }: Device): string => `${tenant} ${ident}`;

/** The vehicle that a device was in when it told something; null where it was in none that is known. */
export const vehicleAt = (bindings: readonly Binding[], device_time_us: number): VehicleId | null =>
  bindings.find(
    ({ from_us, to_us }) => from_us <= device_time_us && (to_us === null || device_time_us < to_us),
  )?.vehicle ?? null;
