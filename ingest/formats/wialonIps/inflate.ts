import { inflateSync } from 'node:zlib';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** The first byte of a compressed block, before its length. No text in UTF-8 has it. */
export const BLOCK_MARK = 0xff;
/** The mark, and two bytes of length. */
export const BLOCK_HEAD_BYTES = 3;

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/**
 * How many bytes a block takes, its head included. The text of version 1.1 says that the length begins with
 * the high byte, its example and version 2.0 begin with the low one; so do we.
 */
export const blockBytes = (head: Buffer): number => BLOCK_HEAD_BYTES + head.readUInt16LE(1);

/**
 * The content of a compressed block. It is unpacked to no more than the bound: a block of 64 KiB could hold
 * 64 MiB.
 */
export const inflated = (
  block: Buffer,
  bytes_max: number,
): Either<'CompressionBroken' | 'InflatedTooLarge', Buffer> => {
  try {
    return right(inflateSync(block.subarray(BLOCK_HEAD_BYTES), { maxOutputLength: bytes_max }));
  } catch (error) {
    return left(isTooLarge(error) ? 'InflatedTooLarge' : 'CompressionBroken');
  }
};
