import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { fact } from '#domain/kernel/registry.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import type { ImmobilizationRefusal, NoteConfirmed, NoteExecuted } from './commands.ts';
import {
  BlockConfirmed,
  BlockEnded,
  type ImmobilizationEvent,
  OrderExecuted,
  ReleaseConfirmed,
  ReleaseEnded,
} from './events.ts';
import { aboutOf, wasSent } from './request.ts';
import type { ImmobilizationJob } from './state.ts';

type Decision = Either<ImmobilizationRefusal, readonly ImmobilizationEvent[]>;

/** Whether evidence may still be told of a job: the newest intent, sent, and not known to have failed. */
const isAwaited = (vehicle: Vehicle, job: ImmobilizationJob): boolean => {
  if (vehicle.immobilization.current !== job.job || job.confirmedAt !== null) return false;
  if (job.kind === 'release') return job.series > 0 && job.ended === null;
  return wasSent(job) && (job.ended === null || job.ended.status === 'unconfirmed');
};

/** Writes down that an order was carried out, as far as the relay or the device says. */
export const noteExecuted = ({ job: id, by, when }: NoteExecuted, vehicle: Vehicle): Decision => {
  const job = vehicle.immobilization.jobs.get(id);
  if (!job) return left({ code: 'JobUnknown', job: id });
  if (!isAwaited(vehicle, job) || job.executedAt !== null) return right([]);
  return right([fact(OrderExecuted, when, { ...aboutOf(vehicle, id), by })]);
};

/**
 * Writes down that the device's output shows what was ordered, which completes the job, also after it had
 * been given up as unconfirmed, as long as nothing newer is wanted.
 */
export const noteConfirmed = ({ job: id, by, when }: NoteConfirmed, vehicle: Vehicle): Decision => {
  const job = vehicle.immobilization.jobs.get(id);
  if (!job) return left({ code: 'JobUnknown', job: id });
  if (!isAwaited(vehicle, job)) return right([]);
  const about = aboutOf(vehicle, id);
  const code = job.ended === null ? 'confirmed' : 'confirmed_late';
  const ended = { ...about, status: 'completed', code } as const;
  const isBlock = job.kind === 'block';
  return right([
    fact(isBlock ? BlockConfirmed : ReleaseConfirmed, when, { ...about, by }),
    fact(isBlock ? BlockEnded : ReleaseEnded, when, ended),
  ]);
};
