import { createHash } from 'node:crypto';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { Digest } from '#domain/kernel/ids.ts';

/** SHA-256 over the canonical JSON of a value, as 64 hexadecimal digits. */
export const digestOf = (value: unknown): Digest =>
  Digest.parse(createHash('sha256').update(canonicalJson(value)).digest('hex'));

/** SHA-256 over texts in their order, each told apart from the next by its length. */
export const digestOfTexts = (texts: readonly string[]): Digest => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return Digest.parse(hash.digest('hex'));
};
