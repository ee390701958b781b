import type { Currency } from '#domain/kernel/money.ts';
import type { AnyFact } from '#domain/kernel/registry.ts';
import { RunLinesReckoned, RunProposed } from '#domain/runs/events.ts';
import type { OpenLine } from '#domain/runs/lines/openLine.ts';

/** The open lines of a run and their currency, as its stream tells them; null where it was never proposed. */
export const openLinesIn = (
  before: readonly AnyFact[],
  run: string,
): { readonly currency: Currency; readonly lines: readonly OpenLine[] } | null => {
  const proposed = before
    .filter(({ type }) => type === RunProposed.type)
    .map(({ data }) => RunProposed.data.parse(data))
    .find((each) => each.run === run);
  if (!proposed) return null;
  const lines = before
    .filter(({ type }) => type === RunLinesReckoned.type)
    .map(({ data }) => RunLinesReckoned.data.parse(data))
    .filter((each) => each.run === run)
    .flatMap((each) => each.lines);
  return { currency: proposed.totals.currency, lines };
};
