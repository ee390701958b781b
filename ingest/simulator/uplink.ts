import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';

/**
 * What became of a message. `acknowledged`: the other side has it for good. `postponed`: it could not be kept
 * now, and is to be sent again. `refused`: it never will be taken as it is. `lost`: nobody knows, since the
 * connection ended.
 */
export type Answer = 'acknowledged' | 'postponed' | 'refused' | 'lost';

/** The way of a device to the product. Answers come in any order; sending never throws. */
export interface Uplink {
  readonly send: (message: Buffer) => Promise<Answer>;
  /** Ends the connection as a tunnel or a dead battery does. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** A device that does what it is told. `order`: what it answers to a message; null: nothing. */
export interface Hearing {
  readonly order: (message: Buffer) => Buffer | null;
  /** What it answered last, to be told again on every connection; null: it was never told anything. */
  readonly last: () => Buffer | null;
}

/** A device that was registered: who it is, by which secret, and both in one. */
export interface DeviceLogin {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent;
  readonly secret: string;
  readonly token: string;
}
