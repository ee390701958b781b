import { keyFilter } from './keyFilter.ts';

/**
 * A row in memory, its share of the digest, and the length of its JSON; `row` null where there is no such
 * row.
 */
export interface HeldRow {
  readonly row: unknown;
  readonly share: bigint;
  readonly chars: number;
}

/** The row that is not there. */
export const NO_ROW: HeldRow = { row: null, share: 0n, chars: 0 };

/** What a row costs in memory beyond its text, as characters: the map's entry, the digest, the objects. */
const ENTRY_CHARS = 400;

/**
 * The rows that were last used, so that they need not be read again. `isNew` says of a row that is not in
 * here that the table has not got it either, as far as it can tell at all: see `knowsNew`.
 */
export interface RowCache {
  readonly get: (id: string) => HeldRow | undefined;
  readonly put: (id: string, held: HeldRow) => void;
  readonly isNew: (id: string) => boolean;
  readonly knowsNew: () => boolean;
}

interface Options {
  readonly chars_max: number;
  readonly tableIsEmpty: boolean;
  /** For an empty table that is to become large: memory for a filter of all keys that it ever got. */
  readonly filter_bytes: number;
}

/**
 * A cache bounded by the characters of its rows' JSON, in two halves: when the younger half is full it
 * becomes the older one, and what lay in the former older one, untouched for that long, is let go.
 */
export const rowCache = ({ chars_max, tableIsEmpty, filter_bytes }: Options): RowCache => {
  const half_chars = chars_max / 2;
  const filter = tableIsEmpty && filter_bytes > 0 ? keyFilter(filter_bytes) : null;
  let whole = tableIsEmpty;
  let young = new Map<string, HeldRow>();
  let old = new Map<string, HeldRow>();
  let young_chars = 0;

  const keep = (id: string, held: HeldRow): void => {
    const replaced = young.get(id);
    young_chars += replaced ? held.chars - replaced.chars : held.chars + id.length + ENTRY_CHARS;
    young.set(id, held);
    if (young_chars < half_chars) return;
    if (old.size > 0) whole = false;
    old = young;
    young = new Map();
    young_chars = 0;
  };

  return {
    get: (id) => {
      const recent = young.get(id);
      if (recent) return recent;
      const aged = old.get(id);
      if (aged) keep(id, aged);
      return aged;
    },
    put: (id, held) => {
      if (whole && held.row === null) {
        young.delete(id);
        old.delete(id);
        return;
      }
      filter?.add(id);
      keep(id, held);
    },
    isNew: (id) => whole || (filter !== null && !filter.mayHold(id)),
    knowsNew: () => whole || filter !== null,
  };
};
