import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { JobId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { openRental, type Vehicle } from '#domain/registry/vehicleState.ts';
import type {
  ApproveBlock,
  CancelBlock,
  ImmobilizationRefusal,
  RequestBlock,
  ReviewBlock,
} from './commands.ts';
import {
  BlockApproved,
  BlockCancelled,
  BlockEnded,
  BlockRequested,
  BlockReviewed,
  type ImmobilizationEvent,
  ReleaseEnded,
} from './events.ts';
import { cannotStopMoving, type Installation } from './installation.ts';
import { hindersFinance } from './ladder.ts';
import { changedSince, snapshotOf } from './snapshot.ts';
import type { Attempt, BlockJob, ImmobilizationJob } from './state.ts';
import { classOf, type RelayMethod } from './words.ts';

type Decision = Either<ImmobilizationRefusal, readonly ImmobilizationEvent[]>;

const later = (at: Instant, by_s: number): Instant => instantOf(epochMs(at) + by_s * 1_000);

/** The immobilizer by which a vehicle may be blocked, or why there is none. */
export const usable = (
  { immobilization: { installation } }: Vehicle,
  method: RelayMethod | null,
): Either<ImmobilizationRefusal, Installation> => {
  if (installation === null) return left({ code: 'ImmobilizerMissing' });
  return method === null || installation.method === method
    ? right(installation)
    : left({ code: 'ImmobilizerOfAnotherMethod', method: installation.method });
};

/**
 * Whether the device of an immobilizer is in the vehicle, as far as we know: one that speaks MQTT to us is
 * told of by its ident, `<tenant>/<ident>`, and has moved with it. Where Wialon's units are, only Wialon
 * knows.
 */
export const isReachable = (
  { method, unit }: Pick<Installation, 'method' | 'unit'>,
  { fittings }: Pick<Vehicle, 'fittings'>,
): boolean =>
  method !== 'mqtt_relay' ||
  [...fittings.values()].some(
    ({ ident, to, voided }) => to === null && !voided && unit.endsWith(`/${ident}`),
  );

/** The newest intent, while it has not ended. */
export const openJob = ({
  immobilization: { current, jobs },
}: Vehicle): ImmobilizationJob | null => {
  const job = current === null ? undefined : jobs.get(current);
  return job === undefined || job.ended !== null ? null : job;
};

/** Names a job in an event. */
export const aboutOf = ({ vehicle, park }: Vehicle, job: JobId) => ({ job, vehicle, park });

/** The attempts of a block that were sent, or may have been: not those that were held back. */
export const sentOf = ({ attempts }: BlockJob): readonly Attempt[] =>
  attempts.filter(({ answer }) => answer?.outcome !== 'not_sent');

/** Whether anything of a block was sent, or may have been. */
export const wasSent = (job: BlockJob): boolean => sentOf(job).length > 0;

/** What hinders a block of a class now, whoever asks; null: nothing. */
const hindrance = (command: RequestBlock, vehicle: Vehicle): ImmobilizationRefusal | null => {
  if (!command.newBlocksAllowed) return { code: 'NewBlocksForbidden' };
  const { engine, current } = vehicle.immobilization;
  if (engine === 'blocked') return { code: 'VehicleBlocked', job: current };
  const open = openJob(vehicle);
  if (open?.kind === 'block' && wasSent(open)) return { code: 'BlockInFlight', job: open.job };
  if (classOf(command.reason) !== 'contract_finance') return null;
  const rental = openRental(vehicle)?.rental ?? null;
  const { at } = command.when;
  return hindersFinance(vehicle.immobilization, { rental, at, rules: command.rules.rules });
};

/** Takes an open job out of the way of a newer intent. */
const superseded = (command: RequestBlock, vehicle: Vehicle): readonly ImmobilizationEvent[] => {
  const open = openJob(vehicle);
  if (open === null) return [];
  const data = { ...aboutOf(vehicle, open.job), status: 'cancelled', code: 'superseded' } as const;
  return [fact(open.kind === 'block' ? BlockEnded : ReleaseEnded, command.when, data)];
};

/** Decides whether an engine is to be blocked, and who has to agree to it. */
export const requestBlock = (command: RequestBlock, vehicle: Vehicle): Decision => {
  const { job, user, method, reason, legalBasis, waits, rules, basisOf, when } = command;
  const { jobs } = vehicle.immobilization;
  if (jobs.has(job)) return right([]);
  const found = usable(vehicle, method);
  if (isLeft(found)) return found;
  const { installation, interrupts } = found.right;
  if (!cannotStopMoving(found.right)) return left({ code: 'ImmobilizerUnsafe', interrupts });
  if (!isReachable(found.right, vehicle)) return left({ code: 'ImmobilizerDeviceNotFitted' });
  const hindered = hindrance(command, vehicle);
  if (hindered) return left(hindered);
  const reasonClass = classOf(reason);
  const snapshot = snapshotOf(vehicle, installation);
  const { approve_within_s, review_within_s, wait_max_s } = rules.rules;
  const needsTwo = reasonClass === 'contract_finance';
  const wanted = fact(BlockRequested, when, {
    ...aboutOf(vehicle, job),
    ...{ user, method, reason, reasonClass, legalBasis, waits, snapshot, rules },
    basis: basisOf({ vehicle: vehicle.vehicle, action: 'block', reason, snapshot }),
    approveBy: needsTwo ? later(when.at, approve_within_s) : null,
    reviewBy: reasonClass === 'theft_safety' ? later(when.at, review_within_s) : null,
    expiresAt: later(when.at, (needsTwo ? approve_within_s : 0) + wait_max_s),
  });
  return right([...superseded(command, vehicle), wanted]);
};

/** A block by its id, or why there is none. */
export const blockOf = (vehicle: Vehicle, id: JobId): Either<ImmobilizationRefusal, BlockJob> => {
  const job = vehicle.immobilization.jobs.get(id);
  return job?.kind === 'block' ? right(job) : left({ code: 'JobUnknown', job: id });
};

/** Decides whether a second person's agreement counts. */
export const approveBlock = (command: ApproveBlock, vehicle: Vehicle): Decision => {
  const { user, basis, when } = command;
  const found = blockOf(vehicle, command.job);
  if (isLeft(found)) return found;
  const { job, ended, approveBy, approval, reason, snapshot } = found.right;
  if (ended !== null) return left({ code: 'JobHasEnded', status: ended.status });
  if (approveBy === null || approval !== null) return left({ code: 'ApprovalNotAwaited' });
  if (user === found.right.user) return left({ code: 'ApprovalOfOneself' });
  if (when.at > approveBy) return left({ code: 'ApprovalExpired', approveBy });
  if (basis !== found.right.basis) {
    return left({ code: 'ApprovalOfSomethingElse', basis: found.right.basis });
  }
  const changed = changedSince(snapshot, snapshotOf(vehicle, currentOf(vehicle, snapshot)));
  if (changed.length > 0) return left({ code: 'SnapshotChanged', changed });
  return right([fact(BlockApproved, when, { ...aboutOf(vehicle, job), user, reason, basis })]);
};

/** What is built in now; where nothing is, the snapshot's own, so that `usable` speaks of it. */
const currentOf = ({ immobilization: { installation } }: Vehicle, snapshot: BlockJob['snapshot']) =>
  installation?.installation ?? snapshot.installation;

/** Decides whether a block may still be called off: once it was sent, only a release helps. */
export const cancelBlock = (command: CancelBlock, vehicle: Vehicle): Decision => {
  const { user, reason, when } = command;
  const found = blockOf(vehicle, command.job);
  if (isLeft(found)) return found;
  const { job, ended } = found.right;
  if (ended !== null) {
    return ended.status === 'cancelled'
      ? right([])
      : left({ code: 'JobHasEnded', status: ended.status });
  }
  if (wasSent(found.right)) return left({ code: 'BlockInFlight', job });
  return right([fact(BlockCancelled, when, { ...aboutOf(vehicle, job), user, reason })]);
};

/** Decides whether somebody may say afterwards what to think of a block for theft or safety. */
export const reviewBlock = (command: ReviewBlock, vehicle: Vehicle): Decision => {
  const { user, finding, when } = command;
  const found = blockOf(vehicle, command.job);
  if (isLeft(found)) return found;
  const { job, reviewBy, reviewed } = found.right;
  if (reviewBy === null || reviewed) return left({ code: 'ReviewNotDue' });
  if (user === found.right.user) return left({ code: 'ReviewOfOneself' });
  return right([fact(BlockReviewed, when, { ...aboutOf(vehicle, job), user, finding })]);
};
