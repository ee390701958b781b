import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import { recordIncident } from '#commands/incidents.ts';
import { recordRental } from '#commands/rentals.ts';
import { recordTrip } from '#commands/trips.ts';
import { followUp, type Request, type Workspace } from '#commands/workspace.ts';
import { unmeasured } from '#domain/incidents/events.ts';
import type { DriverId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import type { Zone } from '#domain/kernel/instant.ts';
import { custodyAt } from '#domain/registry/vehicleState.ts';
import { type DriveFileRefusal, type RejectedRow, readDriveFile } from './driveFile.ts';
import { type DriveSummary, summariseDrive } from './summariseDrive.ts';

/** What became of a file. `added` counts the events written: none when it had been imported before. */
export interface ImportedDrive {
  readonly trip: TripId;
  readonly summary: DriveSummary;
  readonly rejected: readonly RejectedRow[];
  readonly added: number;
}

interface Asked {
  readonly bytes: Buffer;
  readonly vehicle: VehicleId;
  readonly driver: DriverId;
  readonly zone: Zone;
}

type Failure = DriveFileRefusal | { readonly code: string };

const stepOf = (request: Request, ...step: readonly string[]): Request => {
  const origin = followUp(request.origin, ...step);
  return { ...request, origin: { ...origin, content: digestOf(step) } };
};

/** Records that the driver had the vehicle for the drive, unless somebody is known to have had it. */
const ensureCustody =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle: id, driver }: Asked,
    { at, endedAt }: DriveSummary,
  ): Promise<Either<Failure, number>> => {
    const loaded = await workspace.load(vehicleOf(request.origin.tenant, id));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    if (!vehicle || custodyAt(vehicle, at)) return right(0);
    const rental = { vehicle: id, driver, plan: null, rate: null, at, endedAt };
    const step = stepOf(request, 'custody', id, driver, at, endedAt);
    const recorded = await recordRental(workspace)(step, rental);
    return isLeft(recorded) ? recorded : right(recorded.right.events.length);
  };

/**
 * Brings one recorded drive into the ledger: who had the vehicle, one trip, and a violation for every stretch
 * above the limit. What is there already is not written again, so that a file may be imported as often as one
 * likes.
 */
export const importDrive =
  (workspace: Workspace) =>
  async (request: Request, asked: Asked): Promise<Either<Failure, ImportedDrive>> => {
    const { vehicle, bytes, zone } = asked;
    const file = readDriveFile(bytes, zone);
    if (isLeft(file)) return file;
    const { rows, rejected } = file.right;
    const summary = summariseDrive(rows);
    if (!summary) return left({ code: 'NoRows' });
    const custody = await ensureCustody(workspace)(request, asked, summary);
    if (isLeft(custody)) return custody;
    const { at, endedAt, report } = summary;
    const told = await recordTrip(workspace)(stepOf(request, 'trip', vehicle, at), {
      vehicle,
      at,
      endedAt,
      report,
      concluded: null,
    });
    if (isLeft(told)) return told;
    let added = custody.right + told.right.events.length;
    for (const speeding of summary.speedings) {
      const step = stepOf(request, 'speeding', vehicle, speeding.at);
      const recorded = await recordIncident(workspace)(step, {
        ...unmeasured,
        ...speeding,
        vehicle,
        named: null,
        kind: 'speeding',
        trip: told.right.id,
        concluded: null,
      });
      if (isLeft(recorded)) return recorded;
      added += recorded.right.events.length;
    }
    return right({ trip: told.right.id, summary, rejected, added });
  };
