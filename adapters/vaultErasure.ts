import { z } from 'zod';
import type { ErasureHold } from '#commands/ports.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { EventId, type Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { boundedPool } from './boundedPool.ts';
import { KeyOwner, nameOf } from './keyEpoch.ts';
import type { KeyStore } from './keyStore.ts';
import {
  heldUntil,
  type IsLogged,
  ORPHAN_AGE_MS,
  type RetentionDays,
  type Swept,
} from './retention.ts';
import {
  keptEntries,
  lockForErasure,
  scheduleErasures,
  type Transaction,
  unscheduleErasures,
} from './vaultRows.ts';

const BATCH_ROWS_MAX = 500;
const BATCHES_MAX = 10_000;

/** What erasing works with. */
export interface ErasureParts {
  readonly pool: ReturnType<typeof boundedPool>;
  readonly keys: KeyStore;
  readonly isLogged: IsLogged;
  readonly retention_days: RetentionDays;
}

/**
 * What became of one owner's data: erased, or held until; `hadKey` says that there was something to
 * destroy.
 */
interface Fate {
  readonly owner: KeyOwner;
  readonly until: Instant | null;
  readonly hadKey: boolean;
}

/** What is to become of those owners of whom there is an entry; in the order they were asked in. */
const fatesOf = async (
  sql: Transaction,
  { keys, retention_days }: ErasureParts,
  { owners, at }: { readonly owners: readonly KeyOwner[]; readonly at: Instant },
): Promise<readonly Fate[]> => {
  const found = (await keys.find(owners)).filter((key) => key !== null);
  const keyed = new Set(found.map(({ owner }) => nameOf(owner)));
  const rows = await keptEntries(
    sql,
    owners,
    found.map(({ id }) => id),
  );
  const kept = new Map(rows.map(({ newest, ...owner }) => [nameOf(owner), newest]));
  return owners
    .filter((owner) => kept.has(nameOf(owner)))
    .map((owner) => {
      const put = kept.get(nameOf(owner));
      const newest = put ? instantOf(put.getTime()) : null;
      const until = heldUntil(retention_days, { class: owner.class, newest }, at);
      return { owner, until, hadKey: keyed.has(nameOf(owner)) };
    });
};

/**
 * Erases what is not held, schedules what is. Should it break off after the keys are gone, it can be asked
 * again.
 */
const eraseOwners = async (
  sql: Transaction,
  parts: ErasureParts,
  asked: { readonly owners: readonly KeyOwner[]; readonly at: Instant },
): Promise<readonly Fate[]> => {
  await lockForErasure(sql, asked.owners);
  const fates = await fatesOf(sql, parts, asked);
  const held = fates.flatMap(({ owner, until }) => (until === null ? [] : [{ owner, until }]));
  const isHeld = new Set(held.map(({ owner }) => nameOf(owner)));
  const free = asked.owners.filter((owner) => !isHeld.has(nameOf(owner)));
  await scheduleErasures(sql, held);
  await unscheduleErasures(sql, free);
  await parts.keys.destroy(free);
  return fates;
};

/** Erases a subject as far as no retention period holds it, in all classes. */
export const eraseSubjectOf = async (
  parts: ErasureParts,
  { tenant, subject, at }: { tenant: Tenant; subject: string; at: Instant },
): Promise<{ erased: readonly PiiClass[]; held: readonly ErasureHold[] }> => {
  const owners = PiiClass.options.map((kind) => ({ tenant, subject, class: kind }));
  const erasing = (sql: Transaction) => eraseOwners(sql, parts, { owners, at });
  const { fates } = await parts.pool.run((sql) =>
    sql.begin(async (transaction) => ({ fates: await erasing(transaction) })),
  );
  return {
    erased: fates.filter(({ until }) => until === null).map(({ owner }) => owner.class),
    held: fates.flatMap(({ owner, until }) =>
      until === null ? [] : [{ class: owner.class, until }],
    ),
  };
};

/** Carries out erasures that are due, or puts them off if something newer is held. Null: there was none. */
const eraseDue = (parts: ErasureParts, at: Instant): Promise<number | null> =>
  parts.pool.run((sql) =>
    sql.begin(async (transaction) => {
      const rows = await transaction`
        select tenant, subject, class from scheduled_erasures
         where until <= ${at}::timestamptz order by until limit ${BATCH_ROWS_MAX}`;
      if (rows.length === 0) return null;
      const owners = KeyOwner.array().parse(rows.map((row) => ({ ...row })));
      const fates = await eraseOwners(transaction, parts, { owners, at });
      return fates.filter(({ until, hadKey }) => until === null && hadKey).length;
    }),
  );

const Unlogged = z.object({ event_id: EventId });

/**
 * Drops entries that are old enough and that no event names, and marks the others. Null: there was none to
 * look at.
 */
const dropOrphans = async (
  { pool, isLogged }: ErasureParts,
  at: Instant,
): Promise<number | null> => {
  const before = instantOf(epochMs(at) - ORPHAN_AGE_MS);
  const rows = await pool.run(
    (sql) => sql`
      select event_id from vault_entries where not logged and touched_at < ${before}::timestamptz
       order by touched_at limit ${BATCH_ROWS_MAX}`,
  );
  if (rows.length === 0) return null;
  const events = [
    ...new Set(
      Unlogged.array()
        .parse(rows)
        .map((row) => row.event_id),
    ),
  ];
  const logged = await isLogged(events);
  const [known, orphaned] = [
    events.filter((id) => logged.has(id)),
    events.filter((id) => !logged.has(id)),
  ];
  await pool.run(
    (sql) =>
      sql`update vault_entries set logged = true where event_id = any(${known}::uuid[]) and not logged`,
  );
  // One that was put again in the meantime may yet get its event.
  const { count } = await pool.run(
    (sql) => sql`
      delete from vault_entries
       where event_id = any(${orphaned}::uuid[]) and not logged and touched_at < ${before}::timestamptz`,
  );
  return count;
};

const untilNone = async (batch: () => Promise<number | null>): Promise<number> => {
  let sum = 0;
  for (let batches = 0; batches < BATCHES_MAX; batches += 1) {
    const done = await batch();
    if (done === null) break;
    sum += done;
  }
  return sum;
};

/** Carries out what is due and drops orphans. */
export const sweepVault = async (parts: ErasureParts, at: Instant): Promise<Swept> => ({
  erased: await untilNone(() => eraseDue(parts, at)),
  orphans: await untilNone(() => dropOrphans(parts, at)),
});
