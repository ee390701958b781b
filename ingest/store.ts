import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { Unavailable, Unknown } from '#commands/ports.ts';
import type { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Binding, Device } from './ports.ts';
import type { Quarantined } from './quarantine.ts';
import type { TelemetryRow } from './telemetryRow.ts';
import type { VehicleNow } from './vehicleNow.ts';

/** At most so many rows, rollups or vehicles are read at once. */
export const TELEMETRY_READ_MAX = 10_000;

/** At most so many are read of those that came lately: more than half an hour of one, as it is sampled. */
export const RECENT_ROWS_MAX = 400;

/** What one transaction brings: readings, in any order, and what goes into quarantine. */
export interface TelemetryBatch {
  readonly rows: readonly TelemetryRow[];
  readonly quarantined: readonly Quarantined[];
}

/** What became of a batch. `repeated`: places, from 0, of the rows that were there already. */
export interface Kept {
  readonly repeated: readonly number[];
}

/** A stretch of device time, in microseconds since 1970: its first moment is in it, its last is not. */
interface Stretch {
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly from_us: number;
  readonly to_us: number;
  readonly limit: number;
}

/** The place of a row in the order of reading: by time, then device, then fingerprint. */
export interface RowPlace {
  readonly device_time_us: number;
  readonly ident: DeviceIdent;
  readonly fingerprint: bigint;
}

/** Widths of a bucket of a rollup. */
export const Resolution = z.enum(['1m', '1h']);
export type Resolution = z.infer<typeof Resolution>;

/**
 * The readings of a vehicle in one minute or hour. Times in microseconds since 1970; `lat`, `lon`: the last
 * position, of `fix_at_us`. `ignition_on_share`: of the readings that told the ignition. Null: told by none
 * of them.
 */
export const Rollup = z.strictObject({
  bucket_us: z.int(),
  first_at_us: z.int(),
  last_at_us: z.int(),
  rows: z.int().min(1),
  fix_at_us: z.int().nullable(),
  lat: z.number().nullable(),
  lon: z.number().nullable(),
  speed_mean_kmh: z.number().nullable(),
  speed_max_kmh: z.number().nullable(),
  ignition_on_share: z.number().min(0).max(1).nullable(),
  odometer_min_m: z.number().nullable(),
  odometer_max_m: z.number().nullable(),
  engine_rpm_max: z.number().nullable(),
});
export type Rollup = z.infer<typeof Rollup>;

/** Vehicles of which more is known, and a mark to ask from next time. */
export interface ChangedNow {
  readonly mark: bigint;
  readonly states: readonly VehicleNow[];
}

/** What a round of housekeeping did; rows, but for `dropped`, which counts days of readings. */
export interface Tidied {
  readonly dropped: number;
  readonly late: number;
  readonly quarantined: number;
}

/**
 * Telemetry. A row is stored once, however often it comes. Rows whose time lies before the days that are
 * kept, or more than a day ahead, are stored too, trimmed by when they came, and read like all others.
 */
export interface TelemetryStore {
  /**
   * Stores all of a batch, durably, or nothing; `Unknown`: it may have been. The same again is repeated.
   */
  readonly append: (batch: TelemetryBatch) => TaskEither<Unavailable | Unknown, Kept>;
  /** Rows of a vehicle behind a place (null: from the first on), oldest first; at most 10,000. */
  readonly rows: (
    request: Stretch & { readonly after: RowPlace | null },
  ) => TaskEither<Unavailable, readonly TelemetryRow[]>;
  /** The last rows of a vehicle by device time, newest first; at most 10,000. */
  readonly lastRows: (
    request: Pick<Stretch, 'tenant' | 'vehicle' | 'limit'>,
  ) => TaskEither<Unavailable, readonly TelemetryRow[]>;
  /**
   * The last rows of a vehicle that are no older than a moment and came no earlier, newest first; at most
   * 400. Questions that come while others are being answered are answered together, each by what is stored
   * when it was asked.
   */
  readonly recentRows: (
    request: Pick<Stretch, 'tenant' | 'vehicle' | 'from_us'>,
  ) => TaskEither<Unavailable, readonly TelemetryRow[]>;
  /**
   * The rollups of a vehicle whose buckets begin within the stretch, oldest first; at most 10,000. What
   * came since the last `rollUp` may be missing.
   */
  readonly rollups: (
    request: Stretch & { readonly resolution: Resolution },
  ) => TaskEither<Unavailable, readonly Rollup[]>;
  /** What is known of vehicles by now, of all of a tenant where null; at most 10,000, by their ids. */
  readonly now: (request: {
    readonly tenant: Tenant;
    readonly vehicles: readonly VehicleId[] | null;
  }) => TaskEither<Unavailable, readonly VehicleNow[]>;
  /**
   * Of which vehicles more is known since a mark, and the mark for the next time; all of them where `since`
   * is null or no mark of this database. Each state is the newest, and some may come again. `tenant` null:
   * of everybody's vehicles, `vehicles` null: of all. Whatever is not visible yet comes with a later mark.
   */
  readonly changedNow: (request: {
    readonly tenant: Tenant | null;
    readonly vehicles: readonly VehicleId[] | null;
    readonly since: bigint | null;
  }) => TaskEither<Unavailable, ChangedNow>;
  /**
   * Brings the rows of a device to the vehicles that it was in, as far as there are rows; rows of a time in
   * which it was in none are kept, and of no vehicle. To be done when its bindings are others than they
   * were; again changes nothing. Answers how many rows it moved.
   */
  readonly bind: (
    request: Device & { readonly bindings: readonly Binding[] },
  ) => TaskEither<Unavailable, number>;
  /** Rolls up what came; to be done every minute or so. Answers how many stretches it did. */
  readonly rollUp: () => TaskEither<Unavailable, number>;
  /** Makes room for the days ahead and lets go of what is too old; to be done every hour or so. */
  readonly tidy: () => TaskEither<Unavailable, Tidied>;
  /** Lets go of connections; statements under way are waited for. */
  readonly close: () => Promise<void>;
}
