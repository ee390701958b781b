import { isLeft } from 'fp-ts/lib/Either.js';
import type { RelayTrace } from '#commands/relay.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import type { ReleaseJob } from '#domain/immobilization/state.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { sendOrder, traceOf } from './askRelay.ts';
import { orderTo, QUEUE_S } from './dispatchBlock.ts';
import { confirmationIn, executionIn } from './outcome.ts';
import { again, type DrivingParts, type Next, over } from './parts.ts';
import type { QueuedJob } from './ports.ts';
import { type KnownJob, takeStep } from './steps.ts';
import { waitForNews } from './waitForNews.ts';

const POLL_MS = 250;
/** So often log and telemetry are read where the relay has nothing new to tell. */
const LOOK_EVERY_MS = 1_000;
const STORE_AWAY_S = 1;
/** Between two looks at a release that nothing answers to. */
const PATIENT_LOOK_S = 10;
/** First at once, again when a block's place in the relay's queue has run out, then every four seconds. */
const EAGER = { sends: 16, every_s: 4 } as const;
/** Later once a minute, until it is confirmed or something newer is wanted: an hour at a time. */
const PATIENT = { sends: 60, every_s: 60 } as const;

interface Wanted extends KnownJob {
  readonly job: ReleaseJob;
}

/** From when on the output proves a release: a block that was sent before it may be done a little later. */
const provenFrom = (begun: Instant, { immobilization: { jobs } }: Vehicle): Instant => {
  const sent_ms = [...jobs.values()].flatMap((job) =>
    job.kind === 'block' ? job.attempts.map(({ at }) => epochMs(at)) : [],
  );
  const quiet_ms = Math.max(0, ...sent_ms) + (QUEUE_S + 1) * 1_000;
  return instantOf(Math.max(epochMs(begun), quiet_ms));
};

interface Looked {
  readonly isFree: boolean;
  readonly trace: RelayTrace | null;
}

const questionOf = ({ job }: Wanted, fitted: Installation) =>
  ({ to: orderTo(fitted, 'release').to, action: 'release', since: job.requestedAt }) as const;

/** Looks whether the engine is free by now, and writes down what is news. */
const look = async (
  parts: DrivingParts,
  queued: QueuedJob,
  wanted: Wanted,
  fitted: Installation,
): Promise<Looked> => {
  const { vehicle, job } = wanted;
  const { workspace, relayOf, sightings, observe } = parts;
  const take = takeStep(workspace);
  const since = provenFrom(job.seriesAt ?? job.requestedAt, vehicle);
  const trace = await traceOf(relayOf(job.method), questionOf(wanted, fitted));
  const { tenant, job: id } = queued;
  const seen = await sightings.since({ tenant, job: id, from: since, noStop: [] })();
  const told = { trace, sightings: isLeft(seen) ? [] : seen.right, fitted };
  const confirmed = confirmationIn({ ...told, since, wantsBlocked: false });
  if (confirmed) {
    const done = await take(queued, vehicle, confirmed);
    if (isLeft(done)) return { isFree: false, trace };
    if (done.right) observe({ type: 'ended', status: 'completed', code: 'released' });
    return { isFree: true, trace };
  }
  const executed = job.executedAt === null && trace !== null ? executionIn(trace) : null;
  if (executed) await take(queued, vehicle, executed);
  return { isFree: false, trace };
};

const send = async (
  { workspace, relayOf }: DrivingParts,
  queued: QueuedJob,
  { vehicle, job }: Wanted,
  fitted: Installation,
): Promise<void> => {
  const { outcome, code } = await sendOrder(relayOf(job.method), orderTo(fitted, 'release'));
  await takeStep(workspace)(queued, vehicle, { type: 'AnswerRelease', outcome, code });
};

/** When this process last sent a release; it is not known after a restart, and then sent at once. */
export interface ReleaseMemory {
  sent_ms: number | null;
  sends: number;
}

/** Whether a release is of the first minute, and sent every few seconds. */
const isEager = ({ requestedAt }: ReleaseJob, now_ms: number): boolean =>
  now_ms < epochMs(requestedAt) + EAGER.sends * EAGER.every_s * 1_000;

/** The series by which a release may be sent now: the running one, or the next; null: not its turn. */
const turnOf = (
  { job }: Wanted,
  memory: ReleaseMemory,
  { now_ms, monotonic_ms }: { readonly now_ms: number; readonly monotonic_ms: number },
): { readonly begins: typeof EAGER | typeof PATIENT | null } | null => {
  if (isEager(job, now_ms)) {
    if (memory.sent_ms === null) return { begins: EAGER };
    const wait_ms = memory.sends === 1 ? QUEUE_S * 1_000 + 500 : EAGER.every_s * 1_000;
    return monotonic_ms - memory.sent_ms >= wait_ms ? { begins: null } : null;
  }
  const isRecent =
    memory.sent_ms !== null && monotonic_ms - memory.sent_ms < PATIENT.every_s * 1_000;
  if (isRecent) return null;
  const begun_ms = job.seriesAt === null ? null : epochMs(job.seriesAt);
  const lasts_ms = PATIENT.sends * PATIENT.every_s * 1_000;
  const isRunning = job.patient && begun_ms !== null && now_ms < begun_ms + lasts_ms;
  return { begins: isRunning ? null : PATIENT };
};

/**
 * Drives a release one step on: it is sent until the output shows that the engine is free. It asks nobody
 * and looks at no speed.
 */
export const driveRelease =
  (parts: DrivingParts) =>
  async (queued: QueuedJob, wanted: Wanted, memory: ReleaseMemory): Promise<Next> => {
    const { workspace, monotonic_ms } = parts;
    const { vehicle, job } = wanted;
    const { installation: fitted, current } = vehicle.immobilization;
    if (job.ended !== null || current !== job.job || fitted === null) return over;
    const looked = job.series > 0 ? await look(parts, queued, wanted, fitted) : null;
    if (looked?.isFree) return over;
    const now_ms = epochMs(workspace.now());
    const turn = turnOf(wanted, memory, { now_ms, monotonic_ms: monotonic_ms() });
    const isPatient = !isEager(job, now_ms);
    const pause = again(isPatient ? PATIENT_LOOK_S : POLL_MS / 1_000);
    if (turn === null) {
      if (isPatient || !looked?.trace) return pause;
      const question = questionOf(wanted, fitted);
      const waiting = { question, before: looked.trace, for_ms: LOOK_EVERY_MS };
      await waitForNews(parts, parts.relayOf(job.method), waiting);
      return again(0);
    }
    if (turn.begins) {
      const step = { type: 'StartReleaseSeries', series: job.series + 1, ...turn.begins } as const;
      const begun = await takeStep(workspace)(queued, vehicle, step);
      if (isLeft(begun)) return again(STORE_AWAY_S);
      if (!begun.right) return pause;
    }
    memory.sent_ms = monotonic_ms();
    memory.sends += 1;
    await send(parts, queued, wanted, fitted);
    return pause;
  };
