import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { JobId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import type {
  AnswerRelease,
  ImmobilizationRefusal,
  RequestRelease,
  StartReleaseSeries,
} from './commands.ts';
import {
  BlockEnded,
  type ImmobilizationEvent,
  ReleaseAnswered,
  ReleaseDispatchStarted,
  ReleaseEnded,
  ReleaseRequested,
} from './events.ts';
import { aboutOf, openJob, usable, wasSent } from './request.ts';
import type { ReleaseJob } from './state.ts';

type Decision = Either<ImmobilizationRefusal, readonly ImmobilizationEvent[]>;

/**
 * Decides on a release: it works whenever there is something to release, cancels what waits, and takes over
 * from what is under way. It has no condition but an immobilizer to speak to.
 */
export const requestRelease = (command: RequestRelease, vehicle: Vehicle): Decision => {
  const { job, user, reason, when } = command;
  if (vehicle.immobilization.jobs.has(job)) return right([]);
  const found = usable(vehicle, command.method);
  if (isLeft(found)) return found;
  const { method, installation } = found.right;
  const open = openJob(vehicle);
  const wanted = fact(ReleaseRequested, when, {
    ...aboutOf(vehicle, job),
    ...{ user, method, reason, installation },
  });
  if (open === null) return right([wanted]);
  const about = aboutOf(vehicle, open.job);
  const status = open.kind === 'block' && wasSent(open) ? 'unconfirmed' : 'cancelled';
  const data = { ...about, status, code: 'superseded_by_release' } as const;
  return right([fact(open.kind === 'block' ? BlockEnded : ReleaseEnded, when, data), wanted]);
};

/** A release that goes on, or why it does not. */
const liveRelease = (vehicle: Vehicle, id: JobId): Either<ImmobilizationRefusal, ReleaseJob> => {
  const job = vehicle.immobilization.jobs.get(id);
  if (job?.kind !== 'release') return left({ code: 'JobUnknown', job: id });
  if (job.ended !== null) return left({ code: 'JobHasEnded', status: job.ended.status });
  return right(job);
};

/** Writes down that a release is sent some times, before it is. */
export const startReleaseSeries = (command: StartReleaseSeries, vehicle: Vehicle): Decision => {
  const { series, sends, every_s, when } = command;
  const found = liveRelease(vehicle, command.job);
  if (isLeft(found)) return found;
  if (series !== found.right.series + 1) return left({ code: 'AttemptNotDue' });
  const data = { ...aboutOf(vehicle, command.job), series, sends, every_s };
  return right([fact(ReleaseDispatchStarted, when, data)]);
};

/** Writes down what sending a release came to, where that is another answer than before. */
export const answerRelease = (command: AnswerRelease, vehicle: Vehicle): Decision => {
  const { outcome, code, when } = command;
  const found = liveRelease(vehicle, command.job);
  if (isLeft(found)) return found;
  const { answer } = found.right;
  if (answer !== null && answer.outcome === outcome && answer.code === code) return right([]);
  return right([fact(ReleaseAnswered, when, { ...aboutOf(vehicle, command.job), outcome, code })]);
};
