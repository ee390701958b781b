import type { TransactionSql } from 'postgres';
import { z } from 'zod';
import { PiiClass } from '#domain/kernel/event.ts';
import { Digest, EventId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { KeyOwner } from './keyEpoch.ts';
import type { EntryPlace } from './vaultEntry.ts';

/** Two spaces of advisory locks: putting under an event, and putting about or erasing a subject. */
const EVENT_LOCKS = 491362085;
const SUBJECT_LOCKS = 491362086;

/** A transaction on a pool of ours. */
export type Transaction = TransactionSql<{ bigint: bigint }>;

/** A row of `vault_entries`, as far as it is read. */
export const EntryRow = z.object({
  tenant: Tenant,
  event_id: EventId,
  entry_index: z.int(),
  subject: z.string(),
  class: PiiClass,
  key_id: z.string(),
  sealed: z.instanceof(Uint8Array),
  digest: Digest,
});
export type EntryRow = z.infer<typeof EntryRow>;

/** The place that a row was sealed for. */
export const placeOf = (row: EntryRow): EntryPlace => ({
  tenant: row.tenant,
  event: row.event_id,
  index: row.entry_index,
  subject: row.subject,
  class: row.class,
});

/**
 * Puts under one event take turns. Puts about a subject go side by side, and none goes on while the subject
 * is erased: else the newest entry, which a hold is counted from, could be sealed with a key about to be
 * destroyed.
 */
export const lockForPut = async (
  sql: Transaction,
  { tenant, event, subjects }: { tenant: Tenant; event: EventId; subjects: readonly string[] },
): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${EVENT_LOCKS}::int, hashtext(${`${tenant}/${event}`}))`;
  const names = subjects.map((subject) => `${tenant}/${subject}`).sort();
  await sql`
    select pg_advisory_xact_lock_shared(${SUBJECT_LOCKS}::int, hashtext(name))
      from unnest(${names}::text[]) as name`;
};

/** Keeps puts about these owners out until the transaction ends. */
export const lockForErasure = async (
  sql: Transaction,
  owners: readonly KeyOwner[],
): Promise<void> => {
  const names = [...new Set(owners.map(({ tenant, subject }) => `${tenant}/${subject}`))].sort();
  await sql`
    select pg_advisory_xact_lock(${SUBJECT_LOCKS}::int, hashtext(name))
      from unnest(${names}::text[]) as name`;
};

/** The entries under an event, marked as put again. */
export const touchEntries = async (
  sql: Transaction,
  { tenant, event, at }: { tenant: Tenant; event: EventId; at: Instant },
): Promise<readonly EntryRow[]> => {
  const rows = await sql`
    update vault_entries set touched_at = greatest(touched_at, ${at}::timestamptz)
     where tenant = ${tenant} and event_id = ${event}
    returning tenant, event_id, entry_index, subject, class, key_id, sealed, digest`;
  return EntryRow.array()
    .parse(rows)
    .sort((one, other) => one.entry_index - other.entry_index);
};

/** A row to be inserted. */
export interface NewEntry {
  readonly place: EntryPlace;
  readonly keyId: string;
  readonly sealed: Buffer;
  readonly digest: Digest;
}

/** Inserts entries that are not there. */
export const insertEntries = async (
  sql: Transaction,
  entries: readonly NewEntry[],
  at: Instant,
): Promise<void> => {
  const rows = entries.map(({ place, keyId, sealed, digest }) => ({
    tenant: place.tenant,
    event_id: place.event,
    entry_index: place.index,
    subject: place.subject,
    class: place.class,
    key_id: keyId,
    sealed,
    digest,
    put_at: at,
    touched_at: at,
  }));
  await sql`insert into vault_entries ${sql(rows)}`;
};

const KeptRow = z.object({
  tenant: Tenant,
  subject: z.string(),
  class: PiiClass,
  newest: z.date().nullable(),
});
type KeptRow = z.infer<typeof KeptRow>;

const columnsOf = (owners: readonly KeyOwner[]) => ({
  tenants: owners.map(({ tenant }) => tenant),
  subjects: owners.map(({ subject }) => subject),
  classes: owners.map((owner) => owner.class),
});

/** Of which owners there are entries, and when the newest of them under one of some keys was put. */
export const keptEntries = async (
  sql: Transaction,
  owners: readonly KeyOwner[],
  keyIds: readonly string[],
): Promise<readonly KeptRow[]> => {
  const { tenants, subjects, classes } = columnsOf(owners);
  const rows = await sql`
    select tenant, subject, class, max(put_at) filter (where key_id = any(${keyIds}::uuid[])) as newest
      from vault_entries
      join unnest(${tenants}::text[], ${subjects}::text[], ${classes}::text[])
           as asked(tenant, subject, class) using (tenant, subject, class)
     group by tenant, subject, class`;
  return KeptRow.array().parse(rows);
};

/** Schedules erasures, or puts them off. */
export const scheduleErasures = async (
  sql: Transaction,
  held: readonly { readonly owner: KeyOwner; readonly until: Instant }[],
): Promise<void> => {
  const { tenants, subjects, classes } = columnsOf(held.map(({ owner }) => owner));
  const untils = held.map(({ until }) => until);
  await sql`
    insert into scheduled_erasures (tenant, subject, class, until)
    select * from unnest(${tenants}::text[], ${subjects}::text[], ${classes}::text[], ${untils}::timestamptz[])
        on conflict (tenant, subject, class) do update set until = excluded.until`;
};

/** Drops erasures that have been carried out from the schedule. */
export const unscheduleErasures = async (
  sql: Transaction,
  owners: readonly KeyOwner[],
): Promise<void> => {
  const { tenants, subjects, classes } = columnsOf(owners);
  await sql`
    delete from scheduled_erasures as scheduled
     using unnest(${tenants}::text[], ${subjects}::text[], ${classes}::text[]) as done(tenant, subject, class)
     where (scheduled.tenant, scheduled.subject, scheduled.class) = (done.tenant, done.subject, done.class)`;
};
