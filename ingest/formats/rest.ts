import type { Json } from '#domain/kernel/canonical.ts';
import {
  type Flag,
  REST_DEPTH_MAX,
  REST_KEY_MAX_CHARS,
  REST_KEYS_MAX,
  REST_MAX_CHARS,
  REST_TEXT_MAX_CHARS,
} from './reading.ts';
import { isFields, properText } from './values.ts';

/** What `rest` has taken of its bounds: keys, and characters of its JSON, roughly. */
export interface Taken {
  keys: number;
  chars: number;
}

/** A value as it may be kept, how long it is in JSON, roughly, and what had to be done to it. */
interface Kept {
  readonly value: Json;
  readonly chars: number;
  readonly remarks: readonly Flag[];
}

const NONE: readonly Flag[] = [];
const TRIMMED: readonly Flag[] = ['rest_trimmed'];
const MENDED: readonly Flag[] = ['text_mended'];
const ROUNDED: readonly Flag[] = ['number_rounded'];
const REPEATED: readonly Flag[] = ['key_repeated'];
const NUMBER_CHARS = 8;
/** Quotation marks, colon and comma. */
const PUNCTUATION_CHARS = 6;
/** What JSON cannot say without an escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const ESCAPED = /["\\\u0000-\u001f]/g;

/** `__proto__` as a key would not be a field but the object's ancestry. */
const isKey = (key: string): boolean =>
  key.length > 0 && key.length <= REST_KEY_MAX_CHARS && key !== '__proto__';

/**
 * A key as it may be kept. V8 may read one with an escaped character as another that ends in a backslash
 * (Node 24 to 26), so that the same message would not always say the same: both are mended alike.
 * Source: nodejs/node, issue 63785.
 */
const properKey = (key: string): string => properText(key.replace(ESCAPED, '_'));

const keptText = (text: string): Kept => {
  if (text.length > REST_TEXT_MAX_CHARS) {
    const cut = properText(text.slice(0, REST_TEXT_MAX_CHARS));
    return { value: cut, chars: cut.length, remarks: TRIMMED };
  }
  const proper = properText(text);
  return { value: proper, chars: proper.length, remarks: proper === text ? NONE : MENDED };
};

/** A number as it is. JSON cannot say infinity, which is what `1e999` becomes when it is read. */
const keptNumber = (value: number): Kept => {
  if (!Number.isFinite(value)) return { value: null, chars: 4, remarks: TRIMMED };
  const exact = Math.abs(value) <= Number.MAX_SAFE_INTEGER || !Number.isInteger(value);
  return { value: value + 0, chars: NUMBER_CHARS, remarks: exact ? NONE : ROUNDED };
};

const add = (remarks: Flag[], more: readonly Flag[]): void => {
  for (const remark of more) if (!remarks.includes(remark)) remarks.push(remark);
};

const keptList = (list: readonly unknown[], depth: number): Kept => {
  const values: Json[] = [];
  const remarks: Flag[] = [];
  let chars = PUNCTUATION_CHARS;
  for (const item of list) {
    if (chars > REST_MAX_CHARS) break;
    const kept = keptOf(item, depth + 1);
    values.push(kept.value);
    add(remarks, kept.remarks);
    chars += kept.chars + 1;
  }
  if (values.length < list.length) add(remarks, TRIMMED);
  return { value: values, chars, remarks };
};

const keptFields = (fields: Readonly<Record<string, unknown>>, depth: number): Kept => {
  const value: Record<string, Json> = {};
  const remarks: Flag[] = [];
  let chars = PUNCTUATION_CHARS;
  for (const key of Object.keys(fields)) {
    if (chars > REST_MAX_CHARS || !isKey(key)) {
      add(remarks, TRIMMED);
      continue;
    }
    const kept = keptOf(fields[key], depth + 1);
    const proper = properKey(key);
    if (proper !== key) add(remarks, MENDED);
    value[proper] = kept.value;
    add(remarks, kept.remarks);
    chars += key.length + kept.chars + PUNCTUATION_CHARS;
  }
  return { value, chars, remarks };
};

const keptOf = (value: unknown, depth: number): Kept => {
  switch (typeof value) {
    case 'string':
      return keptText(value);
    case 'number':
      return keptNumber(value);
    case 'boolean':
      return { value, chars: 5, remarks: NONE };
    default:
      if (depth >= REST_DEPTH_MAX) return { value: null, chars: 4, remarks: TRIMMED };
      if (Array.isArray(value)) return keptList(value, depth);
      return isFields(value) ? keptFields(value, depth) : { value: null, chars: 4, remarks: NONE };
  }
};

/**
 * Keeps a field that has no column, within the bounds of `rest`, and answers what is to be remarked about
 * it. A null is nothing to keep. What breaks a bound is cut, and the reading says so.
 */
export const keep = (
  rest: Record<string, Json>,
  taken: Taken,
  key: string,
  value: unknown,
): readonly Flag[] => {
  if (value === null || value === undefined) return NONE;
  if (taken.keys >= REST_KEYS_MAX || !isKey(key)) return TRIMMED;
  const kept = keptOf(value, 0);
  const chars = kept.chars + key.length + PUNCTUATION_CHARS;
  if (taken.chars + chars > REST_MAX_CHARS) return TRIMMED;
  const proper = properKey(key);
  if (Object.hasOwn(rest, proper)) return rest[proper] === kept.value ? NONE : REPEATED;
  taken.keys += 1;
  taken.chars += chars;
  rest[proper] = kept.value;
  return proper === key ? kept.remarks : [...kept.remarks, ...MENDED];
};
