import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';

const inflate = promisify(gunzip);

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/**
 * The content of a body that says how it is coded: not at all, or by gzip. It is unpacked to no more than a
 * message may have: a body of one megabyte could hold a thousand.
 */
export const unpack = async (
  body: Buffer,
  coding: string | undefined,
): Promise<Either<'coding_unknown' | 'broken' | 'too_large', Buffer>> => {
  const name = (coding ?? 'identity').trim().toLowerCase();
  if (name === 'identity') return right(body);
  if (name !== 'gzip' && name !== 'x-gzip') return left('coding_unknown');
  try {
    return right(await inflate(body, { maxOutputLength: MESSAGE_MAX_BYTES }));
  } catch (error) {
    return left(isTooLarge(error) ? 'too_large' : 'broken');
  }
};
