import { isLeft, right } from 'fp-ts/lib/Either.js';
import { attemptDue, doubtsAbout, hindersDispatch } from '#domain/immobilization/dispatch.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import { sentOf } from '#domain/immobilization/request.ts';
import type { BlockJob } from '#domain/immobilization/state.ts';
import type { Doubt, Sighting } from '#domain/immobilization/stillness.ts';
import { epochMs } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { dispatchBlock, lookAt, orderTo } from './dispatchBlock.ts';
import { again, type DrivingParts, type Next, over } from './parts.ts';
import type { QueuedJob } from './ports.ts';
import { settleBlock } from './settleBlock.ts';
import { type DriversStep, type KnownJob, takeStep } from './steps.ts';

const LOOK_EVERY_S = 2;
const STORE_AWAY_S = 1;
/** Doubts that hearing from the device might settle. */
const ASKING = new Set<Doubt>(['unseen', 'stale', 'no_fix', 'not_held', 'one_signal_only']);

interface Wanted extends KnownJob {
  readonly job: BlockJob;
}

const end = async (
  { workspace, observe }: DrivingParts,
  queued: QueuedJob,
  { vehicle }: Wanted,
  step: Extract<DriversStep, { type: 'EndBlock' }>,
): Promise<Next> => {
  const done = await takeStep(workspace)(queued, vehicle, step);
  if (isLeft(done)) return again(STORE_AWAY_S);
  if (done.right) observe({ type: 'ended', status: step.status, code: step.code });
  return over;
};

/** Asks a silent device where it is, if it is its turn; the answer comes as telemetry. */
const ask = async (
  parts: DrivingParts,
  queued: QueuedJob,
  { vehicle, job }: Wanted,
  fitted: Installation,
): Promise<void> => {
  const { rules } = job.rules;
  const now_ms = epochMs(parts.workspace.now());
  const isDue = job.askedAt === null || now_ms >= epochMs(job.askedAt) + rules.ask_every_s * 1_000;
  if (job.asks >= rules.asks_max || !isDue) return;
  const step = { type: 'AskPosition', ask: job.asks + 1 } as const;
  const asked = await takeStep(parts.workspace)(queued, vehicle, step);
  if (isLeft(asked) || !asked.right) return;
  await parts.relayOf(job.method)?.send(orderTo(fitted, 'query_position'))();
};

const hold = async (
  parts: DrivingParts,
  queued: QueuedJob,
  wanted: Wanted & { readonly fitted: Installation },
  { doubts, sightings }: { doubts: readonly Doubt[]; sightings: readonly Sighting[] },
): Promise<Next> => {
  parts.observe({ type: 'doubted', doubts });
  const isNews = wanted.job.doubts?.join() !== doubts.join();
  const step = { type: 'HoldBlock', doubts, sightings } as const;
  // What is written down already need not be offered to the store again, every two seconds.
  const held = isNews ? await takeStep(parts.workspace)(queued, wanted.vehicle, step) : right(null);
  const [code] = doubts;
  if (!wanted.job.waits && code !== undefined) {
    return end(parts, queued, wanted, { type: 'EndBlock', status: 'refused', code });
  }
  if (!isLeft(held) && doubts.every((doubt) => ASKING.has(doubt))) {
    await ask(parts, queued, wanted, wanted.fitted);
  }
  return again(LOOK_EVERY_S);
};

/** Looks whether the block may be sent now, and sends it, or writes down why not. */
const tryIt = async (
  parts: DrivingParts,
  queued: QueuedJob,
  wanted: Wanted & { readonly fitted: Installation },
  attempt: number,
): Promise<Next> => {
  const begun_ms = parts.monotonic_ms();
  const seen = await lookAt(parts, queued, wanted.job);
  if (isLeft(seen)) return again(STORE_AWAY_S);
  const sightings = seen.right;
  const { job, fitted } = wanted;
  const doubts = doubtsAbout(job, fitted, sightings, parts.workspace.now());
  if (doubts.length > 0) return hold(parts, queued, wanted, { doubts, sightings });
  const asked = { ...wanted, attempt, sightings, begun_ms };
  const sent = await dispatchBlock(parts)(queued, asked);
  if (isLeft(sent)) parts.observe({ type: 'failed', code: sent.left.code });
  if (isLeft(sent)) return again(STORE_AWAY_S);
  // Whoever was held up is not helped by trying again at once.
  return again(sent.right ? 0 : LOOK_EVERY_S);
};

/** Drives a block one step on. */
export const driveBlock =
  (parts: DrivingParts) =>
  async (queued: QueuedJob, wanted: Wanted): Promise<Next> => {
    const { workspace, relayOf, newBlocksAllowed } = parts;
    const { vehicle, job } = wanted;
    const at = workspace.now();
    const last = sentOf(job).at(-1);
    const fitted = vehicle.immobilization.installation;
    const isCurrent = vehicle.immobilization.current === job.job;
    if (!isCurrent || (job.ended !== null && job.ended.status !== 'unconfirmed')) return over;
    const refuse = (code: string) =>
      end(parts, queued, wanted, { type: 'EndBlock', status: 'refused', code });
    if (fitted === null) return job.ended === null ? refuse('immobilizer_missing') : over;
    const whole = { ...wanted, fitted };
    if (last !== undefined) {
      const retry = (attempt: number) => tryIt(parts, queued, whole, attempt);
      return settleBlock(parts)(queued, { ...whole, last }, retry);
    }
    if (job.approveBy !== null && job.approval === null) {
      const left_s = (epochMs(job.approveBy) - epochMs(at)) / 1_000;
      if (left_s >= 0) return again(left_s + 0.1);
      const step = { type: 'EndBlock', status: 'expired', code: 'not_approved' } as const;
      return end(parts, queued, wanted, step);
    }
    if (at > job.expiresAt) {
      const code = job.doubts?.[0] ?? 'not_sent_in_time';
      return end(parts, queued, wanted, { type: 'EndBlock', status: 'expired', code });
    }
    const allowed = await newBlocksAllowed(queued.tenant);
    if (isLeft(allowed)) return again(STORE_AWAY_S);
    const asked = { at, newBlocksAllowed: allowed.right };
    const hindered = hindersDispatch(job, vehicle, asked);
    if (hindered) return refuse(snakeCase(hindered.code));
    if (relayOf(job.method) === null) return refuse('relay_not_configured');
    const attempt = attemptDue(job, at);
    return attempt === null ? refuse('held_back_too_often') : tryIt(parts, queued, whole, attempt);
  };
