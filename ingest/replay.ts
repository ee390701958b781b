import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { Context, Reject } from './formats/reading.ts';
import type { Recognised } from './formats/recognise.ts';
import type { Arrival, NotTaken, Stored } from './ports.ts';
import type { Quarantine, QuarantineCode, QuarantineEntry } from './quarantine.ts';
import type { Writer } from './writer.ts';

const PAGE_MAX = 100;
/** For how long entries are replayed in one go; the one under way is brought to its end. */
const REPLAY_MAX_MS = 15_000;

interface Deps {
  readonly quarantine: Pick<Quarantine, 'list' | 'inspect' | 'release'>;
  readonly writer: Pick<Writer, 'again'>;
  /** The reader that listeners use. */
  readonly read: (bytes: Buffer, context: Context) => Either<Reject, Recognised>;
}

/** What became of an entry: it is gone because all was taken, or it waits on for the same reason. */
export interface Replayed {
  readonly released: boolean;
  readonly stored: Stored;
}

/** What became of many entries. `next`: behind which entry to go on; null when there are no more. */
export interface ReplayedAll {
  readonly released: number;
  readonly waiting: number;
  readonly next: bigint | null;
}

type Entry = QuarantineEntry & { readonly raw: Buffer };

/** The message as an arrival of the time when it came first. */
const arrivalOf = (entry: Entry, read: Deps['read']): Arrival => {
  const { tenant, sender, listener, received_at_us, raw } = entry;
  const harvest = read(raw, { received_at_us, ident: sender });
  const common = { tenant, ident: sender, listener, received_at_us, raw };
  if (isLeft(harvest)) {
    const rejects = [{ index: 0, ...harvest.left }];
    return { ...common, format: entry.format, readings: [], rejects };
  }
  return { ...common, ...harvest.right };
};

/**
 * Reads an entry's bytes again, with the reader and the way into the store that every message takes. What is
 * stored already is stored no second time. Null where there is no such entry.
 */
export const replayEntry =
  ({ quarantine, writer, read }: Deps) =>
  async (place: {
    readonly tenant: Tenant;
    readonly id: bigint;
  }): Promise<Either<NotTaken | Unavailable, Replayed | null>> => {
    const found = await quarantine.inspect(place)();
    if (isLeft(found)) return found;
    const entry = found.right;
    if (!entry) return right(null);
    const settled = await writer.again(arrivalOf(entry, read))();
    if (isLeft(settled)) return left(settled.left);
    const { stored, reasons } = settled.right;
    const waits = reasons.some(({ ident, code }) => ident === entry.ident && code === entry.code);
    if (waits) return right({ released: false, stored });
    // Were this to fail, the entry stays, and to replay it once more changes nothing.
    const released = await quarantine.release(place)();
    return isLeft(released) ? released : right({ released: true, stored });
  };

/**
 * Replays the entries of a tenant behind one (null: from the first on), of one device or for one reason where
 * these are not null, for fifteen seconds at most. Stops at the first failure.
 */
export const replayAll =
  (deps: Deps, { replay_max_ms = REPLAY_MAX_MS }: { readonly replay_max_ms?: number } = {}) =>
  async (which: {
    readonly tenant: Tenant;
    readonly ident: DeviceIdent | null;
    readonly code: QuarantineCode | null;
    readonly after: bigint | null;
  }): Promise<Either<NotTaken | Unavailable, ReplayedAll>> => {
    const until_ms = performance.now() + replay_max_ms;
    const counts = { released: 0, waiting: 0 };
    let { after } = which;
    for (;;) {
      const page: Either<Unavailable, readonly QuarantineEntry[]> = await deps.quarantine.list({
        ...which,
        after,
        limit: PAGE_MAX,
      })();
      if (isLeft(page)) return page;
      for (const { id } of page.right) {
        const replayed = await replayEntry(deps)({ tenant: which.tenant, id });
        if (isLeft(replayed)) return replayed;
        if (replayed.right?.released) counts.released += 1;
        else counts.waiting += 1;
        after = id;
        if (performance.now() > until_ms) return right({ ...counts, next: after });
      }
      if (page.right.length < PAGE_MAX) return right({ ...counts, next: null });
    }
  };
