export const VEHICLE_STATUSES = [
  'onboarding',
  'available',
  'rented',
  'in_repair',
  'out_of_service',
  'retired',
] as const;
export type VehicleStatus = (typeof VEHICLE_STATUSES)[number];

/** What a vehicle's status follows from. */
export interface StatusInputs {
  readonly retired: boolean;
  readonly commissioned: boolean;
  readonly withdrawn: boolean;
  readonly inRepair: boolean;
  readonly rented: boolean;
  readonly criticalDefect: boolean;
}

/**
 * The one status of a vehicle. A repair under way outranks a rental, since a vehicle may break down while it
 * is rented; a critical defect that nobody works on yet keeps it from being available.
 */
export const statusOf = (inputs: StatusInputs): VehicleStatus => {
  if (inputs.retired) return 'retired';
  if (!inputs.commissioned) return 'onboarding';
  if (inputs.inRepair) return 'in_repair';
  if (inputs.withdrawn) return 'out_of_service';
  if (inputs.rented) return 'rented';
  return inputs.criticalDefect ? 'out_of_service' : 'available';
};
