import { z } from 'zod';
import { JOB_STATUSES } from '#domain/immobilization/status.ts';
import { ReasonClass } from '#domain/immobilization/words.ts';
import { ActorId, JobId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/**
 * A block or release by what its vehicle's stream tells. `review`: whether a second person still has to
 * look at it, by `reviewBy`; `code` is why it ended as it did.
 */
export const ImmobilizationRow = z.strictObject({
  job: JobId,
  vehicle: VehicleId,
  park: ParkId,
  action: z.enum(['block', 'release']),
  reason: z.string(),
  reasonClass: ReasonClass.nullable(),
  user: ActorId,
  status: z.enum(JOB_STATUSES),
  code: z.string().nullable(),
  requestedAt: Instant,
  endedAt: Instant.nullable(),
  review: z.enum(['none', 'due', 'done']),
  reviewBy: Instant.nullable(),
  ...lastEvent,
});
export type ImmobilizationRow = z.infer<typeof ImmobilizationRow>;

const begun = (event: ProjectedEvent): ImmobilizationRow | null => {
  const { fact } = event;
  const open = { code: null, endedAt: null, requestedAt: fact.when.at, ...after(event) };
  if (fact.type === 'BlockRequested') {
    const { job, vehicle, park, reason, reasonClass, user, approveBy, reviewBy } = fact.data;
    const status = approveBy === null ? 'pending' : 'waiting_approval';
    const review = reviewBy === null ? 'none' : 'due';
    const asked = {
      job,
      vehicle,
      park,
      reason,
      reasonClass,
      user,
      status,
      review,
      reviewBy,
    } as const;
    return { action: 'block', ...asked, ...open };
  }
  if (fact.type !== 'ReleaseRequested') return null;
  const { job, vehicle, park, reason, user } = fact.data;
  const asked = { job, vehicle, park, reason, reasonClass: null, user } as const;
  return {
    action: 'release',
    ...asked,
    status: 'pending',
    review: 'none',
    reviewBy: null,
    ...open,
  };
};

const changed = (
  row: ImmobilizationRow,
  { fact }: ProjectedEvent,
): Partial<ImmobilizationRow> | null => {
  switch (fact.type) {
    case 'BlockApproved':
      return { status: 'pending' };
    case 'BlockHeld':
      return { status: 'waiting_safe' };
    case 'BlockDispatchStarted':
    case 'ReleaseDispatchStarted':
      return { status: 'dispatching' };
    case 'BlockAnswered':
      return fact.data.outcome === 'not_sent' ? { status: 'waiting_safe' } : null;
    case 'BlockEnded':
    case 'ReleaseEnded': {
      const { status, code } = fact.data;
      return { status, code, endedAt: fact.when.at };
    }
    case 'BlockCancelled':
      return { status: 'cancelled', code: fact.data.reason, endedAt: fact.when.at };
    case 'BlockReviewed':
      return row.review === 'due' ? { review: 'done' } : null;
    default:
      return null;
  }
};

const evolve = (row: ImmobilizationRow | null, event: ProjectedEvent): ImmobilizationRow | null => {
  if (row === null) return begun(event);
  const change = changed(row, event);
  return change === null ? row : { ...row, ...change, ...after(event) };
};

/** Every block and release, by its id. */
export const immobilizations: Projection<ImmobilizationRow> = {
  name: 'immobilizations',
  version: 1,
  row: ImmobilizationRow,
  handles: [
    'BlockRequested',
    'BlockApproved',
    'BlockHeld',
    'BlockDispatchStarted',
    'BlockAnswered',
    'BlockEnded',
    'BlockCancelled',
    'BlockReviewed',
    'ReleaseRequested',
    'ReleaseDispatchStarted',
    'ReleaseEnded',
  ],
  keys: ({ fact }) => ('job' in fact.data ? [fact.data.job] : []),
  evolve,
  subject: (key) => SubjectKey.parse(`job:${key}`),
  columns: {
    vehicle: { path: ['vehicle'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    status: { path: ['status'], type: 'text' },
    review: { path: ['review'], type: 'text' },
    requested_at: { path: ['requestedAt'], type: 'timestamptz' },
  },
  indexes: [
    ['park', 'requested_at'],
    ['vehicle', 'requested_at'],
    ['review', 'requested_at'],
  ],
};
