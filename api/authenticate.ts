import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import { Permission, Role } from '#domain/users/rights.ts';
import type { Authentication, Caller } from './caller.ts';
import type { ActorSurrogates } from './ports.ts';
import type { BorderRefusal } from './refusals.ts';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const CLOCK_LEEWAY_S = 10;
const TOKEN_MAX_CHARS = 8_192;
const PARKS_MAX = 1_000;
const ROLES_MAX = 16;
const PERMISSIONS_MAX = 16;
const METHODS_MAX = 16;
const SUBJECT_MAX_CHARS = 255;
const ISSUER_TIMEOUT_MS = 5_000;
const KEYS_COOLDOWN_MS = 30_000;
/** How many tokens are remembered as good, and for how long. */
const BEARERS_MAX = 10_000;
const BEARER_MS = 30_000;
const KEYS_AGE_MAX_MS = 10 * 60_000;

/**
 * Where tokens come from: whose they must be, for whom, and the keys they are signed with. `also` is another
 * name of the same issuer, null or absent where it has none.
 */
export interface TokenIssuer {
  readonly issuer: string;
  readonly also?: string | null;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** What a token says of its bearer. Others write it, so what is not known here is passed over. */
const Claims = z.object({
  exp: z.number(),
  sub: z.string().min(1).max(SUBJECT_MAX_CHARS),
  tenant: Tenant.refine((tenant) => tenant !== 'platform'),
  role: z.string().optional(),
  roles: z.array(z.string()).max(ROLES_MAX).optional(),
  permissions: z.array(z.string()).max(PERMISSIONS_MAX).optional(),
  parks: z.union([z.literal('*'), z.array(ParkId).max(PARKS_MAX)]),
  driver: DriverId.optional(),
  client_id: z.string().optional().catch(undefined),
  // How somebody logged in is written in many ways. What cannot be read shows nothing.
  acr: z.string().optional().catch(undefined),
  amr: z.array(z.string()).max(METHODS_MAX).optional().catch(undefined),
  auth_time: z.int().nonnegative().optional().catch(undefined),
});
type Claims = z.infer<typeof Claims>;

/** What somebody wants in: only to read, or to change something. */
interface Wish {
  readonly reads: boolean;
}

/** Finds out who bears a token, and what they may do now. Says no more than that a token is no good. */
export type Authenticate = (
  authorization: string | undefined,
  wish?: Wish,
) => Promise<Either<BorderRefusal | Unavailable, Caller>>;

/** Records what rights a token carries, and answers with those in force; asked at every request. */
export type ObserveRights = (
  carried: Caller,
  wish: Wish,
) => Promise<Either<BorderRefusal | Unavailable, Caller>>;

/** For who keeps no record of rights: a token's word is all there is. */
const asCarried: ObserveRights = async (caller) => right(caller);

const refused = left({ code: 'Unauthenticated' } as const);

/**
 * Whether the keys could not be had, rather than the token being no good. The generic code is a bad HTTP
 * answer.
 */
const isOutage = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  !(error instanceof errors.JOSEError) ||
  error.code === 'ERR_JOSE_GENERIC';

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/**
 * The keys of an issuer, found by OpenID Connect Discovery when the first token comes, and kept up to
 * date: a key that is not known is looked for, but not more often than once in `cooldown_ms`, so that made up
 * names of keys cannot have us flood the issuer.
 */
export const remoteKeys = (issuer: string, cooldown_ms = KEYS_COOLDOWN_MS): JWTVerifyGetKey => {
  let found: JWTVerifyGetKey | null = null;
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const reply = await fetch(url, { signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS) });
    if (!reply.ok) throw new Error(`the issuer answered ${reply.status}`);
    const document = Discovery.parse(await reply.json());
    if (document.issuer !== issuer) throw new Error('the issuer calls itself something else');
    return createRemoteJWKSet(new URL(document.jwks_uri), {
      timeoutDuration: ISSUER_TIMEOUT_MS,
      cooldownDuration: cooldown_ms,
      cacheMaxAge: KEYS_AGE_MAX_MS,
    });
  };
  return async (header, token) => {
    found ??= await discover();
    return found(header, token);
  };
};

const verified = async (
  { issuer, also, audience, keys }: TokenIssuer,
  token: string,
): Promise<Either<BorderRefusal | Unavailable, Claims>> => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: also ? [issuer, also] : issuer,
      audience,
      clockTolerance: CLOCK_LEEWAY_S,
      requiredClaims: ['exp', 'sub'],
    });
    const claims = Claims.safeParse(payload);
    return claims.success ? right(claims.data) : refused;
  } catch (error) {
    return isOutage(error) ? left({ code: 'Unavailable', detail: 'the issuer is away' }) : refused;
  }
};

/** Roles that are not ours are passed over: an issuer may serve others too. */
const rolesOf = ({ role, roles }: Claims): readonly Role[] =>
  Role.options.filter((known) => role === known || roles?.includes(known));

const permissionsOf = ({ permissions }: Claims): ReadonlySet<Permission> =>
  new Set(Permission.options.filter((known) => permissions?.includes(known)));

/**
 * How the bearer logged in. Where the subject is the client itself no person did, whatever else the token
 * says. Source: RFC 9068, section 2.2.
 */
const authenticationOf = ({ sub, client_id, acr, amr, auth_time }: Claims): Authentication =>
  client_id === sub
    ? { acr: null, amr: [], auth_time_s: null }
    : { acr: acr ?? null, amr: amr ?? [], auth_time_s: auth_time ?? null };

/** Who bore which token lately, by the whole token: the oldest go first. */
const recentBearers = () => {
  const held = new Map<string, { readonly caller: Caller; readonly until_ms: number }>();
  return {
    find: (token: string): Caller | null => {
      const found = held.get(token);
      if (found && Date.now() < found.until_ms) return found.caller;
      held.delete(token);
      return null;
    },
    keep: (token: string, caller: Caller): void => {
      const [oldest] = held.keys();
      if (held.size >= BEARERS_MAX && oldest !== undefined) held.delete(oldest);
      held.set(token, { caller, until_ms: Math.min(Date.now() + BEARER_MS, caller.until_ms) });
    },
  };
};

/**
 * Reads bearer tokens of an issuer. The subject of a token goes no further than its stand-in. A token that
 * was good is believed for half a minute, never beyond its own end: checking its signature is most of a
 * request's work. What its bearer may do by now is asked of `observe` each time.
 */
export const authenticate = (
  issuer: TokenIssuer,
  surrogates: ActorSurrogates,
  observe: ObserveRights = asCarried,
): Authenticate => {
  const recent = recentBearers();
  return async (authorization, wish = { reads: false }) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > TOKEN_MAX_CHARS) return refused;
    const known = recent.find(token);
    if (known) return observe(known, wish);
    const claims = await verified(issuer, token);
    if (isLeft(claims)) return claims;
    const { tenant, sub, parks, driver, exp } = claims.right;
    const actor = await surrogates.of({ issuer: issuer.issuer, subject: sub })();
    if (isLeft(actor)) return actor;
    const caller: Caller = {
      tenant,
      actor: actor.right,
      roles: rolesOf(claims.right),
      permissions: permissionsOf(claims.right),
      parks: parks === '*' ? parks : new Set(parks),
      driver: driver ?? null,
      auth: authenticationOf(claims.right),
      until_ms: exp * 1_000,
    };
    recent.keep(token, caller);
    return observe(caller, wish);
  };
};
