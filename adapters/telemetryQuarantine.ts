import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { Listener } from '#ingest/ports.ts';
import { type Quarantine, QuarantineCode, type QuarantineEntry } from '#ingest/quarantine.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';
import { us } from './storedRow.ts';

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 2;
const CLOSE_TIMEOUT_S = 5;
const PAGE_MAX = 1_000;

const OrNobody = z.union([z.literal('').transform(() => null), DeviceIdent]);

const EntryRow = z.object({
  id: z.string().transform(BigInt),
  tenant: Tenant,
  ident: OrNobody,
  sender: OrNobody,
  code: QuarantineCode,
  field: z.string().nullable(),
  listener: Listener,
  format: z.string(),
  bytes: z.int(),
  elements: z.int(),
  count: z.int(),
  received_at_us: z.int(),
  first_seen_us: z.int(),
  last_seen_us: z.int(),
});
const Base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const UseRow = z.object({
  ident: OrNobody,
  entries: z.int(),
  bytes: z.int(),
  turned_away: z.int(),
  turned_away_bytes: z.int(),
});

const RawRow = EntryRow.extend({ raw: Base64 });
const Released = z.tuple([z.object({ found: z.boolean() })]);

const ENTRY_COLUMNS = `
  q.id::text as id, q.tenant, q.ident, q.sender, q.code, q.field, q.listener, q.format, q.bytes, q.elements,
  q.count, ${us('q.received_at')} as received_at_us, ${us('q.first_seen')} as first_seen_us,
  ${us('q.last_seen')} as last_seen_us`;

/** Quarantine in Postgres. */
export const telemetryQuarantine = ({
  url,
}: {
  readonly url: string;
}): Quarantine & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-quarantine',
    arrays: false,
  });

  const find = askAll(pool);

  return {
    list:
      ({ tenant, ident, code, after, limit }) =>
      (): Promise<Either<Unavailable, readonly QuarantineEntry[]>> =>
        find(
          EntryRow,
          (sql) => sql`
            select ${sql.unsafe(ENTRY_COLUMNS)} from telemetry_quarantine q
             where q.tenant = ${tenant} and q.id > ${after ?? 0n}
               and (${ident}::text is null or q.ident = ${ident})
               and (${code}::text is null or q.code = ${code})
             order by q.id limit ${Math.max(0, Math.min(limit, PAGE_MAX))}`,
        ),
    inspect:
      ({ tenant, id }) =>
      async () => {
        const found = await find(
          RawRow,
          (sql) => sql`
            select ${sql.unsafe(ENTRY_COLUMNS)}, translate(encode(r.raw, 'base64'), E'\n', '') as raw
              from telemetry_quarantine q
              join telemetry_quarantine_raw r on r.tenant = q.tenant and r.digest = q.digest
             where q.tenant = ${tenant} and q.id = ${id}`,
        );
        return isLeft(found) ? found : right(found.right[0] ?? null);
      },
    use: (tenant) => () =>
      find(
        UseRow,
        (sql) => sql`
          select ident, entries, bytes, turned_away, turned_away_bytes from telemetry_quarantine_use
           where tenant = ${tenant} and (entries > 0 or turned_away > 0) order by ident`,
      ),
    release:
      ({ tenant, id }) =>
      () =>
        attempt(async () => {
          const rows = await pool.ask(
            (sql, mark) => sql`
              select ${mark}::text as mark, leave_quarantine(array(
                       select q.id from telemetry_quarantine q
                        where q.tenant = ${tenant} and q.id = ${id})) > 0 as found`,
          );
          return Released.parse(rows)[0].found;
        }),
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
