import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { History } from '#domain/access/held.ts';
import type { ReadStream } from './access.ts';

/**
 * Reads every stream once and keeps it, at most so many of them: for one question that looks at the same
 * streams again and again, and is to see them as they were when it first looked.
 */
export const keptStreams = (read: ReadStream, streams_max: number): ReadStream => {
  const kept = new Map<string, History>();
  return async (stream) => {
    const known = kept.get(stream);
    if (known) return right(known);
    const found = await read(stream);
    if (isLeft(found)) return found;
    kept.set(stream, found.right);
    const [oldest] = kept.keys();
    if (kept.size > streams_max && oldest !== undefined) kept.delete(oldest);
    return found;
  };
};
