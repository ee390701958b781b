import { isLeft } from 'fp-ts/lib/Either.js';
import { driveBlock } from './driveBlock.ts';
import { driveRelease, type ReleaseMemory } from './driveRelease.ts';
import { again, type DrivingParts, type Next, over } from './parts.ts';
import type { QueuedJob } from './ports.ts';
import { findJob } from './steps.ts';

const STORE_AWAY_S = 1;

/**
 * Drives a job one step on, from what its vehicle's stream says: nothing else is remembered that matters,
 * so that whoever comes after a crash goes on where the log stands.
 */
export const driveJob =
  (parts: DrivingParts) =>
  async (queued: QueuedJob, memory: ReleaseMemory): Promise<Next> => {
    const found = await findJob(parts.workspace)(queued);
    if (isLeft(found)) return again(STORE_AWAY_S);
    if (found.right === null) return over;
    const { vehicle, job } = found.right;
    return job.kind === 'block'
      ? driveBlock(parts)(queued, { vehicle, job })
      : driveRelease(parts)(queued, { vehicle, job }, memory);
  };
