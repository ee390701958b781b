import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable, Unknown } from '#commands/ports.ts';
import type { ActorId, DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';

/** A device as it says who it is. The secret is never logged, stored or answered. */
export interface Credentials {
  readonly ident: DeviceIdent;
  readonly secret: string;
}

/** That a device has proved who it is, and by which of its secrets. */
export interface Grant {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent;
  readonly secretId: string;
}

/** Whose an ident is, and whether datagrams in its name are taken although they prove nothing. */
export interface Owner {
  readonly tenant: Tenant;
  readonly datagrams: boolean;
}

/** The device is not who it says it is, or nobody knows it: which of the two is not told. */
export interface DeviceRefused {
  readonly code: 'DeviceRefused';
}

/** The device is who it says it is, and comes more often than it may. */
export interface DeviceTooOften {
  readonly code: 'DeviceTooOften';
  readonly retry_after_s: number;
}

/** What listeners ask before they take anything. */
export interface DeviceAccess {
  /** Lets a device in, or not. */
  readonly verify: (
    credentials: Credentials,
  ) => TaskEither<Unavailable | DeviceRefused | DeviceTooOften, Grant>;
  /** Whether a grant still stands; a secret that was replaced or revoked ends it within half a minute. */
  readonly stands: (grant: Grant) => TaskEither<Unavailable, boolean>;
  /** The tenant that has an ident; null: nobody has. */
  readonly ownerOf: (ident: DeviceIdent) => TaskEither<Unavailable, Owner | null>;
}

/** A device and its new secret, which is told this once: only a salted hash of it is kept. */
export interface IssuedSecret {
  readonly ident: DeviceIdent;
  readonly secret: string;
}

/** A device as its tenant sees it. `active`: it has a secret that was not revoked. */
export interface RegisteredDevice {
  readonly ident: DeviceIdent;
  readonly active: boolean;
  readonly datagrams: boolean;
  readonly changedAt: Instant;
}

/**
 * Why a device cannot be dealt with. `DeviceTaken`: another tenant has the ident. `DeviceRegistered`: one's
 * own tenant has it already. `DeviceUnknown`: one's own tenant has no such device.
 */
export interface DeviceRefusal {
  readonly code: 'DeviceTaken' | 'DeviceRegistered' | 'DeviceUnknown';
}

/** Who changes what about a device, and when. */
export interface DeviceChange {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent;
  readonly actor: ActorId;
  readonly at: Instant;
}

type Failure = Unavailable | Unknown | DeviceRefusal;

/** What operators do about devices. An ident belongs to one tenant on the whole platform. */
export interface DeviceRegistry {
  readonly register: (
    change: DeviceChange & { readonly datagrams: boolean },
  ) => TaskEither<Failure, IssuedSecret>;
  /** A new secret in place of the old one, or of the revoked one. */
  readonly rotate: (change: DeviceChange) => TaskEither<Failure, IssuedSecret>;
  /** No secret any more. The ident stays the tenant's. */
  readonly revoke: (change: DeviceChange) => TaskEither<Failure, null>;
  /** The ident is free for any tenant. */
  readonly giveUp: (change: DeviceChange) => TaskEither<Failure, null>;
  /** At most `limit` devices of a tenant by ident, behind `after`; null: from the first on. */
  readonly list: (request: {
    readonly tenant: Tenant;
    readonly after: DeviceIdent | null;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly RegisteredDevice[]>;
}
