import type { AppendRequest, EventStore } from '#commands/ports.ts';

/** What goes over the wire between the stores of a harness and the log, in bytes since the beginning. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

/**
 * Ways in which the log, or the way there, goes wrong. Each lasts until `heal`, except `cut`, which is
 * momentary.
 */
export interface Faults {
  /** Appends are carried out, their answers vanish. */
  readonly swallowAnswers: () => void;
  /** Connections stay and nothing goes over them. */
  readonly freeze: () => void;
  /** Whatever is under way breaks off. */
  readonly cut: () => void;
  /** The log is away. */
  readonly stop: () => Promise<void>;
  /** The log dies without warning and comes back. */
  readonly restart: () => Promise<void>;
  readonly heal: () => Promise<void>;
}

/** A log of one adapter, with stores on it, and things that go wrong. */
export interface EventStoreHarness {
  /** A store to be tested: faults befall it, and its timeouts are short. */
  readonly open: () => EventStore;
  /** A store on the same log that faults befall only where the log itself dies. */
  readonly openAside: () => EventStore;
  readonly faults: Faults;
  /** Null where there is no wire. */
  readonly traffic: () => Traffic | null;
  /**
   * Carries out an append that is begun at once and committed only after a while, as a slow transaction is.
   */
  readonly appendSlowly: (request: AppendRequest, hold_ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What the contract is held against. */
export interface Subject {
  readonly name: string;
  readonly start: () => Promise<EventStoreHarness>;
  /**
   * Whether appends to one stream that are submitted side by side are decided in the order they were
   * submitted in. EventStoreDB takes calls side by side in any order.
   */
  readonly ordered: boolean;
  /** Whether there is a wire that can be frozen, and whose bytes can be counted. */
  readonly wire: boolean;
}
