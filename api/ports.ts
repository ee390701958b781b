import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import type { ActorId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Watches } from '#ingest/detection/ports.ts';
import type { LiveStates } from '#ingest/liveStates.ts';
import type { Quarantine } from '#ingest/quarantine.ts';
import type { replayAll, replayEntry } from '#ingest/replay.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import type { liveFeatures } from '#projections/features/live.ts';
import type { explainFeature, featureValues } from '#projections/features/query.ts';

/**
 * Random stand-ins for those who act. The same login gets the same one for ever; nobody can go back by
 * it.
 */
export interface ActorSurrogates {
  readonly of: (login: {
    readonly issuer: string;
    readonly subject: string;
  }) => TaskEither<Unavailable, ActorId>;
}

/** The subject of an access that is about nobody in particular. Source: RFC 9562, section 5.9 (nil UUID). */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** That somebody looked at personal data of a subject, or took events away. */
export interface Access {
  readonly tenant: Tenant;
  readonly actor: ActorId;
  readonly role: string;
  readonly subject: string;
  readonly classes: PiiClass[];
  readonly purpose:
    | 'personal_data_read'
    | 'events_exported'
    | 'telemetry_read'
    | 'payment_file_read';
  readonly requestId: string;
  readonly at: Instant;
}

/** Keeps the records of who looked. What cannot be recorded is not shown. */
export interface AccessRecords {
  readonly record: (access: Access) => TaskEither<Unavailable, null>;
}

/** Telemetry as it lies there: what was told, what is known by now and live, and what waits in quarantine. */
export interface KeptTelemetry {
  readonly store: Pick<TelemetryStore, 'rows' | 'lastRows' | 'rollups' | 'now' | 'changedNow'>;
  readonly live: LiveStates;
  readonly quarantine: Quarantine;
  /** The readings that conclusions rest on. */
  readonly evidence: Pick<Watches, 'clip'>;
  readonly replayEntry: ReturnType<typeof replayEntry>;
  readonly replayAll: ReturnType<typeof replayAll>;
}

/**
 * Figures that were worked out, what each rests on, and what they are at this moment. They throw where their
 * store is away.
 */
export interface Features {
  readonly values: ReturnType<typeof featureValues>;
  readonly explain: ReturnType<typeof explainFeature>;
  readonly live: ReturnType<typeof liveFeatures>;
}
