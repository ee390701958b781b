import type { z } from 'zod';
import type { ActorId, CommandId, Digest, InstallationId, JobId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { RulesUsed } from './events.ts';
import type { Installation } from './installation.ts';
import type { Doubt, Sighting } from './stillness.ts';
import type {
  BlockReason,
  CancelReason,
  EndStatus,
  NoticeMode,
  RelayMethod,
  ReleaseReason,
  SendOutcome,
} from './words.ts';

interface At {
  readonly when: Moment;
}

interface OfJob extends At {
  readonly job: JobId;
}

interface ByUser extends At {
  readonly user: ActorId;
}

/** Where new blocks are forbidden, nothing but a block is held up. */
export interface Allowed {
  readonly newBlocksAllowed: boolean;
}

export type InstallImmobilizer = ByUser & {
  readonly type: 'InstallImmobilizer';
  readonly installation: Installation;
  /** The command that took the claim on the unit. */
  readonly operation: CommandId;
};

export type RemoveImmobilizer = ByUser & {
  readonly type: 'RemoveImmobilizer';
  readonly installation: InstallationId;
};

export type GiveBlockNotice = ByUser & {
  readonly type: 'GiveBlockNotice';
  readonly step: string;
  readonly mode: z.infer<typeof NoticeMode>;
  readonly reference: string;
};

export type GrantEmergencyStart = ByUser & {
  readonly type: 'GrantEmergencyStart';
  readonly for_s: number;
  /** The release that goes with it. */
  readonly job: JobId;
};

/** `basisOf` makes the hash that an approval must repeat: hashing is no business of the domain. */
export type RequestBlock = ByUser &
  Allowed & {
    readonly type: 'RequestBlock';
    readonly job: JobId;
    readonly method: RelayMethod;
    readonly reason: BlockReason;
    readonly legalBasis: string | null;
    /** Whether it waits for a safe moment, or is refused where this is none. */
    readonly waits: boolean;
    readonly rules: RulesUsed;
    readonly basisOf: (what: Readonly<Record<string, unknown>>) => Digest;
  };

export type ApproveBlock = ByUser & {
  readonly type: 'ApproveBlock';
  readonly job: JobId;
  readonly basis: Digest;
};

export type CancelBlock = ByUser & {
  readonly type: 'CancelBlock';
  readonly job: JobId;
  readonly reason: z.infer<typeof CancelReason>;
};

export type ReviewBlock = ByUser & {
  readonly type: 'ReviewBlock';
  readonly job: JobId;
  readonly finding: 'justified' | 'not_justified';
};

export type RequestRelease = ByUser & {
  readonly type: 'RequestRelease';
  readonly job: JobId;
  readonly method: RelayMethod | null;
  readonly reason: ReleaseReason;
};

/** The block is to be sent, on these sightings. The domain judges them itself. */
export type StartDispatch = OfJob &
  Allowed & {
    readonly type: 'StartDispatch';
    readonly attempt: number;
    readonly sightings: readonly Sighting[];
  };

export type HoldBlock = OfJob & {
  readonly type: 'HoldBlock';
  readonly doubts: readonly Doubt[];
  readonly sightings: readonly Sighting[];
};

export type AskPosition = OfJob & { readonly type: 'AskPosition'; readonly ask: number };

export type AnswerBlock = OfJob & {
  readonly type: 'AnswerBlock';
  readonly attempt: number;
  readonly outcome: SendOutcome;
  readonly code: string | null;
  readonly again: boolean;
};

export type NoteExecuted = OfJob & {
  readonly type: 'NoteExecuted';
  readonly by: 'relay' | 'device';
};

export type NoteConfirmed = OfJob & {
  readonly type: 'NoteConfirmed';
  readonly by: 'relay_output' | 'telemetry_output';
};

export type EndBlock = OfJob & {
  readonly type: 'EndBlock';
  readonly status: Exclude<EndStatus, 'completed'>;
  readonly code: string;
};

export type StartReleaseSeries = OfJob & {
  readonly type: 'StartReleaseSeries';
  readonly series: number;
  readonly sends: number;
  readonly every_s: number;
};

export type AnswerRelease = OfJob & {
  readonly type: 'AnswerRelease';
  readonly outcome: SendOutcome;
  readonly code: string | null;
};

/** What people ask about blocking an engine. */
export type PeoplesCommand =
  | InstallImmobilizer
  | RemoveImmobilizer
  | GiveBlockNotice
  | GrantEmergencyStart
  | RequestBlock
  | ApproveBlock
  | CancelBlock
  | ReviewBlock
  | RequestRelease;

/** What whoever drives a job says of it. */
export type DriversCommand =
  | StartDispatch
  | HoldBlock
  | AskPosition
  | AnswerBlock
  | NoteExecuted
  | NoteConfirmed
  | EndBlock
  | StartReleaseSeries
  | AnswerRelease;

export type ImmobilizationCommand = PeoplesCommand | DriversCommand;

/** Why a block, or a step of it, may not be. */
export type ImmobilizationRefusal =
  | { readonly code: 'ImmobilizerMissing' }
  | { readonly code: 'ImmobilizerDeviceNotFitted' }
  | { readonly code: 'ImmobilizerUnitOfAnother' }
  | { readonly code: 'OperationAbandoned' }
  | { readonly code: 'ImmobilizerOfAnotherMethod'; readonly method: RelayMethod }
  | { readonly code: 'ImmobilizerUnsafe'; readonly interrupts: string }
  | { readonly code: 'ImmobilizerInUse'; readonly job: JobId }
  | { readonly code: 'NewBlocksForbidden' }
  | { readonly code: 'LadderMissing' }
  | { readonly code: 'NoticesMissing'; readonly step: string }
  | { readonly code: 'NobodyToBlockFor' }
  | { readonly code: 'EmergencyStartHolds'; readonly until: Instant }
  | { readonly code: 'VehicleBlocked'; readonly job: JobId | null }
  | { readonly code: 'BlockInFlight'; readonly job: JobId }
  | { readonly code: 'JobUnknown'; readonly job: JobId }
  | { readonly code: 'JobHasEnded'; readonly status: EndStatus }
  | { readonly code: 'ApprovalNotAwaited' }
  | { readonly code: 'ApprovalOfOneself' }
  | { readonly code: 'ApprovalExpired'; readonly approveBy: Instant }
  | { readonly code: 'ApprovalOfSomethingElse'; readonly basis: Digest }
  | { readonly code: 'SnapshotChanged'; readonly changed: readonly string[] }
  | { readonly code: 'ReviewNotDue' }
  | { readonly code: 'ReviewOfOneself' }
  | { readonly code: 'StandstillUncertain'; readonly doubts: readonly Doubt[] }
  | { readonly code: 'AttemptNotDue' };
