import type { InstallationId } from '#domain/kernel/ids.ts';
import { openRental, type Vehicle, vehicleStatus } from '#domain/registry/vehicleState.ts';
import type { Snapshot } from './events.ts';
import { noticesIn } from './ladder.ts';

/** What an approval of a block is given for, as it is now. */
export const snapshotOf = (vehicle: Vehicle, installation: InstallationId): Snapshot => {
  const rental = openRental(vehicle);
  return {
    status: vehicleStatus(vehicle),
    rental: rental?.rental ?? null,
    driver: rental?.driver ?? null,
    installation,
    notices: noticesIn(vehicle.immobilization, rental?.rental ?? null),
  };
};

/** What is no longer as it was approved: names of fields, none if all of it is. */
export const changedSince = (then: Snapshot, now: Snapshot): readonly string[] =>
  [
    then.status === now.status ? null : 'status',
    then.rental === now.rental ? null : 'rental',
    then.driver === now.driver ? null : 'driver',
    then.installation === now.installation ? null : 'installation',
    then.notices <= now.notices ? null : 'notices',
  ].filter((field) => field !== null);
