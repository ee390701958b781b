/** Does something with each of many, so many at once. */
export const inChunks = async <Item>(
  items: readonly Item[],
  at_once: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < items.length; from += at_once) {
    await Promise.all(items.slice(from, from + at_once).map(work));
  }
};
