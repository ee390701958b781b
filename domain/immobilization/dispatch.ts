import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import type {
  AnswerBlock,
  AskPosition,
  EndBlock,
  HoldBlock,
  ImmobilizationRefusal,
  StartDispatch,
} from './commands.ts';
import {
  BlockAnswered,
  BlockDispatchStarted,
  BlockEnded,
  BlockHeld,
  type ImmobilizationEvent,
  PositionAsked,
} from './events.ts';
import { cannotStopMoving, type Installation } from './installation.ts';
import { hindersFinance } from './ladder.ts';
import { aboutOf, blockOf, isReachable, openJob, sentOf, usable } from './request.ts';
import { changedSince, snapshotOf } from './snapshot.ts';
import type { BlockJob } from './state.ts';
import { doubtsOf, type Sighting } from './stillness.ts';

/**
 * A block is tried so often at most, at 0, 4 and 8 s. Source: specification 000, "SLA" (up to three times).
 */
export const ATTEMPTS_MAX = 3;
/** So many attempts are begun at most, counting those that were held back at the last moment. */
const HELD_BACK_MAX = 60;
const ATTEMPT_EVERY_S = 4;
/** So often it is written down why a block waits; after that it waits without a word. */
const HOLDS_MAX = 100;
const HELD_SIGHTINGS_MAX = 8;

type Decision = Either<ImmobilizationRefusal, readonly ImmobilizationEvent[]>;

/** A block that may go on: the newest intent, and not ended. */
const live = (vehicle: Vehicle, id: BlockJob['job']): Either<ImmobilizationRefusal, BlockJob> => {
  const found = blockOf(vehicle, id);
  if (isLeft(found)) return found;
  const { ended } = found.right;
  if (ended !== null) return left({ code: 'JobHasEnded', status: ended.status });
  return openJob(vehicle)?.job === id ? found : left({ code: 'JobUnknown', job: id });
};

/**
 * Which attempt may be made now, by its number: the first, or the next one after one that is known not to
 * have been delivered, and only in its turn. What was held back at the last moment has no turn and does not
 * count, but for a bound. Null: none.
 */
export const attemptDue = (job: BlockJob, at: Instant): number | null => {
  const { attempts } = job;
  const sent = sentOf(job);
  const [first] = sent;
  const last = sent.at(-1);
  const next = attempts.length + 1;
  if (next > HELD_BACK_MAX) return null;
  if (first === undefined || last === undefined) return next;
  if (last.answer === null) return null;
  const { outcome, again } = last.answer;
  if (outcome !== 'not_delivered' || !again || sent.length >= ATTEMPTS_MAX) return null;
  const turn_ms = epochMs(first.at) + sent.length * ATTEMPT_EVERY_S * 1_000;
  return epochMs(at) >= turn_ms ? next : null;
};

/** Why a block may not be sent, whatever the vehicle does; null: it may. */
export const hindersDispatch = (
  job: BlockJob,
  vehicle: Vehicle,
  { at, newBlocksAllowed }: { readonly at: Instant; readonly newBlocksAllowed: boolean },
): ImmobilizationRefusal | null => {
  if (!newBlocksAllowed) return { code: 'NewBlocksForbidden' };
  if (job.approveBy !== null && job.approval === null) return { code: 'ApprovalNotAwaited' };
  const found = usable(vehicle, job.method);
  if (isLeft(found)) return found.left;
  const { installation, interrupts } = found.right;
  if (!cannotStopMoving(found.right)) return { code: 'ImmobilizerUnsafe', interrupts };
  if (!isReachable(found.right, vehicle)) return { code: 'ImmobilizerDeviceNotFitted' };
  const snapshot = snapshotOf(vehicle, installation);
  const changed = changedSince(job.snapshot, snapshot);
  if (changed.length > 0) return { code: 'SnapshotChanged', changed };
  if (job.reasonClass !== 'contract_finance') return null;
  const { rental } = snapshot;
  return hindersFinance(vehicle.immobilization, { rental, at, rules: job.rules.rules });
};

/** Why it is not certain that the vehicle stands, by a job's rules and what is built in. */
export const doubtsAbout = (
  { rules }: Pick<BlockJob, 'rules'>,
  { ignition_from: ignitionFrom }: Pick<Installation, 'ignition_from'>,
  sightings: readonly Sighting[],
  at: Instant,
) => doubtsOf(sightings, { at, rules: rules.rules, ignitionFrom });

/** Decides whether a block is sent now. What it was judged by goes into the event. */
export const startDispatch = (command: StartDispatch, vehicle: Vehicle): Decision => {
  const { attempt, sightings, when } = command;
  const found = live(vehicle, command.job);
  if (isLeft(found)) return found;
  const job = found.right;
  const hindered = hindersDispatch(job, vehicle, { ...command, at: when.at });
  if (hindered) return left(hindered);
  if (when.at > job.expiresAt || attemptDue(job, when.at) !== attempt) {
    return left({ code: 'AttemptNotDue' });
  }
  const { installation: fitted } = vehicle.immobilization;
  if (fitted === null) return left({ code: 'ImmobilizerMissing' });
  const doubts = doubtsAbout(job, fitted, sightings, when.at);
  if (doubts.length > 0) return left({ code: 'StandstillUncertain', doubts });
  const { installation, ignition_from: ignitionFrom } = fitted;
  const { reason, rules } = job;
  const sent = { attempt, reason, installation, ignitionFrom, rules, sightings: [...sightings] };
  return right([fact(BlockDispatchStarted, when, { ...aboutOf(vehicle, job.job), ...sent })]);
};

/** Writes down why a block waits, where that is another reason than before. */
export const holdBlock = (command: HoldBlock, vehicle: Vehicle): Decision => {
  const found = live(vehicle, command.job);
  if (isLeft(found)) return found;
  const { job, doubts: before, holds } = found.right;
  const doubts = [...command.doubts];
  const isSame = before !== null && before.join() === doubts.join();
  if (doubts.length === 0 || isSame || holds >= HOLDS_MAX) return right([]);
  const sightings = command.sightings.slice(-HELD_SIGHTINGS_MAX);
  return right([fact(BlockHeld, command.when, { ...aboutOf(vehicle, job), doubts, sightings })]);
};

/** Writes down that the device is asked where it is; only whoever appended it asks. */
export const askPosition = ({ job: id, ask, when }: AskPosition, vehicle: Vehicle): Decision => {
  const found = live(vehicle, id);
  if (isLeft(found)) return found;
  const { job, asks, rules } = found.right;
  if (ask !== asks + 1 || ask > rules.rules.asks_max) return left({ code: 'AttemptNotDue' });
  return right([fact(PositionAsked, when, { ...aboutOf(vehicle, job), ask })]);
};

/** Writes down what sending came to, once. */
export const answerBlock = (command: AnswerBlock, vehicle: Vehicle): Decision => {
  const { attempt, outcome, code, again, when } = command;
  const found = blockOf(vehicle, command.job);
  if (isLeft(found)) return found;
  const { job, attempts } = found.right;
  const made = attempts.find((each) => each.attempt === attempt);
  if (made === undefined) return left({ code: 'AttemptNotDue' });
  const isProof = outcome === 'not_delivered' && made.answer?.outcome !== 'not_sent';
  const isCorrected = isProof && made.answer?.outcome !== 'not_delivered';
  if (made.answer !== null && !isCorrected) return right([]);
  const answer = { attempt, outcome, code, again };
  return right([fact(BlockAnswered, when, { ...aboutOf(vehicle, job), ...answer })]);
};

/**
 * Ends a block. What was sent and is not known to have failed is never told as failed, refused, expired or
 * cancelled.
 */
export const endBlock = ({ job: id, status, code, when }: EndBlock, vehicle: Vehicle): Decision => {
  const found = live(vehicle, id);
  if (isLeft(found)) return found;
  const { job, executedAt } = found.right;
  const isOpen = sentOf(found.right).some(
    ({ answer }) =>
      answer === null || answer.outcome === 'ambiguous' || answer.outcome === 'accepted',
  );
  const mayHaveDone = isOpen || executedAt !== null;
  const isKnownFailed =
    status === 'failed' && executedAt === null && code.startsWith('device_refused');
  const told = mayHaveDone && !isKnownFailed ? 'unconfirmed' : status;
  return right([fact(BlockEnded, when, { ...aboutOf(vehicle, job), status: told, code })]);
};
