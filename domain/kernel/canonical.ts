/** What JSON can say. Numbers must be finite; whole numbers beyond 2^53 travel as strings. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Text that stands in JSON as it is: printable ASCII without quotation mark and backslash. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Text in the form of RFC 8785. `JSON.stringify` escapes just as the RFC asks; only lone surrogates, which
 * the RFC forbids and `JSON.stringify` would escape, have to be refused.
 */
const canonicalString = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
};

const canonicalNumber = (value: number): string => {
  if (!Number.isFinite(value))
    throw new TypeError('a number that is not finite has no canonical form');
  return Object.is(value, -0) ? '0' : String(value);
};

const canonicalArray = (items: readonly unknown[]): string => {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += canonicalJson(items[index]);
  }
  return `${text}]`;
};

/** Any object is looked at by its own enumerable keys, as JSON does. */
const isKeyed = (value: object): value is Readonly<Record<string, unknown>> => value !== null;

const canonicalObject = (value: object): string => {
  if (!isKeyed(value)) return '{}';
  let text = '{';
  // Without a comparer `sort` orders by UTF-16 code units, which is what RFC 8785, section 3.2.3, asks for.
  for (const key of Object.keys(value).sort()) {
    if (text.length > 1) text += ',';
    text += `${canonicalString(key)}:${canonicalJson(value[key])}`;
  }
  return `${text}}`;
};

/**
 * The one spelling of a JSON value that hashes are taken over. Source: RFC 8785 (JSON Canonicalization
 * Scheme). Throws a TypeError for what JSON cannot say (undefined, bigint, functions, NaN, lone surrogates):
 * nothing is dropped in silence.
 */
export const canonicalJson = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      return canonicalNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`a value of type ${typeof value} has no canonical form`);
  }
};
