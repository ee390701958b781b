/** What a spreadsheet would take for a formula. Source: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

const cellText = (cell: string): string => {
  const harmless = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

/**
 * A line of a table for spreadsheets, with its end. What would be taken for a formula gets an apostrophe in
 * front; null is an empty cell. Source: RFC 4180.
 */
export const csvLine = (cells: readonly (string | null)[]): string =>
  `${cells.map((cell) => cellText(cell ?? '')).join(',')}\r\n`;
