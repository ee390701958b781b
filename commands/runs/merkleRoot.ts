import { createHash } from 'node:crypto';
import { Digest } from '#domain/kernel/ids.ts';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

const sha256 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The largest power of two below a number above one. */
const splitOf = (count: number): number => {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
};

const rootOf = (leaves: readonly Buffer[]): Buffer => {
  const [first] = leaves;
  if (!first) return sha256();
  if (leaves.length === 1) return sha256(LEAF, first);
  const split = splitOf(leaves.length);
  return sha256(NODE, rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
};

/** The root of the Merkle tree over some digests as its leaves' data. Source: RFC 6962, section 2.1. */
export const merkleRoot = (digests: readonly Digest[]): Digest =>
  Digest.parse(rootOf(digests.map((digest) => Buffer.from(digest, 'hex'))).toString('hex'));
