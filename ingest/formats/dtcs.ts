import { flag, other, type Take } from './draft.ts';
import { DTCS_MAX } from './reading.ts';
import { isFields } from './values.ts';

/**
 * A fault code as OBD-II writes it, with or without the two digits of the failure type (SAE J2012), or a
 * number of a parameter and of a failure mode as J1939 has them.
 */
const DTC = /^(?:[PCBU][0-3][0-9A-F]{3}(?:-?[0-9A-F]{2})?|\d{1,6}-\d{1,2})$/;

/** The fault codes in a text with blanks between them, in a list of texts, or in a list of `{code}`. */
const codesOf = (value: unknown): readonly unknown[] => {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter((code) => code !== '');
  if (!Array.isArray(value)) return [value];
  return value.map((item: unknown) => (isFields(item) ? item['code'] : item));
};

/**
 * Puts fault codes into their column: an empty text or list is "none". If one of them is no code, all of it
 * goes to `rest` with a flag: part of a list would read as if the other faults were gone.
 */
export const dtcs: Take = (draft, value, key) => {
  if (value === null || value === undefined) return;
  const codes: string[] = [];
  for (const code of codesOf(value)) {
    const text = typeof code === 'string' ? code.trim().toUpperCase() : '';
    if (!DTC.test(text) || codes.length >= DTCS_MAX) {
      flag(draft, 'dtcs_unreadable');
      other(draft, value, key);
      return;
    }
    codes.push(text);
  }
  draft.reading.dtcs = codes;
};
