import { left, right } from 'fp-ts/lib/Either.js';
import type { PersonalEntry, Vault } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import type { Digest } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import {
  DEFAULT_RETENTION_DAYS,
  heldUntil,
  type IsLogged,
  ORPHAN_AGE_MS,
  type RetentionDays,
  type SweptVault,
} from './retention.ts';
import { digestOfOpening, ENTRIES_MAX, type EntryPlace, openingOf } from './vaultEntry.ts';

/** An entry; `data` null: erased. */
interface Kept {
  readonly place: EntryPlace;
  readonly digest: Digest;
  readonly putAt: Instant;
  data: PersonalEntry['data'] | null;
  touchedAt: Instant;
}

/**
 * Personal data in memory, for tests. It outlives the vaults that are opened on it; `up: false`: it is
 * away.
 */
export interface MemoryVaultData {
  readonly entries: Kept[];
  readonly scheduled: Map<string, { readonly of: Owner; readonly until: Instant }>;
  up: boolean;
}

interface Owner {
  readonly tenant: string;
  readonly subject: string;
  readonly class: PiiClass;
}

/** An empty one. */
export const memoryVaultData = (): MemoryVaultData => ({
  entries: [],
  scheduled: new Map(),
  up: true,
});

interface Options {
  readonly isLogged: IsLogged;
  readonly retention_days?: RetentionDays;
}

const away = left({ code: 'Unavailable', detail: 'the vault is away' } as const);
const mismatch = left({ code: 'VaultMismatch' } as const);

const isOf =
  (owner: Owner) =>
  ({ place }: Kept): boolean =>
    place.tenant === owner.tenant && place.subject === owner.subject && place.class === owner.class;

/** The newest entry of an owner that can be read; of those put at one instant the later one. */
const newestOf = (data: MemoryVaultData, owner: Owner): Kept | undefined =>
  data.entries
    .filter((kept) => kept.data !== null && isOf(owner)(kept))
    .reduce<Kept | undefined>(
      (newest, kept) => (newest && newest.putAt > kept.putAt ? newest : kept),
      undefined,
    );

/** Whether an entry is what was put before, as far as can be told. */
const isSame = ({ place, data }: Kept, entry: PersonalEntry | undefined): boolean =>
  place.subject === entry?.subject &&
  place.class === entry.class &&
  (data === null || canonicalJson(data) === canonicalJson(entry.data));

const digestsOf = (kept: readonly Kept[]) =>
  kept.map(({ place, digest }) => ({ subject: place.subject, class: place.class, digest }));

const put = (
  data: MemoryVaultData,
  { tenant, event, entries, at }: Parameters<Vault['put']>[0],
) => {
  if (entries.length > ENTRIES_MAX) throw new Error('too many entries for one event');
  if (!data.up) return away;
  const before = data.entries.filter(
    ({ place }) => place.tenant === tenant && place.event === event,
  );
  if (before.length > 0 && entries.length > 0) {
    for (const kept of before) kept.touchedAt = at > kept.touchedAt ? at : kept.touchedAt;
    const same =
      before.length === entries.length &&
      before.every((kept, index) => isSame(kept, entries[index]));
    return same ? right(digestsOf(before)) : mismatch;
  }
  const added = entries.map((entry, index) => ({
    place: { tenant, event, index, subject: entry.subject, class: entry.class },
    digest: digestOfOpening(openingOf(entry.data)),
    putAt: at,
    touchedAt: at,
    data: structuredClone(entry.data),
  }));
  data.entries.push(...added);
  return right(digestsOf(added));
};

/**
 * Erases one owner's data or schedules that: null if there never was any, else until when it is held, if it
 * is.
 */
const eraseOwner = (
  data: MemoryVaultData,
  retention_days: RetentionDays,
  { owner, at }: { readonly owner: Owner; readonly at: Instant },
): { readonly until: Instant | null; readonly hadKey: boolean } | null => {
  const entries = data.entries.filter(isOf(owner));
  const newest = newestOf(data, owner);
  const kept = { class: owner.class, newest: newest?.putAt ?? null };
  const until = heldUntil(retention_days, kept, at);
  const name = canonicalJson([owner.tenant, owner.subject, owner.class]);
  if (until === null) {
    for (const entry of entries) entry.data = null;
    data.scheduled.delete(name);
  } else {
    data.scheduled.set(name, { of: owner, until });
  }
  return entries.length === 0 ? null : { until, hadKey: newest !== undefined };
};

const erase = (
  data: MemoryVaultData,
  retention_days: RetentionDays,
  { tenant, subject, at }: Parameters<Vault['erase']>[0],
) => {
  if (!data.up) return away;
  const fates = PiiClass.options.flatMap((kind) => {
    const fate = eraseOwner(data, retention_days, { owner: { tenant, subject, class: kind }, at });
    return fate ? [{ class: kind, until: fate.until }] : [];
  });
  return right({
    erased: fates.filter(({ until }) => until === null).map((fate) => fate.class),
    held: fates.flatMap(({ class: kind, until }) =>
      until === null ? [] : [{ class: kind, until }],
    ),
  });
};

const dropOrphans = async (data: MemoryVaultData, isLogged: IsLogged, at: Instant) => {
  const before = instantOf(epochMs(at) - ORPHAN_AGE_MS);
  const old = data.entries.filter(({ touchedAt }) => touchedAt < before);
  const logged = await isLogged([...new Set(old.map(({ place }) => place.event))]);
  const left = data.entries.filter((kept) => !old.includes(kept) || logged.has(kept.place.event));
  return data.entries.splice(0, data.entries.length, ...left).length - left.length;
};

/** A vault on data in memory. Nothing is sealed: what is erased is dropped, and its digest stays. */
export const memoryVault = (data: MemoryVaultData, options: Options): SweptVault => {
  const { isLogged, retention_days = DEFAULT_RETENTION_DAYS } = options;
  return {
    put: (request) => async () => put(data, request),
    read:
      ({ tenant, subject }) =>
      async () => {
        const newest = PiiClass.options.map((kind) =>
          newestOf(data, { tenant, subject, class: kind }),
        );
        const entries = newest.flatMap((kept) =>
          kept?.data
            ? [{ subject, class: kept.place.class, data: structuredClone(kept.data) }]
            : [],
        );
        return data.up ? right(entries) : away;
      },
    erase: (request) => async () => erase(data, retention_days, request),
    sweep: (at) => async () => {
      if (!data.up) return away;
      const due = [...data.scheduled.values()].filter(({ until }) => until <= at);
      const fates = due.map(({ of: owner }) => eraseOwner(data, retention_days, { owner, at }));
      const erased = fates.filter((fate) => fate?.hadKey && fate.until === null).length;
      return right({ erased, orphans: await dropOrphans(data, isLogged, at) });
    },
    close: async () => {},
  };
};
