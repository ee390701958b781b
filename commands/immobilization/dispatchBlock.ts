import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { RelayOrder } from '#commands/relay.ts';
import { doubtsAbout } from '#domain/immobilization/dispatch.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import type { BlockJob } from '#domain/immobilization/state.ts';
import { SIGHTINGS_MAX, type Sighting } from '#domain/immobilization/stillness.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { sendOrder } from './askRelay.ts';
import type { DrivingParts } from './parts.ts';
import type { QueuedJob } from './ports.ts';
import { findJob, takeStep } from './steps.ts';

/** An order may wait at the relay for less than attempts are apart, so that none is done after its time. */
export const QUEUE_S = 3;
/** From looking at the vehicle to sending: whoever was held up longer than that does not send. */
const SEND_WITHIN_MS = 1_500;
/** So long an order may wait for its turn to leave; what it was judged by must be fresh then, too. */
const RELAY_TAKES_MS = 2_500;

/** The order for what is built into a vehicle. */
export const orderTo = (
  { unit, output, blocks_when_on }: Installation,
  action: RelayOrder['action'],
): RelayOrder => ({
  to: { unit, output, blocksWhenOn: blocks_when_on },
  action,
  queue_s: QUEUE_S,
});

/** What devices told of the vehicle, as far back as its rules ask, and no more than an event can hold. */
export const lookAt = async (
  { sightings, workspace }: Pick<DrivingParts, 'sightings' | 'workspace'>,
  { tenant, job: id }: QueuedJob,
  { rules: { rules } }: BlockJob,
): Promise<Either<Unavailable, readonly Sighting[]>> => {
  const back_s = rules.still_hold_s + rules.still_gap_max_s + rules.fix_age_max_s;
  const from = instantOf(epochMs(workspace.now()) - back_s * 1_000);
  const seen = await sightings.since({ tenant, job: id, from, noStop: rules.no_stop })();
  return isLeft(seen) ? seen : right(seen.right.slice(-SIGHTINGS_MAX));
};

/** Why the block must not be sent after all; null: it may, at this very moment. */
const lastDoubt = async (
  parts: DrivingParts,
  queued: QueuedJob,
  { job, fitted, begun_ms }: { job: BlockJob; fitted: Installation; begun_ms: number },
): Promise<string | null> => {
  const found = await findJob(parts.workspace)(queued);
  if (isLeft(found)) return 'store_unavailable';
  const known = found.right;
  if (known?.job.ended !== null || known.vehicle.immobilization.current !== job.job) {
    return 'something_newer_is_wanted';
  }
  const seen = await lookAt(parts, queued, job);
  if (isLeft(seen)) return 'sightings_unavailable';
  const leavesBy = instantOf(epochMs(parts.workspace.now()) + RELAY_TAKES_MS);
  const [doubt] = doubtsAbout(job, fitted, seen.right, leavesBy);
  if (doubt !== undefined) return doubt;
  return parts.monotonic_ms() - begun_ms > SEND_WITHIN_MS ? 'held_up' : null;
};

interface Attempted {
  readonly vehicle: Vehicle;
  readonly job: BlockJob;
  readonly attempt: number;
  readonly sightings: readonly Sighting[];
  /** When the sightings were looked at, by the monotonic clock. */
  readonly begun_ms: number;
}

/**
 * Sends a block once: writes down that it is sent, looks once more, sends, and writes down what came of it.
 * Whoever did not write the first does not send. Right: whether this call did.
 */
export const dispatchBlock =
  (parts: DrivingParts) =>
  async (
    queued: QueuedJob,
    { vehicle, job, attempt, sightings, begun_ms }: Attempted,
  ): Promise<Either<{ readonly code: string }, boolean>> => {
    const { workspace, relayOf, newBlocksAllowed, observe, monotonic_ms } = parts;
    const step = takeStep(workspace);
    const relay = relayOf(job.method);
    const fitted = vehicle.immobilization.installation;
    if (relay === null || fitted === null) return left({ code: 'RelayMissing' });
    const allowed = await newBlocksAllowed(queued.tenant);
    if (isLeft(allowed)) return allowed;
    const begun = await step(queued, vehicle, {
      type: 'StartDispatch',
      attempt,
      sightings,
      newBlocksAllowed: allowed.right,
    });
    if (isLeft(begun) || !begun.right) return begun;
    if (job.attempts.length === 0) {
      const since = epochMs(job.approval?.at ?? job.requestedAt);
      const took_ms = epochMs(workspace.now()) - since;
      if (job.doubts === null) observe({ type: 'clock', clock: 'decision', took_ms });
    }
    const answer = { type: 'AnswerBlock', attempt } as const;
    const doubt = await lastDoubt(parts, queued, { job, fitted, begun_ms });
    if (doubt !== null) {
      const held = { ...answer, outcome: 'not_sent', code: doubt, again: true } as const;
      const noted = await step(queued, vehicle, held);
      return isLeft(noted) ? noted : right(false);
    }
    const sent_ms = monotonic_ms();
    const sent = await sendOrder(relay, orderTo(fitted, 'block'));
    if (sent.outcome === 'accepted') {
      observe({ type: 'clock', clock: 'accepted', took_ms: monotonic_ms() - sent_ms });
    }
    await step(queued, vehicle, { ...answer, ...sent });
    return right(true);
  };
