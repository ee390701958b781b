/**
 * A map whose every version stays as it is, made for many versions of large maps: to add an entry copies what
 * was added of late, not all. `layers` hold ever more entries, the newest first, so that each of n entries
 * that come one by one is copied about log₂ n times.
 */
export interface GrowingMap<Key, Value> {
  readonly size: number;
  readonly layers: readonly ReadonlyMap<Key, Value>[];
}

/** A map with nothing in it. */
export const emptyMap: GrowingMap<never, never> = { size: 0, layers: [] };

/** What is held under a key; undefined where nothing is. */
export const heldAt = <Key, Value>(
  { layers }: GrowingMap<Key, Value>,
  key: Key,
): Value | undefined => layers.find((layer) => layer.has(key))?.get(key);

/** Whether anything is held under a key. */
export const holds = <Key, Value>({ layers }: GrowingMap<Key, Value>, key: Key): boolean =>
  layers.some((layer) => layer.has(key));

/** The map with some entries more, which take the place of those under the same keys. */
export const withEntries = <Key, Value>(
  map: GrowingMap<Key, Value>,
  entries: Iterable<readonly [Key, Value]>,
): GrowingMap<Key, Value> => {
  let newest: ReadonlyMap<Key, Value> = new Map(entries);
  let { size } = map;
  for (const key of newest.keys()) if (!holds(map, key)) size += 1;
  let older = 0;
  for (const layer of map.layers) {
    if (layer.size > newest.size) break;
    newest = new Map([...layer, ...newest]);
    older += 1;
  }
  return { size, layers: [newest, ...map.layers.slice(older)] };
};
