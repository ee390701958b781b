import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { DeviceIdent } from './formats/reading.ts';

/**
 * That a device was in a vehicle of a tenant, from one time until another, by the device's clock, in
 * microseconds since 1970. The first moment belongs to it, the last does not; `to_us` null: it still is.
 */
export interface Fitting {
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly from_us: number;
  readonly to_us: number | null;
}

/** Which device is in which vehicle. */
export interface Bindings {
  /** The fittings of devices; one that was never fitted may be missing from the answer. */
  readonly fittingsOf: (
    idents: readonly DeviceIdent[],
  ) => TaskEither<Unavailable, ReadonlyMap<DeviceIdent, readonly Fitting[]>>;
}

/**
 * The vehicle that a device was in at a time; null if it was in none of that tenant. The last that covers the
 * time counts.
 */
export const vehicleAt = (
  fittings: readonly Fitting[],
  { tenant, device_time_us }: { readonly tenant: Tenant; readonly device_time_us: number },
): VehicleId | null =>
  fittings.findLast(
    (fitting) =>
      fitting.tenant === tenant &&
      fitting.from_us <= device_time_us &&
      (fitting.to_us === null || device_time_us < fitting.to_us),
  )?.vehicle ?? null;
