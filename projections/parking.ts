import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { EventId, Tenant } from '#domain/kernel/ids.ts';
import { StoredRow } from './digest.ts';
import { heldRow, newWork } from './fold.ts';
import { type Follower, rowId, skipId } from './follower.ts';
import { projectedEvent } from './logEntry.ts';
import type { Database, RecordedEvent, RowAddress } from './ports.ts';
import { NO_ROW } from './rowCache.ts';
import { step } from './step.ts';
import { type Change, changeOf } from './write.ts';

const RETRY_DELIVERIES_MAX = 1_000;
const LISTED_KEYS_MAX = 1_000;

const Delivery = z
  .object({
    position: z.bigint(),
    revision: z.bigint(),
    stream: z.string(),
    type: z.string(),
    raw_ms: z.bigint(),
    recorded_ms: z.bigint(),
    body: z.string(),
  })
  .transform(({ raw_ms, recorded_ms, body, ...rest }) => ({
    record: { ...rest, rawTime_ms: Number(raw_ms), text: body } satisfies RecordedEvent,
    recorded_ms: Number(recorded_ms),
  }));

interface ParkedRow {
  readonly tenant: string;
  readonly key: string;
  readonly attempts: number;
}

const waitingDeliveries = async (
  sql: Database,
  { generation: { name, generation } }: Follower,
  { tenant, key }: ParkedRow,
) =>
  Delivery.array().parse(
    await sql`
      select position, revision, stream, type, raw_ms, recorded_ms, body from read_model_parked_deliveries
       where name = ${name} and generation = ${generation} and tenant = ${tenant} and key = ${key}
       order by position limit ${RETRY_DELIVERIES_MAX}`,
  );

const currentRow = async (sql: Database, table: string, { tenant, key }: ParkedRow) => {
  const rows = StoredRow.array().parse(
    await sql`
      select tenant, key, row::text as row from ${sql(table)} where tenant = ${tenant} and key = ${key}`,
  );
  return rows[0] ? heldRow(rows[0]) : NO_ROW;
};

/**
 * Folds what waits for a parked row into it, in order, as far as it goes and at most 1,000 deliveries at a
 * time. The change says what came of it; nothing is written here.
 */
export const retryParked =
  (sql: Database) =>
  async (follower: Follower, parked: ParkedRow): Promise<Change> => {
    const { projection, generation, skips } = follower;
    const { tenant, key } = parked;
    const id = rowId(tenant, key);
    const deliveries = await waitingDeliveries(sql, follower, parked);
    const before = await currentRow(sql, generation.table, parked);
    const touched = { tenant, key, before, row: before.row };
    const ended = { handled: 0, ignored: 0 };
    let through: bigint | null = null;
    let reason: string | null = null;
    for (const { record, recorded_ms } of deliveries) {
      const event = projectedEvent(record, recorded_ms);
      const next = step(projection, { row: touched.row, event, key });
      if (isLeft(next) && !skips.has(skipId(id, event.id))) {
        reason = next.left;
        break;
      }
      if (isLeft(next)) ended.ignored += 1;
      else {
        touched.row = next.right;
        ended.handled += 1;
      }
      through = record.position;
    }
    const work = newWork(follower);
    work.touched.set(id, touched);
    work.halted = follower.halted;
    work.account = {
      handled: work.account.handled + ended.handled,
      ignored: work.account.ignored + ended.ignored,
      parked: work.account.parked - ended.handled - ended.ignored,
      read: work.account.read,
    };
    const released = reason === null && deliveries.length < RETRY_DELIVERIES_MAX;
    const attempts = through === null ? parked.attempts + 1 : 0;
    return changeOf(follower, work, { tenant, key, through, reason, attempts, released });
  };

/** What an operator wants passed over: one event, for one row. */
export interface Skip extends RowAddress {
  readonly event: EventId;
}

/** Nothing waits for that row, or the event is not the one that it is stuck at. */
export interface NotParked {
  readonly code: 'not_parked';
}

/** The data of the PoisonSkipped that the caller is to append. */
export interface PoisonSkip {
  readonly readModel: string;
  readonly event: EventId;
  readonly rowKey: string;
}

const Skipped = z.tuple([z.object({ skipped: z.boolean() })]);

/**
 * Has a row pass over the event that it is stuck at, in whatever generations it is, now and in every later
 * filling, as long as the event fails. The runner goes on with the row at once. Doing it twice is doing it
 * once.
 */
export const skipPoison =
  (sql: Database) =>
  async ({ readModel, tenant, key, event }: Skip): Promise<Either<NotParked, PoisonSkip>> => {
    const [{ skipped }] = Skipped.parse(
      await sql`select skip_poison(${readModel}, ${tenant}, ${key}, ${event}) as skipped`,
    );
    return skipped
      ? right({ readModel, event, rowKey: key })
      : left({ code: 'not_parked' } as const);
  };

const Listed = z.object({
  readModel: z.string(),
  generation: z.int(),
  tenant: Tenant,
  key: z.string(),
  reason: z.string(),
  attempts: z.int(),
  since: z.date(),
  waiting: z.bigint(),
  event: EventId,
  position: z.bigint(),
});

/** A row that waits: the event that it is stuck at, why, since when, and how many deliveries wait in all. */
export type ParkedKeyReport = z.infer<typeof Listed>;

/** The rows of a read model that wait, the longest waiting first, at most 1,000. */
export const parkedKeys =
  (sql: Database) =>
  async (readModel: string): Promise<readonly ParkedKeyReport[]> =>
    Listed.array().parse(
      await sql`
        select k.name as "readModel", k.generation, k.tenant, k.key, k.reason, k.attempts, k.parked_since as since,
               d.waiting, d.event, d.position
          from read_model_parked_keys as k
          join read_models as m using (name, generation)
         cross join lateral (
               select count(*) as waiting, (array_agg(event order by position))[1] as event, min(position) as position
                 from read_model_parked_deliveries as d
                where d.name = k.name and d.generation = k.generation and d.tenant = k.tenant and d.key = k.key) as d
         where k.name = ${readModel} and m.state in ('live', 'building')
         order by k.parked_since, k.tenant, k.key limit ${LISTED_KEYS_MAX}`,
    );
