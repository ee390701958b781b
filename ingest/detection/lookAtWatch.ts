import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import { type Conclusion, matterOf } from '#ingest/detectors/conclusion.ts';
import { matchConclusions } from '#ingest/detectors/matchConclusions.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { type Begin, foldRows, type Word } from './foldRows.ts';
import { lookAgain_us, silentTo_us } from './lookAgain.ts';
import {
  type ConclusionChange,
  type DueWatch,
  type KeptConclusion,
  WATCH_ROWS_MAX,
  type Watches,
} from './ports.ts';
import { placeOf, type WatchKey, type WatchPlace } from './watch.ts';
import { settingsAt, type Timeline } from './watchSettings.ts';

/** So many rows are folded at one look; the rest at the next, at once. */
const LOOK_ROWS_MAX = 50_000;
/** A row that came so long ago is settled: what was under way beside it has come since. */
const SETTLED_AFTER_US = 10 * 1_000_000;

/** Late readings of a time whose rows are not all there any more: nothing can be concluded from them. */
export interface IgnoredReadings {
  readonly key: WatchKey;
  readonly from_us: number;
  readonly to_us: number;
  readonly readings: number;
}

interface Deps {
  readonly watches: Watches;
  readonly timelineOf: (key: WatchKey) => Promise<Either<Unavailable, Timeline>>;
  /** Says that readings came to nothing; done before anything is kept, so that it is never forgotten. */
  readonly ignore: (ignored: IgnoredReadings) => Promise<Either<Unavailable, unknown>>;
  readonly raw_retention_us: number;
  readonly now_us: () => number;
}

/** What a look came to: how many rows were folded, and how many conclusions are new or otherwise. */
export interface Looked {
  readonly rows: number;
  readonly changes: number;
}

interface Start {
  readonly begin: Begin;
  /** Whether what became known later lies where rows are gone. */
  readonly tooLate: boolean;
}

/** Where to begin: where the watch has got, or, where something earlier became known, before that. */
const startOf = async (
  { watches, now_us }: Deps,
  { key, base, segment, since_us }: DueWatch,
): Promise<Either<Unavailable, Start>> => {
  const here: Start = { begin: { base, segment }, tooLate: false };
  if (since_us === null || base.place === null || since_us > base.place.time_us) return right(here);
  const found = await watches.segmentBefore(key, since_us)();
  if (isLeft(found)) return found;
  const earlier = found.right;
  if (!earlier) return right(here);
  const { from, kept_until_us } = earlier;
  if (kept_until_us !== null && kept_until_us <= now_us()) return right({ ...here, tooLate: true });
  // What was kept for the segment counts anew, row by row.
  return right({ begin: { base: from, segment: { from, kept_until_us: null } }, tooLate: false });
};

const readOn = async (
  { watches }: Deps,
  key: WatchKey,
  { begin }: Start,
): Promise<Either<Unavailable, readonly TelemetryRow[]>> => {
  const rows: TelemetryRow[] = [];
  let after = begin.base.place;
  while (rows.length < LOOK_ROWS_MAX) {
    const page: Either<Unavailable, readonly TelemetryRow[]> = await watches.rows(key, after)();
    if (isLeft(page)) return page;
    rows.push(...page.right);
    const last = page.right.at(-1);
    if (!last || page.right.length < WATCH_ROWS_MAX) break;
    after = placeOf(last);
  }
  return right(rows);
};

/** How many rows at the beginning are settled. */
const settledOf = (rows: readonly TelemetryRow[], now_us: number): number => {
  const fresh = rows.findIndex(({ received_at_us }) => received_at_us > now_us - SETTLED_AFTER_US);
  return fresh < 0 ? rows.length : fresh;
};

/** What tells a conclusion from all others of its device: no two of one matter open at one moment. */
const openingOf = (conclusion: Conclusion): string =>
  `${conclusion.kind} ${matterOf(conclusion)} ${conclusion.from_us}`;

const changesOf = (
  before: readonly KeptConclusion[],
  words: readonly Word[],
): readonly ConclusionChange[] => {
  const kept = new Map(before.map((each) => [each.conclusion, each]));
  const told = new Map(words.map((word) => [openingOf(word.conclusion), word]));
  const verdicts = matchConclusions(
    before.map(({ conclusion }) => conclusion),
    words.map(({ conclusion }) => conclusion),
  );
  return verdicts.flatMap((verdict): readonly ConclusionChange[] => {
    const was = verdict.verdict === 'new' ? undefined : kept.get(verdict.before);
    const id = was?.id ?? null;
    if (verdict.verdict === 'withdrawn') {
      return [{ id, conclusion: verdict.before, told_us: null, withdrawn: true }];
    }
    const word = told.get(openingOf(verdict.now));
    if (!word) return [];
    const isSame =
      verdict.verdict === 'same' &&
      was?.told_us === word.told_us &&
      was.conclusion.id === word.conclusion.id;
    return isSame ? [] : [{ id, ...word, withdrawn: false }];
  });
};

/** Says which readings of a time that is gone were heard. */
const ignoreLate = async (
  { watches, ignore }: Deps,
  { key, base, since_us, heard_us }: DueWatch,
): Promise<Either<Unavailable, unknown>> => {
  if (since_us === null || base.place === null) return right(null);
  const stretch = { from_us: since_us, to_us: base.place.time_us, limit: LOOK_ROWS_MAX };
  const found = await watches.rowsBetween(key, stretch)();
  if (isLeft(found)) return found;
  const late = found.right.filter(({ received_at_us }) => received_at_us >= (heard_us ?? 0));
  const [first, last] = [late.at(0), late.at(-1)];
  if (!first || !last) return right(null);
  const { device_time_us: from_us } = first;
  return ignore({ key, from_us, to_us: last.device_time_us, readings: late.length });
};

const lookNext = (
  timeline: Timeline,
  {
    last,
    partial,
    fresh,
    now_us,
  }: {
    readonly last: WatchPlace | null;
    readonly partial: boolean;
    readonly fresh: boolean;
    readonly now_us: number;
  },
): number | null => {
  if (partial) return now_us;
  if (fresh) return now_us + SETTLED_AFTER_US;
  if (!last) return null;
  const settings = settingsAt(timeline, last.time_us);
  return lookAgain_us(settings, { last_received_us: last.received_us, now_us });
};

/**
 * Looks at a watch: folds the rows that came, from further back where they came late, and keeps what follows.
 * What rests on rows that just came, or on silence, is concluded too, but looked at again when more is known.
 * Twice over the same rows changes nothing.
 */
export const lookAtWatch =
  (deps: Deps) =>
  async (due: DueWatch): Promise<Either<Unavailable, Looked>> => {
    const { watches } = deps;
    const { key } = due;
    const timeline = await deps.timelineOf(key);
    if (isLeft(timeline)) return timeline;
    const start = await startOf(deps, due);
    if (isLeft(start)) return start;
    const { begin, tooLate } = start.right;
    if (tooLate) {
      const ignored = await ignoreLate(deps, due);
      if (isLeft(ignored)) return ignored;
    }
    const now_us = deps.now_us();
    const read = await readOn(deps, key, start.right);
    if (isLeft(read)) return read;
    const rows = read.right;
    const partial = rows.length >= LOOK_ROWS_MAX;
    const settled = settledOf(rows, now_us);
    const fold = foldRows(begin, timeline.right, deps.raw_retention_us);
    for (const row of rows.slice(0, settled)) fold.settle(row);
    const { base, segments } = fold.end();
    const newest = rows.at(-1);
    const last = newest ? placeOf(newest) : base.place;
    if (!partial) fold.foresee(rows.slice(settled), last && silentTo_us(last, now_us));
    const { words } = fold.end();
    const before = await watches.concluded(key, {
      after_us: begin.base.place?.time_us ?? null,
      ids: begin.base.open.map(({ id }) => id),
    })();
    if (isLeft(before)) return before;
    const reached_us = base.place?.time_us ?? 0;
    const comparable = partial
      ? before.right.filter(({ told_us }) => told_us !== null && told_us <= reached_us)
      : before.right;
    const changes = changesOf(comparable, words);
    const look_us = lookNext(timeline.right, {
      last,
      partial,
      fresh: settled < rows.length,
      now_us,
    });
    const saved = await watches.save({ due, base, segments, changes, look_us, now_us })();
    if (isLeft(saved)) return saved;
    return right({ rows: settled, changes: changes.length });
  };
