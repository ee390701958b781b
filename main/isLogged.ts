import { isLeft } from 'fp-ts/lib/Either.js';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';

/**
 * Which of some event ids are in the log, found by reading it from the beginning: asked seldom, and on
 * whichever store. Throws while the log is away, so that nothing is taken for an orphan by mistake.
 */
export const isLogged =
  (store: EventStore) =>
  async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const missing = new Set(ids);
    const found = new Set<string>();
    let after: bigint | null = null;
    while (missing.size > 0) {
      const page = await store.readAll({ after, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) throw new Error(`the log is away: ${page.left.detail}`);
      for (const { text } of page.right) {
        const id = /"id":"([0-9a-f-]{36})","keys"/.exec(text)?.[1];
        if (id !== undefined && missing.delete(id)) found.add(id);
      }
      const last = page.right.at(-1);
      if (!last) break;
      after = last.position;
    }
    return found;
  };
