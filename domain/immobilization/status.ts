import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { sentOf } from './request.ts';
import type { BlockJob, ImmobilizationJob } from './state.ts';

/** Where a job is, as it is told outside. `failed`, `refused`, …: it is known that nothing was blocked. */
export const JOB_STATUSES = [
  'pending',
  'waiting_approval',
  'waiting_safe',
  'dispatching',
  'completed',
  'unconfirmed',
  'failed',
  'refused',
  'expired',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

const ofBlock = (job: BlockJob): JobStatus => {
  if (job.approveBy !== null && job.approval === null) return 'waiting_approval';
  if (sentOf(job).length > 0) return 'dispatching';
  return job.doubts === null ? 'pending' : 'waiting_safe';
};

/** Where a job is. */
export const statusOfJob = (job: ImmobilizationJob): JobStatus => {
  if (job.ended !== null) return job.ended.status;
  if (job.kind === 'block') return ofBlock(job);
  return job.series === 0 ? 'pending' : 'dispatching';
};

/** How well it is known that an order was carried out; sent is not blocked. */
export type EvidenceLevel = 'none' | 'queued' | 'executed' | 'confirmed';

/** What there is to show for a job, and when that came. */
export interface Evidence {
  readonly level: EvidenceLevel;
  readonly dispatchedAt: Instant | null;
  readonly queuedAt: Instant | null;
  readonly executedAt: Instant | null;
  readonly confirmedAt: Instant | null;
}

/** The evidence for a job, the strongest there is. */
export const evidenceOf = (job: ImmobilizationJob): Evidence => {
  const { executedAt, confirmedAt } = job;
  const last = job.kind === 'block' ? (sentOf(job).at(-1) ?? null) : null;
  const answer = job.kind === 'block' ? (last?.answer ?? null) : job.answer;
  const dispatchedAt = job.kind === 'block' ? (last?.at ?? null) : job.seriesAt;
  const queuedAt = answer?.outcome === 'accepted' ? answer.at : null;
  const shown = confirmedAt && 'confirmed';
  const level = shown ?? (executedAt && 'executed') ?? (queuedAt && 'queued') ?? 'none';
  return { level, dispatchedAt, queuedAt, executedAt, confirmedAt };
};

/**
 * The four clocks of a job in milliseconds: from when it might be sent until it was, from there until the
 * relay took it, the device did it, its output showed it. `waited_ms`: for approval, and for a safe moment.
 * Null: it did not come to that. Source: specification 000, "SLA" (15 s from end to end).
 */
export interface Clocks {
  readonly waited_ms: number | null;
  readonly decision_ms: number | null;
  readonly accepted_ms: number | null;
  readonly executed_ms: number | null;
  readonly confirmed_ms: number | null;
}

const between = (from: Instant | null, to: Instant | null): number | null =>
  from === null || to === null ? null : epochMs(to) - epochMs(from);

/** The clocks of a job. One that had to wait for a safe moment has no time of decision, but of waiting. */
export const clocksOf = (job: ImmobilizationJob): Clocks => {
  const { dispatchedAt, queuedAt, executedAt, confirmedAt } = evidenceOf(job);
  const free = job.kind === 'block' ? (job.approval?.at ?? job.requestedAt) : job.requestedAt;
  const hadToWait = job.kind === 'block' && job.doubts !== null;
  const began = hadToWait ? dispatchedAt : free;
  return {
    waited_ms: between(job.requestedAt, began),
    decision_ms: hadToWait ? null : between(free, dispatchedAt),
    accepted_ms: between(dispatchedAt, queuedAt),
    executed_ms: between(dispatchedAt, executedAt),
    confirmed_ms: between(dispatchedAt, confirmedAt),
  };
};
