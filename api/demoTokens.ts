import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { z } from 'zod';
import type { Permission, Role } from '#domain/users/rights.ts';
import type { TokenIssuer } from './authenticate.ts';
import { MFA_ACR } from './stepUp.ts';

const ALGORITHM = 'ES256';
const ISSUER = 'urn:equinomix:demo';
const AUDIENCE = 'equinomix';
const TOKEN_LIFE_S = 12 * 3_600;

/** An elliptic key with its private part, as JSON Web Key. */
const PrivateKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string(),
});
type PrivateKey = z.infer<typeof PrivateKey>;

/**
 * What a demo token says of its bearer; `parks` are ids, or `*` for all, `driver` only for drivers. `acr`,
 * `amr` and `auth_time_s`, seconds since 1970, say how and when the bearer is to have logged in.
 */
export interface DemoBearer {
  readonly role: Role;
  readonly tenant: string;
  readonly parks: '*' | readonly string[];
  readonly subject?: string;
  readonly driver?: string;
  readonly permissions?: readonly Permission[];
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time_s?: number;
  readonly life_s?: number;
}

/** An issuer of our own for the embedded default. Where a real one is configured nobody makes this one. */
export interface DemoIssuer extends TokenIssuer {
  readonly key: PrivateKey;
  readonly issue: (bearer: DemoBearer) => Promise<string>;
}

/** What a token says of somebody who showed a password and a one-time code at a moment. */
export const secondFactor = (now_ms: number) => ({
  acr: MFA_ACR,
  amr: ['pwd', 'otp', 'mfa'],
  auth_time_s: Math.floor(now_ms / 1_000),
});

const newKey = async (): Promise<PrivateKey> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return PrivateKey.parse({ ...(await exportJWK(privateKey)), kid: crypto.randomUUID() });
};

const storedKey = async (file: string): Promise<PrivateKey> =>
  PrivateKey.parse(JSON.parse(await readFile(file, 'utf8')));

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** The key in a file, made when there is none, so that the server and the command line share it. */
const keyIn = async (file: string): Promise<PrivateKey> => {
  try {
    return await storedKey(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const key = await newKey();
  const draft = `${file}.${key.kid}`;
  await writeFile(draft, JSON.stringify(key), { flag: 'wx', mode: 0o600 });
  // Of two processes that find no key only one names its own; the other then reads that one, whole.
  const isOurs = await link(draft, file).then(
    () => true,
    () => false,
  );
  await unlink(draft);
  return isOurs ? key : storedKey(file);
};

const publicKeys = ({ d: _, ...key }: PrivateKey): JWTVerifyGetKey =>
  createLocalJWKSet({ keys: [{ ...key, alg: ALGORITHM, use: 'sig' }] });

/**
 * An issuer with the key in `keyFile`, or, null, with a key that is forgotten with the process. `address` is
 * where people log in, null where they cannot: tokens from there name it, and are of the same people.
 */
export const demoIssuer = async (
  keyFile: string | null,
  address: string | null = null,
): Promise<DemoIssuer> => {
  const key = keyFile === null ? await newKey() : await keyIn(keyFile);
  const secret = await importJWK(key, ALGORITHM);
  return {
    issuer: ISSUER,
    also: address,
    key,
    audience: AUDIENCE,
    keys: publicKeys(key),
    issue: ({ subject, auth_time_s, life_s = TOKEN_LIFE_S, ...claims }) => {
      const { role } = claims;
      const issued_s = Math.floor(Date.now() / 1_000);
      return new SignJWT({
        ...claims,
        ...(auth_time_s !== undefined && { auth_time: auth_time_s }),
      })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
        .setSubject(subject ?? `demo-${role}`)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issued_s)
        .setExpirationTime(issued_s + life_s)
        .sign(secret);
    },
  };
};
