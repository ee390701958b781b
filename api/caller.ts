import type { FastifyRequest } from 'fastify';
import type { ActorId, DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Permission, Role } from '#domain/users/rights.ts';

/**
 * How a person showed who they are: the class (`acr`) and the methods (`amr`, RFC 8176) that the issuer
 * names, and when, in seconds since 1970. A machine shows nothing of the kind: null, none, null.
 */
export interface Authentication {
  readonly acr: string | null;
  readonly amr: readonly string[];
  readonly auth_time_s: number | null;
}

/**
 * Who asks, as the token says: `actor` is the stand-in that may enter an event, `parks` where the caller
 * may look and act, `driver` the driver that the caller is, null for anybody else.
 */
export interface Caller {
  readonly tenant: Tenant;
  readonly actor: ActorId;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  readonly parks: '*' | ReadonlySet<ParkId>;
  readonly driver: DriverId | null;
  readonly auth: Authentication;
  /** When the token expires, in milliseconds since 1970. */
  readonly until_ms: number;
}

/** A caller who was let through, in the role that let them. */
export interface Admitted extends Caller {
  readonly role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where anybody may ask. */
    caller: Admitted | null;
    /** Whether the caller may by now still do what they were let in for, where that goes on. */
    isStillAllowed: () => Promise<boolean>;
  }
}

/** Who asks. On a route that anybody may call there is nobody, and asking is a bug. */
export const callerOf = (request: FastifyRequest): Admitted => {
  if (request.caller === null) throw new Error('a public route asks for its caller');
  return request.caller;
};

/** Whether a caller may look at, and act in, a park. */
export const mayActIn =
  ({ parks }: Caller) =>
  (park: ParkId): boolean =>
    parks === '*' || parks.has(park);

/** Whether a caller is bound to no parks: what belongs to none is theirs to see, and nobody else's. */
export const isUnbound = ({ parks }: Caller): boolean => parks === '*';

/** Of which tenant whoever asks may look at things, and in which parks. */
export const lookerOf = (
  request: FastifyRequest,
): { readonly tenant: Tenant; readonly mayActIn: (park: ParkId) => boolean } => {
  const caller = callerOf(request);
  return { tenant: caller.tenant, mayActIn: mayActIn(caller) };
};

/** Whether two callers are let in as the same thing, to the same parks. */
export const isSameAdmission = (one: Admitted, other: Admitted): boolean => {
  if (one.role !== other.role) return false;
  if (one.parks === '*' || other.parks === '*') return one.parks === other.parks;
  return one.parks.size === other.parks.size && [...one.parks].every(mayActIn(other));
};
