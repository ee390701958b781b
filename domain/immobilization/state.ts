import type { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { ActorId, CommandId, Digest, JobId, RentalId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { ImmobilizationEvent, RulesUsed, Snapshot } from './events.ts';
import type { Installation } from './installation.ts';
import type { Doubt } from './stillness.ts';
import type {
  BlockReason,
  EndStatus,
  NoticeMode,
  ReasonClass,
  RelayMethod,
  ReleaseReason,
  SendOutcome,
} from './words.ts';

/** What sending an order came to, and when that was known. */
interface Answer {
  readonly outcome: SendOutcome;
  readonly code: string | null;
  readonly again: boolean;
  readonly at: Instant;
}

/** One attempt to block; `answer` is null while nobody knows, and for ever where the sender died. */
export interface Attempt {
  readonly attempt: number;
  readonly at: Instant;
  readonly answer: Answer | null;
}

interface Ended {
  readonly status: EndStatus;
  readonly code: string;
  readonly at: Instant;
}

interface Job {
  readonly job: JobId;
  readonly user: ActorId;
  readonly method: RelayMethod;
  readonly requestedAt: Instant;
  readonly executedAt: Instant | null;
  readonly confirmedAt: Instant | null;
  readonly ended: Ended | null;
}

export interface BlockJob extends Job {
  readonly kind: 'block';
  readonly reason: BlockReason;
  readonly reasonClass: ReasonClass;
  readonly snapshot: Snapshot;
  readonly basis: Digest;
  readonly approveBy: Instant | null;
  readonly approval: { readonly user: ActorId; readonly at: Instant } | null;
  readonly reviewBy: Instant | null;
  readonly reviewed: boolean;
  readonly expiresAt: Instant;
  readonly waits: boolean;
  readonly rules: RulesUsed;
  /** Why it waits; null before the first look. */
  readonly doubts: readonly Doubt[] | null;
  readonly holds: number;
  readonly asks: number;
  readonly askedAt: Instant | null;
  readonly attempts: readonly Attempt[];
  /** What was known of the engine before the first attempt. */
  readonly before: Engine;
}

export interface ReleaseJob extends Job {
  readonly kind: 'release';
  readonly reason: ReleaseReason;
  readonly series: number;
  readonly seriesAt: Instant | null;
  /** Whether it is by now sent once a minute. */
  readonly patient: boolean;
  readonly answer: Answer | null;
}

export type ImmobilizationJob = BlockJob | ReleaseJob;

/** `unknown`: a block was sent of which nobody knows what came of it. */
export type Engine = 'free' | 'blocked' | 'unknown';

/** What is built in, and the command that holds the claim on its unit. */
type Installed = Installation & { readonly operation: CommandId };

interface Notice {
  readonly rental: RentalId;
  readonly step: string;
  readonly mode: z.infer<typeof NoticeMode>;
  readonly at: Instant;
}

/** Everything about blocking the engine of one vehicle. `current`: the newest intent; it may have ended. */
export interface Immobilization {
  readonly installation: Installed | null;
  readonly engine: Engine;
  readonly jobs: ReadonlyMap<JobId, ImmobilizationJob>;
  readonly current: JobId | null;
  readonly notices: readonly Notice[];
  readonly graceUntil: Instant | null;
}

/** Of a vehicle into which nothing was built. */
export const notImmobilized: Immobilization = {
  installation: null,
  engine: 'free',
  jobs: new Map(),
  current: null,
  notices: [],
  graceUntil: null,
};

const withJob = (state: Immobilization, job: ImmobilizationJob): Immobilization => ({
  ...state,
  jobs: new Map(state.jobs).set(job.job, job),
});

const changedBlock = (
  state: Immobilization,
  id: JobId,
  change: (job: BlockJob) => Partial<BlockJob>,
): Immobilization => {
  const job = state.jobs.get(id);
  return job?.kind === 'block' ? withJob(state, { ...job, ...change(job) }) : state;
};

const changedRelease = (
  state: Immobilization,
  id: JobId,
  change: Partial<ReleaseJob>,
): Immobilization => {
  const job = state.jobs.get(id);
  return job?.kind === 'release' ? withJob(state, { ...job, ...change }) : state;
};

const begun = { executedAt: null, confirmedAt: null, ended: null };

type Of<Type extends ImmobilizationEvent['type']> = Extract<ImmobilizationEvent, { type: Type }>;

const requested = (state: Immobilization, { data, when }: Of<'BlockRequested'>): Immobilization => {
  const { job, user, method, reason, reasonClass, snapshot, basis, rules } = data;
  const { approveBy, reviewBy, expiresAt, waits } = data;
  const wanted = { job, user, method, reason, reasonClass, snapshot, basis, rules };
  const waiting = { approval: null, reviewed: false, doubts: null, holds: 0, asks: 0 };
  return {
    ...withJob(state, {
      kind: 'block',
      ...{ ...wanted, ...waiting, ...begun, approveBy, reviewBy, expiresAt, waits },
      ...{ requestedAt: when.at, askedAt: null, attempts: [], before: state.engine },
    }),
    current: job,
  };
};

const dispatched = (
  state: Immobilization,
  { data, when }: Of<'BlockDispatchStarted'>,
): Immobilization => {
  const { job, attempt } = data;
  const sent = changedBlock(state, job, ({ attempts, before }) => ({
    attempts: [...attempts, { attempt, at: when.at, answer: null }],
    before: attempts.length === 0 ? state.engine : before,
  }));
  return { ...sent, engine: 'unknown' };
};

const answered = (state: Immobilization, { data, when }: Of<'BlockAnswered'>): Immobilization => {
  const { job: id, attempt, outcome, code, again } = data;
  const answer = { outcome, code, again, at: when.at };
  const next = changedBlock(state, id, ({ attempts }) => ({
    attempts: attempts.map((each) => (each.attempt === attempt ? { ...each, answer } : each)),
  }));
  const job = next.jobs.get(id);
  const isUndone = outcome === 'not_delivered' || outcome === 'not_sent';
  return isUndone && job?.kind === 'block' ? { ...next, engine: job.before } : next;
};

const blockEnded = (state: Immobilization, { data, when }: Of<'BlockEnded'>): Immobilization => {
  const { job: id, status, code } = data;
  const next = changedBlock(state, id, () => ({ ended: { status, code, at: when.at } }));
  const job = next.jobs.get(id);
  return status === 'failed' && job?.kind === 'block' && job.attempts.length > 0
    ? { ...next, engine: job.before }
    : next;
};

const releaseRequested = (
  state: Immobilization,
  { data, when }: Of<'ReleaseRequested'>,
): Immobilization => {
  const { job, user, method, reason } = data;
  const series = { series: 0, seriesAt: null, patient: false, answer: null };
  const wanted = { job, user, method, reason, requestedAt: when.at };
  const next = withJob(state, { kind: 'release', ...wanted, ...begun, ...series });
  return { ...next, current: job };
};

/** Folds one event into what is known about blocking a vehicle. */
export const evolveImmobilization = (
  state: Immobilization,
  event: ImmobilizationEvent,
): Immobilization => {
  const { at } = event.when;
  switch (event.type) {
    case 'ImmobilizerInstalled': {
      const { vehicle: _vehicle, park: _park, user: _user, ...installation } = event.data;
      return { ...state, installation, engine: 'free' };
    }
    case 'ImmobilizerRemoved':
      return { ...state, installation: null, engine: 'free' };
    case 'BlockNoticeGiven': {
      const { rental, step, mode } = event.data;
      return { ...state, notices: [...state.notices, { rental, step, mode, at }] };
    }
    case 'EmergencyStartGranted':
      return { ...state, graceUntil: event.data.until };
    case 'BlockRequested':
      return requested(state, event);
    case 'BlockApproved': {
      const { job, user } = event.data;
      return changedBlock(state, job, () => ({ approval: { user, at } }));
    }
    case 'BlockHeld': {
      const { job, doubts } = event.data;
      return changedBlock(state, job, ({ holds }) => ({ doubts, holds: holds + 1 }));
    }
    case 'PositionAsked':
      return changedBlock(state, event.data.job, () => ({ asks: event.data.ask, askedAt: at }));
    case 'BlockDispatchStarted':
      return dispatched(state, event);
    case 'BlockAnswered':
      return answered(state, event);
    case 'OrderExecuted': {
      const job = state.jobs.get(event.data.job);
      return job ? withJob(state, { ...job, executedAt: at }) : state;
    }
    case 'BlockConfirmed': {
      const done = changedBlock(state, event.data.job, () => ({ confirmedAt: at }));
      return { ...done, engine: 'blocked' };
    }
    case 'BlockEnded':
      return blockEnded(state, event);
    case 'BlockCancelled': {
      const ended = { status: 'cancelled', code: event.data.reason, at } as const;
      return changedBlock(state, event.data.job, () => ({ ended }));
    }
    case 'BlockReviewed':
      return changedBlock(state, event.data.job, () => ({ reviewed: true }));
    case 'ReleaseRequested':
      return releaseRequested(state, event);
    case 'ReleaseDispatchStarted': {
      const { job, series, every_s } = event.data;
      return changedRelease(state, job, { series, seriesAt: at, patient: every_s >= 60 });
    }
    case 'ReleaseAnswered': {
      const { job, outcome, code } = event.data;
      return changedRelease(state, job, { answer: { outcome, code, again: true, at } });
    }
    case 'ReleaseConfirmed':
      return {
        ...changedRelease(state, event.data.job, { confirmedAt: at }),
        engine: 'free',
      };
    case 'ReleaseEnded': {
      const { job, status, code } = event.data;
      return changedRelease(state, job, { ended: { status, code, at } });
    }
    default:
      return unreachable(event);
  }
};
