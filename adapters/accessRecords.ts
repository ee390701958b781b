import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { ActorId, Tenant } from '#domain/kernel/ids.ts';
import { Instant, instantOf } from '#domain/kernel/instant.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 2;
const CLOSE_TIMEOUT_S = 5;

const PAGE_MAX = 1_000;

/**
 * That somebody read personal data: who (`actor`, a stand-in, in its `role`), of whom (`subject`, the id of
 * a driver or vehicle), which classes, what for (`purpose`, a word of a vocabulary) and in which request.
 * No personal data.
 */
export const AccessRecord = z.strictObject({
  tenant: Tenant,
  actor: ActorId,
  role: z.string().regex(/^[a-z_]{1,32}$/),
  subject: z.uuid(),
  classes: z.array(PiiClass).max(PiiClass.options.length),
  purpose: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
  requestId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  at: Instant,
});
export type AccessRecord = z.infer<typeof AccessRecord>;

/** A record as it is kept; numbers rise with time and have gaps. */
export type NumberedAccessRecord = AccessRecord & { readonly number: bigint };

/** The book of who read personal data. Nothing in it is ever changed. */
export interface AccessRecords {
  /** Enters a record; to be done before the data is handed out, so that no reading goes unrecorded. */
  readonly record: (entry: AccessRecord) => TaskEither<Unavailable, null>;
  /**
   * At most 1,000 records of a tenant, newest first; `subject` null: of everybody; `before` null: from the
   * newest on.
   */
  readonly list: (request: {
    readonly tenant: Tenant;
    readonly subject: string | null;
    readonly before: bigint | null;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly NumberedAccessRecord[]>;
  readonly close: () => Promise<void>;
}

const Row = z.object({
  number: z.bigint(),
  tenant: z.string(),
  actor: z.string(),
  role: z.string(),
  subject: z.string(),
  classes: z.array(z.string()),
  purpose: z.string(),
  request_id: z.string(),
  read_at: z.date(),
});

const recordOf = ({ number, request_id, read_at, ...row }: z.infer<typeof Row>) => ({
  ...AccessRecord.parse({ ...row, requestId: request_id, at: instantOf(read_at.getTime()) }),
  number,
});

/** The records of access in Postgres. */
export const accessRecords = ({ url }: { readonly url: string }): AccessRecords => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-access-records',
  });
  return {
    record: (entry) => () =>
      attempt(async () => {
        const { tenant, actor, role, subject, classes, purpose, requestId, at } =
          AccessRecord.parse(entry);
        await pool.run(
          (sql) => sql`
            insert into access_records (tenant, actor, role, subject, classes, purpose, request_id, read_at)
            values (${tenant}, ${actor}, ${role}, ${subject}, ${classes}::text[], ${purpose}, ${requestId}, ${at})`,
        );
        return null;
      }),
    list:
      ({ tenant, subject, before, limit }) =>
      () =>
        attempt(async () => {
          const rows = await pool.run(
            (sql) => sql`
              select number, tenant, actor, role, subject, classes, purpose, request_id, read_at
                from access_records
               where tenant = ${tenant}
                 and (${subject}::uuid is null or subject = ${subject}::uuid)
                 and (${before}::bigint is null or number < ${before}::bigint)
               order by number desc limit ${Math.min(limit, PAGE_MAX)}`,
          );
          return Row.array().parse(rows).map(recordOf);
        }),
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
