import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { Context, Reject } from './formats/reading.ts';
import type { Recognised } from './formats/recognise.ts';
import type { Arrival, NotTaken, Stored } from './ports.ts';
import type { Quarantine, QuarantineCode, QuarantineEntry } from './quarantine.ts';
import type { Writer } from './writer.ts';

const PAGE_MAX = 100;
/** A hundred thousand entries: more than the bounds of quarantine let a device have. */
const PAGES_MAX = 1_000;

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

/** What became of many entries. */
export interface ReplayedAll {
  readonly released: number;
  readonly waiting: number;
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
 * Replays all entries of a tenant that are there by now, of one device or for one reason where these are not
 * null: to be done for a device when it is fitted, with the code `DeviceUnbound`. Stops at the first failure.
 */
export const replayAll =
  (deps: Deps) =>
  async (which: {
    readonly tenant: Tenant;
    readonly ident: DeviceIdent | null;
    readonly code: QuarantineCode | null;
  }): Promise<Either<NotTaken | Unavailable, ReplayedAll>> => {
    let after: bigint | null = null;
    let released = 0;
    let waiting = 0;
    for (let page_number = 0; page_number < PAGES_MAX; page_number += 1) {
      const page: Either<Unavailable, readonly QuarantineEntry[]> = await deps.quarantine.list({
        ...which,
        after,
        limit: PAGE_MAX,
      })();
      if (isLeft(page)) return page;
      for (const { id } of page.right) {
        const replayed = await replayEntry(deps)({ tenant: which.tenant, id });
        if (isLeft(replayed)) return replayed;
        if (replayed.right?.released) released += 1;
        else waiting += 1;
        after = id;
      }
      if (page.right.length < PAGE_MAX) break;
    }
    return right({ released, waiting });
  };
