import { isLeft } from 'fp-ts/lib/Either.js';
import type { RelayTrace } from '#commands/relay.ts';
import { ATTEMPTS_MAX, attemptDue } from '#domain/immobilization/dispatch.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import { sentOf } from '#domain/immobilization/request.ts';
import type { Attempt, BlockJob } from '#domain/immobilization/state.ts';
import { epochMs } from '#domain/kernel/instant.ts';
import { traceOf } from './askRelay.ts';
import { orderTo } from './dispatchBlock.ts';
import { confirmationIn, evidenceFrom, executionIn } from './outcome.ts';
import { again, type DrivingParts, type Next, over } from './parts.ts';
import type { QueuedJob } from './ports.ts';
import { type DriversStep, type KnownJob, takeStep } from './steps.ts';
import { waitForNews } from './waitForNews.ts';

const POLL_MS = 250;
/** So often log and telemetry are read where the relay has nothing new to tell. */
const LOOK_EVERY_MS = 2_000;
/** Attempts are made at 0, 4 and 8 s; what is not shown by then is called unconfirmed. */
const VERDICT_S = 12;
/** Whoever began to send has sent, or never will, after so long. */
const SENDER_S = 5;
/** So long after it was given up as unconfirmed, proof is still looked for. */
const LATE_PROOF_S = 600;
const LATE_LOOK_S = 5;

interface Sent extends KnownJob {
  readonly job: BlockJob;
  readonly fitted: Installation;
  readonly last: Attempt;
}

/** What is known of the last attempt by now: from the relay, and from our own telemetry. */
const evidenceOf = async (parts: DrivingParts, queued: QueuedJob, { job, fitted, last }: Sent) => {
  const relay = parts.relayOf(job.method);
  const { to } = orderTo(fitted, 'block');
  const question = { to, action: 'block', since: last.at } as const;
  const trace = await traceOf(relay, question);
  const { tenant, job: id } = queued;
  // What was told before the order proves nothing, and is not read.
  const from = evidenceFrom(last.at);
  const seen = await parts.sightings.since({ tenant, job: id, from, noStop: [] })();
  return {
    ...{ relay, question, trace },
    sightings: isLeft(seen) ? [] : seen.right,
  };
};

const refusalOf = (trace: RelayTrace | null): string | null =>
  trace?.answer?.kind === 'refused_fix' || trace?.answer?.kind === 'refused_speed'
    ? `device_${trace.answer.kind}`
    : null;

/** What follows from the relay's account of an attempt; null: nothing yet. */
const accountOf = (
  { job, fitted, last }: Sent,
  trace: RelayTrace | null,
  now_ms: number,
): DriversStep | null => {
  const { attempt, answer } = last;
  if (answer === null) {
    if (now_ms < epochMs(last.at) + SENDER_S * 1_000) return null;
    const lost = { outcome: 'ambiguous', code: 'sender_lost', again: false } as const;
    return { type: 'AnswerBlock', attempt, ...lost };
  }
  const refused = refusalOf(trace);
  if (refused !== null) {
    const status = fitted.defers_when_refused ? 'unconfirmed' : 'failed';
    return { type: 'EndBlock', status, code: refused };
  }
  const isOpen = answer.outcome === 'accepted' || answer.outcome === 'ambiguous';
  if (isOpen && trace?.record.kind === 'not_executed' && job.executedAt === null) {
    const undone = { outcome: 'not_delivered', code: 'not_executed', again: true } as const;
    return { type: 'AnswerBlock', attempt, ...undone };
  }
  return null;
};

/** How a block ends for which nothing more will be sent; null: it does not yet. */
const verdictOf = ({ job, last }: Sent, now_ms: number): DriversStep | null => {
  const { answer } = last;
  const sent = sentOf(job);
  const [first] = sent;
  if (answer === null || first === undefined) return null;
  const isDue = now_ms >= epochMs(first.at) + VERDICT_S * 1_000;
  const isKnown = answer.outcome === 'not_delivered';
  if (isKnown && (!answer.again || isDue || sent.length >= ATTEMPTS_MAX)) {
    return { type: 'EndBlock', status: 'failed', code: answer.code ?? 'not_delivered' };
  }
  if (!isDue || isKnown) return null;
  const code = job.executedAt === null ? 'no_evidence' : 'not_shown_by_the_device';
  return { type: 'EndBlock', status: 'unconfirmed', code };
};

/**
 * Follows a block that was sent until it is known what came of it, and answers when to look again. Sends
 * nothing itself: `retry` is called when another attempt is due.
 */
export const settleBlock =
  (parts: DrivingParts) =>
  async (
    queued: QueuedJob,
    sent: Sent,
    retry: (attempt: number) => Promise<Next>,
  ): Promise<Next> => {
    const { workspace, observe } = parts;
    const { vehicle, job, fitted, last } = sent;
    const take = takeStep(workspace);
    const { relay, question, trace, sightings } = await evidenceOf(parts, queued, sent);
    const now_ms = epochMs(workspace.now());
    const wanted = { since: last.at, wantsBlocked: true };
    const took_ms = now_ms - epochMs(last.at);
    const confirmed = confirmationIn({ trace, sightings, fitted, ...wanted });
    if (confirmed) {
      const done = await take(queued, vehicle, confirmed);
      if (isLeft(done)) return again(1);
      if (done.right) observe({ type: 'clock', clock: 'confirmed', took_ms });
      if (done.right) observe({ type: 'ended', status: 'completed', code: 'confirmed' });
      return over;
    }
    if (job.ended !== null) {
      return now_ms < epochMs(last.at) + LATE_PROOF_S * 1_000 ? again(LATE_LOOK_S) : over;
    }
    const executed = job.executedAt === null && trace !== null ? executionIn(trace) : null;
    if (executed) {
      const done = await take(queued, vehicle, executed);
      if (!isLeft(done) && done.right) observe({ type: 'clock', clock: 'executed', took_ms });
      return again(0);
    }
    const verdict = accountOf(sent, trace, now_ms) ?? verdictOf(sent, now_ms);
    const due = attemptDue(job, workspace.now());
    if (verdict) {
      const done = await take(queued, vehicle, verdict);
      if (!isLeft(done) && done.right && verdict.type === 'EndBlock') {
        observe({ type: 'ended', status: verdict.status, code: verdict.code });
      }
      return again(0);
    }
    if (due !== null) return retry(due);
    // Only what is known not to have been delivered is tried again, in its turn.
    if (trace === null || last.answer?.outcome !== 'accepted') return again(POLL_MS / 1_000);
    const verdict_ms = epochMs(sentOf(job)[0]?.at ?? last.at) + VERDICT_S * 1_000 - now_ms;
    const for_ms = Math.min(LOOK_EVERY_MS, Math.max(POLL_MS, verdict_ms));
    await waitForNews(parts, relay, { question, before: trace, for_ms });
    return again(0);
  };
