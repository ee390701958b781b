import { type EndToEndId, endToEndIdOf } from '#domain/finance/endToEndId.ts';

const RUN_DIGITS = 24;
const LINE_DIGITS = 8;

/** What the ids of all payments of a run begin with, from a UUID that follows from the run. */
export const runPartOf = (uuid: string): string => uuid.replaceAll('-', '').slice(0, RUN_DIGITS);

/** The id of the payment of a line, by which a statement finds it again: the run's part, then its place. */
export const paymentIdOf = (runPart: string, line: number): EndToEndId =>
  endToEndIdOf(`${runPart}${line.toString(16).padStart(LINE_DIGITS, '0')}`);

/** Run and line in what a bank calls a payment; null where it is none of ours. */
export const paymentNamed = (
  endToEndId: string,
): { readonly runPart: string; readonly line: number } | null => {
  if (!/^[0-9a-f]{32}$/.test(endToEndId)) return null;
  const line = Number.parseInt(endToEndId.slice(RUN_DIGITS), 16);
  return { runPart: endToEndId.slice(0, RUN_DIGITS), line };
};
