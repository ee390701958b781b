import { isLeft, right } from 'fp-ts/lib/Either.js';
import { readOn, unread } from './load.ts';
import type { EventStore } from './ports.ts';
import type { Workspace } from './workspace.ts';

/**
 * The ledger as it was known when its log ended at a position, for whoever looks again at what was decided
 * then. Streams end there; claims and the vault are those of now.
 */
export const asOf = (workspace: Workspace, position: bigint): Workspace => {
  const readStream: EventStore['readStream'] = (asked) => async () => {
    const page = await workspace.store.readStream(asked)();
    if (isLeft(page)) return page;
    return right(page.right.filter((record) => record.position <= position));
  };
  const store = { ...workspace.store, readStream };
  const read = readOn(store);
  return { ...workspace, store, load: (aggregate) => read(aggregate, unread(aggregate)) };
};
