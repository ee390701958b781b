import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/**
 * scrypt's factor N, about 2 ms. It would be far too low for a password that a person chose; these secrets
 * are 130 random bits, which nobody guesses at any speed, and thousands of devices log in at once after a
 * restart. It is kept with every hash, so that it can be raised.
 */
const COST = 1_024;
const SCRYPT_MAX_BYTES = 64 * 1024 * 1024;
/** Crockford's digits: none is taken for another, and none means anything to any of our protocols. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const SECRET_CHARS = 26;

/** A secret as it is kept. */
export interface SaltedHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly cost: number;
}

/** A new secret: 26 digits of five random bits each. */
export const newSecret = (): string =>
  Array.from(randomBytes(SECRET_CHARS), (byte) => DIGITS[byte & 31]).join('');

const derived = (secret: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: cost, r: 8, p: 1, maxmem: SCRYPT_MAX_BYTES };
    scrypt(secret, salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** A secret as it may be kept. */
export const saltedHash = async (secret: string): Promise<SaltedHash> => {
  const salt = randomBytes(SALT_BYTES);
  return { salt, hash: await derived(secret, salt, COST), cost: COST };
};

/** Whether a secret is the one that was kept. */
export const isSecretOf = async (secret: string, kept: SaltedHash): Promise<boolean> =>
  timingSafeEqual(await derived(secret, kept.salt, kept.cost), kept.hash);

/** What a try at a secret is remembered by: not by the secret itself. */
export const trialKey = (secretId: string, secret: string): string =>
  createHash('sha256').update(`${secretId} ${secret}`).digest('base64');

/** A hash that no secret has, so that devices nobody knows take as long to be refused as others. */
export const nobodysHash: SaltedHash = {
  salt: randomBytes(SALT_BYTES),
  hash: randomBytes(HASH_BYTES),
  cost: COST,
};
