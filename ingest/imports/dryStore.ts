import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { encodeAppend } from '#commands/encodeAppend.ts';
import type { EventStore, RecordedEvent } from '#commands/ports.ts';

/**
 * A store that shows another, and what was appended to it since, and keeps that for itself: whatever is done
 * on it happens as it would, and leaves nothing behind.
 */
export const dryStore = (under: EventStore): EventStore => {
  const added = new Map<string, readonly RecordedEvent[]>();
  const readStream: EventStore['readStream'] = (request) => async () => {
    const { stream, from, limit } = request;
    const page = await under.readStream(request)();
    if (isLeft(page) || page.right.length === limit) return page;
    const more = (added.get(stream) ?? []).filter(({ revision }) => revision >= from);
    return right([...page.right, ...more].slice(0, limit));
  };
  return {
    ...under,
    readStream,
    append: (request) => async () => {
      const texts = encodeAppend(request);
      if (isLeft(texts)) return texts;
      const { stream, expected, events } = request;
      const from = expected === 'no_stream' ? 0n : expected + 1n;
      const behind = await readStream({ stream, from, limit: 1 })();
      if (isLeft(behind)) return behind;
      const [there] = behind.right;
      if (there) return left({ code: 'Conflict', actual: there.revision });
      const records = events.map(({ type }, index) => ({
        ...{ stream, type, rawTime_ms: 0, text: texts.right[index] ?? '' },
        ...{ revision: from + BigInt(index), position: 0n },
      }));
      added.set(stream, [...(added.get(stream) ?? []), ...records]);
      return right({ revision: from + BigInt(events.length - 1), position: 0n });
    },
    close: async () => {},
  };
};
