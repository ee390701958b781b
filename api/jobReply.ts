import { z } from 'zod';
import type { ToldJob } from '#commands/immobilization/history.ts';
import { clocksOf, evidenceOf, JOB_STATUSES, statusOfJob } from '#domain/immobilization/status.ts';
import { RelayMethod } from '#domain/immobilization/words.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { ActorId, Digest, EventId, JobId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';

const Milliseconds = z.int().nullable();

/** One step of a job: who, when, which vehicle, why, and what was seen. */
const Step = z.strictObject({
  event_id: EventId,
  event: z.string(),
  user_id: ActorId,
  timestamp: Instant,
  vehicle_id: VehicleId,
  reason: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** A block or release, as it is told outside. */
export const JobReply = z
  .strictObject({
    job_id: JobId,
    vehicle_id: VehicleId,
    action: z.enum(['block', 'release']),
    method: RelayMethod,
    status: z.enum(JOB_STATUSES),
    result: z.string().nullable().meta({
      description: '`success`, or why not; null while it is under way.',
    }),
    reason: z.string(),
    user_id: ActorId,
    timestamp: Instant,
    approval: z
      .strictObject({
        needed: z.boolean(),
        approval_hash: Digest,
        approve_by: Instant.nullable(),
        approved_by: ActorId.nullable(),
      })
      .nullable(),
    review: z.strictObject({ due_by: Instant.nullable(), done: z.boolean() }).nullable(),
    waiting: z
      .strictObject({ for: z.array(z.string()), until: Instant, asked: z.int() })
      .nullable()
      .meta({ description: 'What it waits for, and until when it is given up.' }),
    evidence: z.strictObject({
      level: z.enum(['none', 'queued', 'executed', 'confirmed']),
      dispatched_at: Instant.nullable(),
      queued_at: Instant.nullable(),
      executed_at: Instant.nullable(),
      confirmed_at: Instant.nullable(),
    }),
    clocks: z.strictObject({
      waited_ms: Milliseconds,
      decision_ms: Milliseconds,
      accepted_ms: Milliseconds,
      executed_ms: Milliseconds,
      confirmed_ms: Milliseconds,
    }),
    history: z.array(Step),
  })
  .meta({ id: 'ImmobilizationJob' });
export type JobReply = z.infer<typeof JobReply>;

const stepOf = (
  { id, type, actor, occurredAt, data }: LedgerEvent,
  vehicle: VehicleId,
  reason: string,
): z.infer<typeof Step> => ({
  event_id: id,
  event: snakeCase(type),
  user_id: actor.id,
  timestamp: occurredAt,
  vehicle_id: vehicle,
  reason: typeof data['reason'] === 'string' ? data['reason'] : reason,
  data,
});

/** Tells a job. Sent is never told as blocked: that takes evidence. */
export const jobReply = ({ job, events }: ToldJob, vehicle: VehicleId): JobReply => {
  const status = statusOfJob(job);
  const evidence = evidenceOf(job);
  const block = job.kind === 'block' ? job : null;
  return {
    job_id: job.job,
    vehicle_id: vehicle,
    action: job.kind,
    method: job.method,
    status,
    result: job.ended === null ? null : status === 'completed' ? 'success' : job.ended.code,
    reason: job.reason,
    user_id: job.user,
    timestamp: job.requestedAt,
    approval: block && {
      needed: block.approveBy !== null,
      approval_hash: block.basis,
      approve_by: block.approveBy,
      approved_by: block.approval?.user ?? null,
    },
    review: block && { due_by: block.reviewBy, done: block.reviewed },
    waiting:
      block && block.ended === null && status === 'waiting_safe'
        ? { for: [...(block.doubts ?? [])], until: block.expiresAt, asked: block.asks }
        : null,
    evidence: {
      level: evidence.level,
      dispatched_at: evidence.dispatchedAt,
      queued_at: evidence.queuedAt,
      executed_at: evidence.executedAt,
      confirmed_at: evidence.confirmedAt,
    },
    clocks: { ...clocksOf(job) },
    history: events.map((event) => stepOf(event, vehicle, job.reason)),
  };
};
