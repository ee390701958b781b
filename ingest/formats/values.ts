const NUMERAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const NUMERAL_MAX_CHARS = 40;

/** What is looked into by name: an object of a message. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object with fields, and no list. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A finite number, or the number a text spells; null for anything else. */
export const numberOf = (value: unknown): number | null => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.length > NUMERAL_MAX_CHARS) return null;
  const text = value.trim();
  if (!NUMERAL.test(text)) return null;
  const spelt = Number(text);
  return Number.isFinite(spelt) ? spelt : null;
};

/** Yes or no in the spellings in use: true and false, 1 and 0, on and off, as values or as texts. */
export const booleanOf = (value: unknown): boolean | null => {
  switch (typeof value === 'string' ? value.trim().toLowerCase() : value) {
    case true:
    case 1:
    case '1':
    case 'true':
    case 'on':
      return true;
    case false:
    case 0:
    case '0':
    case 'false':
    case 'off':
      return false;
    default:
      return null;
  }
};

/**
 * A text that a database can store: no lone surrogates and no NUL, which Postgres has no place for. A proper
 * text is answered as it is.
 */
export const properText = (text: string): string =>
  text.isWellFormed() && !text.includes('\0')
    ? text
    : text.toWellFormed().replaceAll('\0', '\ufffd');

/** A number with three decimals at most: what a conversion between units is rounded to. */
export const rounded3 = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Kilometres in a nautical mile, so km/h in a knot. Source: BIPM, The International System of Units. */
export const KMH_PER_KNOT = 1.852;
/** Km/h in a metre per second. */
export const KMH_PER_MPS = 3.6;
