import type { TelemetryRetention } from '#adapters/telemetryLayout.ts';
import type { Quarantine, QuarantineBounds } from '#ingest/quarantine.ts';
import type { TelemetryStore } from '#ingest/store.ts';

/** How a store of a harness is to be. The clock tells microseconds since 1970. */
export interface StoreWishes {
  readonly now_us?: () => number;
  readonly retention?: TelemetryRetention;
  readonly bounds?: QuarantineBounds;
}

/** Telemetry of one adapter, and the ways in which it goes wrong. */
export interface TelemetryHarness {
  /** A store on the same data as all others that are opened here; its timeouts are short. */
  readonly open: (wishes?: StoreWishes) => TelemetryStore;
  readonly quarantine: Quarantine;
  /** Rolls up all that is committed, whoever's work that is. */
  readonly settleRollups: (store: TelemetryStore) => Promise<void>;
  /** Statements are carried out, their answers vanish, until `up`. */
  readonly swallowAnswers: () => void;
  /** The data is away until `up`. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What the contract is held against. */
export interface TelemetrySubject {
  readonly name: string;
  readonly start: () => Promise<TelemetryHarness>;
}
