import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { earlier_us, placeOf, type Segment, type WatchBase } from './watch.ts';
import { watchFold } from './watchFold.ts';
import { settingsAt, type Timeline } from './watchSettings.ts';

/** A fold over late data begins again no further back than so much more: some thousand rows. */
const SEGMENT_US = 6 * 3_600 * 1_000_000;
const DAY_US = 86_400 * 1_000_000;

/**
 * The last word on a conclusion. `told_us`: the time of the row that said it; null where it is not settled,
 * since more may come before it, or only silence said it.
 */
export interface Word {
  readonly conclusion: Conclusion;
  readonly told_us: number | null;
}

/** Until when a row is sure to be kept, by the rules by which the store places and trims rows. */
const keptUntil_us = (
  { device_time_us, received_at_us }: TelemetryRow,
  raw_retention_us: number,
): number => {
  const isLate =
    device_time_us < received_at_us - raw_retention_us || device_time_us > received_at_us + DAY_US;
  return (isLate ? received_at_us : device_time_us) + raw_retention_us;
};

/** Keeps which conclusions go on. */
const note = (open: Map<string, Conclusion>, conclusions: readonly Conclusion[]): void => {
  for (const conclusion of conclusions) {
    if (conclusion.to_us === null) open.set(conclusion.id, conclusion);
    else open.delete(conclusion.id);
  }
};

/** How far a fold got, and the places on the way from which it can be begun again. */
export interface FoldedRows {
  readonly base: WatchBase;
  readonly segments: readonly Segment[];
  readonly words: readonly Word[];
}

/** Where a fold begins: at what is known, in the midst of a segment or at its beginning. */
export interface Begin {
  readonly base: WatchBase;
  readonly segment: Segment;
}

/**
 * Folds the rows of a device, in their order. `settle` a row before which nothing is expected any more; at
 * last `foresee` what the rows after it and silence up to a moment would say, which changes nothing that is
 * kept. `end` gives what was found.
 */
export const foldRows = (begin: Begin, timeline: Timeline, raw_retention_us: number) => {
  const words = new Map<string, Word>();
  const open = new Map<string, Conclusion>();
  for (const conclusion of begin.base.open) {
    open.set(conclusion.id, conclusion);
    words.set(conclusion.id, { conclusion, told_us: begin.base.place?.time_us ?? null });
  }
  const done: Segment[] = [];
  const fold = watchFold(begin.base.states);
  let { place } = begin.base;
  let { segment } = begin;

  const base = (): WatchBase => ({ place, states: fold.kept(), open: [...open.values()] });

  const hear = (conclusions: readonly Conclusion[], told_us: number | null): void => {
    for (const conclusion of conclusions) words.set(conclusion.id, { conclusion, told_us });
  };

  const settle = (row: TelemetryRow): void => {
    const begun_us = segment.from.place?.time_us;
    // The first segment has no place; it ends with its first row.
    const isFull = begun_us === undefined || row.device_time_us - begun_us >= SEGMENT_US;
    // One that has no row yet begins here already: after a night its first row may be hours later.
    const hasRows = segment.kept_until_us !== null;
    if (hasRows && isFull) {
      done.push(segment);
      segment = { from: base(), kept_until_us: null };
    }
    const conclusions = fold.step(settingsAt(timeline, row.device_time_us), row);
    note(open, conclusions);
    hear(conclusions, row.device_time_us);
    place = placeOf(row);
    const kept_until_us = earlier_us(segment.kept_until_us, keptUntil_us(row, raw_retention_us));
    segment = { ...segment, kept_until_us };
  };

  const foresee = (rows: readonly TelemetryRow[], silent_to_us: number | null): void => {
    const ahead = watchFold(fold.kept());
    for (const row of rows) hear(ahead.step(settingsAt(timeline, row.device_time_us), row), null);
    if (silent_to_us === null) return;
    hear(ahead.passed(settingsAt(timeline, silent_to_us), silent_to_us), null);
  };

  return {
    settle,
    foresee,
    end: (): FoldedRows => ({
      base: base(),
      segments: [...done, segment],
      words: [...words.values()],
    }),
  };
};
