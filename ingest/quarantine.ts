import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { RejectCode } from './formats/reading.ts';
import type { Listener } from './ports.ts';

/**
 * Why something is in quarantine: no reading could be made of it (the format's reason); its device was in no
 * vehicle at that time; or the database would not have the row, which is a mistake of ours.
 */
export const QuarantineCode = z.union([RejectCode, z.enum(['DeviceUnbound', 'RowRefused'])]);
export type QuarantineCode = z.infer<typeof QuarantineCode>;

/**
 * One reason in one message. `ident`: the device it concerns, `sender`: the one that sent the message, each
 * null where that is not known. `elements`: how many of the message it concerns. `field`: the sender's name
 * of the first one's field. `replay`: it was in quarantine already and was read again.
 */
export interface Quarantined {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent | null;
  readonly sender: DeviceIdent | null;
  readonly code: QuarantineCode;
  readonly field: string | null;
  readonly listener: Listener;
  readonly format: string;
  readonly elements: number;
  readonly received_at_us: number;
  readonly raw: Buffer;
  readonly replay: boolean;
}

/**
 * An entry, without its bytes. `count`: how often the same message came. `received_at_us`: when it came
 * first, which is the time it is replayed with. Times in microseconds since 1970.
 */
export interface QuarantineEntry extends Omit<Quarantined, 'raw' | 'replay'> {
  readonly id: bigint;
  readonly bytes: number;
  readonly count: number;
  readonly first_seen_us: number;
  readonly last_seen_us: number;
}

/**
 * What a device has in quarantine, and how many messages were only counted because there was no more room.
 */
export interface QuarantineUse {
  readonly ident: DeviceIdent | null;
  readonly entries: number;
  readonly bytes: number;
  readonly turned_away: number;
  readonly turned_away_bytes: number;
}

/** How much may be in quarantine. */
export interface QuarantineBounds {
  readonly device_entries_max: number;
  readonly device_bytes_max: number;
  readonly total_bytes_max: number;
}

export const QUARANTINE_BOUNDS: QuarantineBounds = {
  device_entries_max: 10_000,
  device_bytes_max: 16 * 1024 * 1024,
  total_bytes_max: 1024 * 1024 * 1024,
};

/**
 * Quarantine, as an operator sees it. Entries get in with `TelemetryStore.append`, in the transaction of the
 * readings of their message. The same message for the same reason is one entry, counted. At a bound the first
 * entries stay, since they show the cause, and what comes later is only counted.
 */
export interface Quarantine {
  /** Entries by id behind one (null: from the first on), at most 1,000; null filters let all pass. */
  readonly list: (request: {
    readonly tenant: Tenant;
    readonly ident: DeviceIdent | null;
    readonly code: QuarantineCode | null;
    readonly after: bigint | null;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly QuarantineEntry[]>;
  /** An entry with its bytes; null where there is none. */
  readonly inspect: (request: {
    readonly tenant: Tenant;
    readonly id: bigint;
  }) => TaskEither<Unavailable, (QuarantineEntry & { readonly raw: Buffer }) | null>;
  /** How full it is, by device. */
  readonly use: (tenant: Tenant) => TaskEither<Unavailable, readonly QuarantineUse[]>;
  /** Lets go of an entry. Answers whether there was one. */
  readonly release: (request: {
    readonly tenant: Tenant;
    readonly id: bigint;
  }) => TaskEither<Unavailable, boolean>;
}
