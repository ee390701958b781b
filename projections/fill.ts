import { setImmediate } from 'node:timers/promises';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { foldEntries, newWork, type Work } from './fold.ts';
import type { Follower, RowRoom } from './follower.ts';
import { BEFORE_ALL } from './generations.ts';
import { logEntries } from './logEntry.ts';
import {
  type Database,
  type EventSource,
  READ_EVENTS_MAX,
  type RecordedEvent,
  type SourceUnavailable,
} from './ports.ts';
import { changeOf, settle, writeChanges } from './write.ts';

/** Few decoded events at a time, so that they die young; more where rows have to be read for them. */
const FOLD_EVENTS = 64;
const FOLD_EVENTS_MAX = READ_EVENTS_MAX;
/** A write small enough to go out at once, while the next rows are folded. */
const FLUSH_ROWS_MAX = 2_000;
const FLUSH_EVENTS_MAX = 100_000;

/** Memory for the rows of a generation that is being filled. */
export const FILL_ROOM: RowRoom = {
  chars_max: 16 * 1024 * 1024,
  filter_bytes: 16 * 1024 * 1024,
};

/** How a filling ended: at the end of the log or where it was to end; or why before. */
export type Filled =
  | { readonly code: 'reached' }
  | { readonly code: 'interrupted' }
  | { readonly code: 'overtaken' }
  | { readonly code: 'log_unavailable'; readonly detail: string }
  | { readonly code: 'halted'; readonly reason: string };

/** What a filling needs. `read` is told of the events of every page. */
export interface FillParts {
  readonly sql: Database;
  readonly source: EventSource;
  readonly signal: AbortSignal;
  readonly read?: (events: number, position: bigint) => void;
}

const readPage = (source: EventSource, after: bigint) => {
  const page = source.readAll({
    after: after === BEFORE_ALL ? null : after,
    limit: READ_EVENTS_MAX,
  })();
  page.catch(() => {});
  return page;
};

type Page = Either<SourceUnavailable, readonly RecordedEvent[]>;

/** Pages of the log, each read while the one before is worked on. Ends behind the last page. */
async function* pagesOf(source: EventSource, after: bigint): AsyncGenerator<Page> {
  let coming = readPage(source, after);
  for (;;) {
    const page = await coming;
    const last = isLeft(page) ? undefined : page.right.at(-1);
    const more = last && !isLeft(page) && page.right.length === READ_EVENTS_MAX;
    if (more) coming = readPage(source, last.position);
    yield page;
    if (!more) return;
  }
}

const isFull = ({ touched, events, waiting }: Work): boolean =>
  touched.size >= FLUSH_ROWS_MAX || events >= FLUSH_EVENTS_MAX || waiting.length > 0;

/**
 * Begins to write what was folded and goes on as if it were written: the next write builds on this one's
 * stamp, so if this one fails, so do all later ones.
 */
const flush = (sql: Database, follower: Follower, work: Work): void => {
  const change = changeOf(follower, work);
  const before = follower.written;
  settle(follower, change);
  follower.written = before.then(async () => {
    if ((await writeChanges(sql, [change])) === 'overtaken') throw new Error(OVERTAKEN);
  });
  follower.written.catch(() => {});
};

const OVERTAKEN = 'another writer fills this generation';

/**
 * Folds a page piece by piece, and begins a write whenever there is enough; answers what is not yet written.
 */
const foldPage = async (
  sql: Database,
  follower: Follower,
  { begun, page }: { readonly begun: Work; readonly page: readonly RecordedEvent[] },
): Promise<Work> => {
  const piece = follower.rows.knowsNew() ? FOLD_EVENTS : FOLD_EVENTS_MAX;
  let work = begun;
  for (let from = 0; from < page.length && work.halted === null; from += piece) {
    const records = page.slice(from, from + piece);
    await foldEntries(sql)(follower, work, logEntries(records, work.recorded_ms));
    if (isFull(work)) {
      await follower.written;
      flush(sql, follower, work);
      work = newWork(follower);
    }
    // Lets sockets be read and written meanwhile: otherwise the server would wait for us.
    await setImmediate();
  }
  return work;
};

const fillOn = async (
  { sql, source, signal, read = () => {} }: FillParts,
  follower: Follower,
  upTo: bigint | null,
): Promise<Filled> => {
  let work = newWork(follower);
  let end: Filled = { code: 'reached' };
  for await (const page of pagesOf(source, follower.checkpoint.position)) {
    if (isLeft(page)) {
      end = { code: 'log_unavailable', detail: page.left.detail };
      break;
    }
    const wanted =
      upTo === null ? page.right : page.right.filter(({ position }) => position <= upTo);
    work = await foldPage(sql, follower, { begun: work, page: wanted });
    read(wanted.length, work.position);
    if (work.halted !== null) {
      end = { code: 'halted', reason: work.halted };
      break;
    }
    if (signal.aborted) {
      end = { code: 'interrupted' };
      break;
    }
    if (wanted.length < page.right.length) break;
  }
  if (work.events > 0 || work.halted !== null) {
    await follower.written;
    flush(sql, follower, work);
  }
  await follower.written;
  return end;
};

/**
 * Fills a generation from where it stands to the end of the log, or to a position. Rows are folded in
 * memory, and a batch of them is written while the next is folded; memory is bounded however long the log
 * is. Throws for outages of the database: what was written stays, and filling goes on from there the next
 * time.
 */
export const fill =
  (parts: FillParts) =>
  async (follower: Follower, upTo: bigint | null): Promise<Filled> => {
    try {
      return await fillOn(parts, follower, upTo);
    } catch (error) {
      if (error instanceof Error && error.message === OVERTAKEN) return { code: 'overtaken' };
      throw error;
    }
  };
