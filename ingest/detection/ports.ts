import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { ConclusionId, Digest, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import type { Segment, WatchBase, WatchKey, WatchPlace } from './watch.ts';

/** At most so many rows of a device are read at once. */
export const WATCH_ROWS_MAX = 5_000;

/**
 * A reading of a time that lay further ahead of us when it came proves nothing: nobody can say who had the
 * vehicle then, and whatever comes later would come before it.
 */
export const AHEAD_MAX_US = 600_000_000;

/**
 * A watch that is to be looked at. `since_us`: the earliest device time that became known, or of which
 * something became known, since it was last looked at; null: only time has passed. `heard_us`: since when
 * that came, by our clock. `revision`: how often it has been saved; `marks`: how often it was marked.
 */
export interface DueWatch {
  readonly key: WatchKey;
  readonly base: WatchBase;
  readonly segment: Segment;
  readonly since_us: number | null;
  readonly heard_us: number | null;
  readonly revision: number;
  readonly marks: number;
}

/**
 * What was concluded, by its last word, under the id that it has had from the first. The fold may call it by
 * another meanwhile, which is the conclusion's own: late rows can move the reading that opens it. `told_us`
 * as in a word of the fold.
 */
export interface KeptConclusion {
  readonly id: ConclusionId;
  readonly conclusion: Conclusion;
  readonly told_us: number | null;
}

/**
 * A conclusion as it is to be kept. `id`: under which it is kept, null where it is new. `withdrawn`: it was
 * none.
 */
export interface ConclusionChange {
  readonly id: ConclusionId | null;
  readonly conclusion: Conclusion;
  readonly told_us: number | null;
  readonly withdrawn: boolean;
}

/** What a look at a watch came to. `look_us`: when to look again, null: when something comes. */
export interface SavedWatch {
  readonly due: DueWatch;
  readonly base: WatchBase;
  /** These take the place of all that begin where the first of them does, or later. */
  readonly segments: readonly Segment[];
  readonly changes: readonly ConclusionChange[];
  readonly look_us: number | null;
  readonly now_us: number;
}

/**
 * A conclusion that the ledger does not know as it is now. `published`: as the ledger knows it, null: not at
 * all. `publications`: how often it was told. `attempts`: how often telling it was refused in a row. `trip`:
 * the trip that was under way when it began, null where there was none.
 */
export interface Unpublished {
  readonly key: WatchKey;
  readonly id: ConclusionId;
  readonly conclusion: Conclusion;
  readonly withdrawn: boolean;
  readonly published: Conclusion | null;
  readonly publications: number;
  readonly attempts: number;
  readonly trip: ConclusionId | null;
}

/**
 * What became of telling the ledger. `told`: it knows it as it was asked to. `kept_back`: it is not told at
 * all, and why. `refused`: why not now; to be tried again at `retry_us`.
 */
export type Publication =
  | { readonly outcome: 'told' }
  | { readonly outcome: 'kept_back'; readonly code: string }
  | { readonly outcome: 'refused'; readonly code: string; readonly retry_us: number };

/** The readings that a conclusion rests on, as bytes, and until when they are kept. */
export interface EvidenceClip {
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly kept_until_us: number;
}

/** What detection remembers. Times in microseconds since 1970. */
export interface Watches {
  /**
   * Takes watches that are to be looked at, for a minute; nobody else gets them meanwhile. What was looked at
   * less than `rest_us` ago waits, whatever came.
   */
  readonly take: (request: {
    readonly now_us: number;
    readonly limit: number;
    readonly rest_us: number;
  }) => TaskEither<Unavailable, readonly DueWatch[]>;
  /**
   * The last segment that begins before a time, with the earliest moment until which all rows from there on
   * to where the watch has got are sure to be kept; null where nothing was folded yet.
   */
  readonly segmentBefore: (
    key: WatchKey,
    time_us: number,
  ) => TaskEither<Unavailable, Segment | null>;
  /**
   * The rows of a watch behind a place (null: from the first on), at most 5,000, in their order, but for
   * those from ahead of us.
   */
  readonly rows: (
    key: WatchKey,
    after: WatchPlace | null,
  ) => TaskEither<Unavailable, readonly TelemetryRow[]>;
  /** The rows of a stretch of device time, both ends in it, at most so many of the first. */
  readonly rowsBetween: (
    key: WatchKey,
    stretch: { readonly from_us: number; readonly to_us: number; readonly limit: number },
  ) => TaskEither<Unavailable, readonly TelemetryRow[]>;
  /** Conclusions that are not settled, were told after a time (null: all), or are called so by the fold. */
  readonly concluded: (
    key: WatchKey,
    told: { readonly after_us: number | null; readonly ids: readonly string[] },
  ) => TaskEither<Unavailable, readonly KeptConclusion[]>;
  /** Keeps what was found; false where somebody else was faster, and nothing was kept. */
  readonly save: (saved: SavedWatch) => TaskEither<Unavailable, boolean>;
  /** Has the watches of vehicles looked at from a moment of device time on. */
  readonly touch: (request: {
    readonly tenant: Tenant;
    readonly vehicles: readonly VehicleId[];
    readonly since_us: number;
  }) => TaskEither<Unavailable, null>;
  /** Conclusions that the ledger has to be told, withdrawn ones first, then those it knows already. */
  readonly unpublished: (request: {
    readonly now_us: number;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly Unpublished[]>;
  /** Keeps what became of telling it; what was said otherwise meanwhile stays to be told. */
  readonly published: (
    asked: Unpublished,
    publication: Publication,
  ) => TaskEither<Unavailable, null>;
  /** Keeps a clip; twice is once. */
  readonly keepClip: (clip: EvidenceClip) => TaskEither<Unavailable, null>;
  /** A clip, null where there is none. */
  readonly clip: (asked: {
    readonly tenant: Tenant;
    readonly digest: Digest;
  }) => TaskEither<Unavailable, Pick<EvidenceClip, 'vehicle' | 'bytes'> | null>;
  /** Lets go of clips, segments and settled conclusions that nobody needs any more; answers how many. */
  readonly tidy: (request: { readonly now_us: number }) => TaskEither<Unavailable, number>;
  readonly close: () => Promise<void>;
}
