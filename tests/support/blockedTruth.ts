import { expect } from 'vitest';
import {
  type BlockedVehicle,
  countOf,
  hasEnded,
  type SeenJob,
  waitUntil,
} from './blockingFleet.ts';

/** From looking at a vehicle that stands to the verdict, with a lease of somebody dead before it. */
export const JOB_MAX_MS = 60_000;
/** It is known of these that nothing was blocked by them. */
const NOT_BLOCKED = new Set(['failed', 'refused', 'expired', 'cancelled']);

/** Waits until a job has come to something. */
export const reaches = (vehicle: BlockedVehicle, job: string, isSo: (seen: SeenJob) => boolean) =>
  waitUntil(() => vehicle.look(job), isSo, JOB_MAX_MS);
/** Ended; where the device shows that it is blocked that is found out, if late. */
export const ended = (vehicle: BlockedVehicle, job: string) =>
  reaches(
    vehicle,
    job,
    (seen) => hasEnded(seen) && !(seen.status === 'unconfirmed' && vehicle.unit.isBlocked()),
  );
/** Whether a job is in a state. */
export const isIn =
  (status: SeenJob['status']) =>
  (seen: SeenJob): boolean =>
    seen.status === status;

/** What must hold of a block that has ended, and of the only block of its vehicle. */
export const expectTrue = (vehicle: BlockedVehicle, seen: SeenJob): void => {
  const said = { unit: vehicle.id, status: seen.status, result: seen.result };
  const isBlocked = vehicle.unit.isBlocked();
  if (seen.status === 'completed')
    expect({ ...said, isBlocked }).toEqual({ ...said, isBlocked: true });
  if (NOT_BLOCKED.has(seen.status)) {
    expect({ ...said, isBlocked }).toEqual({ ...said, isBlocked: false });
  }
  expect({ ...said, carried: vehicle.blocksCarried() <= 1 }).toEqual({ ...said, carried: true });
  const recorded = countOf(seen, 'block_dispatch_started');
  expect({ ...said, recorded: vehicle.blocksTaken() <= recorded }).toEqual({
    ...said,
    recorded: true,
  });
};
