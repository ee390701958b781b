import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Concerned } from './consider.ts';
import { type History, saying } from './held.ts';

const isFiled = saying('DriverDocumentRecorded', 'VehicleDocumentRecorded');

/** A stretch of true time, from its first moment up to its last. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * When a decision may come out worse than before, in a stretch of time: at its beginning, when something
 * happened, and after the last day of a document. Whatever else changes with time, the end of a lockout or of
 * the standing of points, only makes it better.
 */
export const turningPoints = (
  { driver, standing, vehicle }: Concerned,
  { from, to }: Stretch,
): { readonly instants: readonly Instant[]; readonly lastDays: readonly LocalDate[] } => {
  const all: History = [...driver, ...standing, ...(vehicle ?? [])];
  const within = all.map(({ fact }) => fact.when.at).filter((at) => from < at && at < to);
  const lastDays = all.filter(isFiled).map(({ fact }) => fact.data.expiresOn);
  return {
    instants: [...new Set([from, ...within])].toSorted(),
    lastDays: [...new Set(lastDays.filter((day) => day !== null))],
  };
};
