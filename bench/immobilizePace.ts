import { setTimeout as sleep } from 'node:timers/promises';

/** Does something with each of many, begun at even distances over so many seconds, whatever it takes. */
export const paced = async <Item, Result>(
  items: readonly Item[],
  seconds: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const begun_ms = performance.now();
  const begun: Promise<Result>[] = [];
  for (const [index, item] of items.entries()) {
    const due_ms = begun_ms + (index * seconds * 1_000) / items.length;
    const wait_ms = due_ms - performance.now();
    if (wait_ms > 0) await sleep(wait_ms);
    begun.push(work(item));
  }
  return Promise.all(begun);
};
