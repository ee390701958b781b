import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { canonicalJson, type Json } from '#domain/kernel/canonical.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const GCM = { authTagLength: TAG_BYTES };

/**
 * The key of a seal, 256 bits, and what the sealed bytes belong to: they open only as part of the same
 * thing.
 */
export interface SealKey {
  readonly key: Buffer;
  readonly context: Json;
}

/**
 * AES-256-GCM: a random nonce of 12 bytes, the ciphertext, a tag of 16 bytes. One key may seal 2^32 times.
 * Source: NIST SP 800-38D, section 8.3.
 */
export const seal = ({ key, context }: SealKey, plain: Buffer): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, GCM);
  cipher.setAAD(Buffer.from(canonicalJson(context)));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

/** What was sealed; null under another key, in another context, or if a bit was changed. */
export const unseal = ({ key, context }: SealKey, sealed: Buffer): Buffer | null => {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), GCM);
  decipher.setAAD(Buffer.from(canonicalJson(context)));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return null;
  }
};
