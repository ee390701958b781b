import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { evenGroups, groupCommit } from '#commands/groupCommit.ts';
import type { Unavailable } from '#commands/ports.ts';
import { RECENT_ROWS_MAX, type TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import type { boundedPool } from './boundedPool.ts';
import { readFailure } from './postgresFailure.ts';
import { ROW_COLUMNS, StoredRow } from './storedRow.ts';

type Asked = Parameters<TelemetryStore['recentRows']>[0];
type Answer = Either<Unavailable, readonly TelemetryRow[]>;

const GROUP_ITEMS_MAX = 100;
const WAITING_MAX_MS = 10_000;
const FLIGHTS = { flights_max: 2, shared_items_min: 8 };

const Answered = z.tuple([
  z.object({
    found: z.array(z.object({ asked: z.int(), rows: z.array(StoredRow).nullable() })).nullable(),
  }),
]);

/** The last rows of vehicles, of all that are asked about together in one statement. */
export const recentRows = (
  reader: ReturnType<typeof boundedPool>,
): TelemetryStore['recentRows'] => {
  const read = async (asked: readonly Asked[]): Promise<readonly Answer[]> => {
    const tenants = `{${asked.map(({ tenant }) => tenant).join()}}`;
    const vehicles = `{${asked.map(({ vehicle }) => vehicle).join()}}`;
    const froms = `{${asked.map(({ from_us }) => from_us).join()}}`;
    const rows = await reader.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark,
               (select json_agg(json_build_object('asked', a.n, 'rows', (
                  select json_agg(last) from (
                    select ${sql.unsafe(ROW_COLUMNS)}
                      from telemetry_devices d
                     cross join lateral (
                       select * from telemetry_rows t
                        where t.ident = d.ident and t.vehicle = d.vehicle
                          and t.device_time >= us_time(a.from_us)
                          and t.received_at >= us_time(a.from_us)
                        order by t.device_time desc, t.fingerprint desc limit ${RECENT_ROWS_MAX}) as t
                     where d.vehicle = a.vehicle and d.tenant = a.tenant
                     order by t.device_time desc, t.ident desc, t.fingerprint desc
                     limit ${RECENT_ROWS_MAX}) as last)))
                  from unnest(${tenants}::text[], ${vehicles}::uuid[], ${froms}::bigint[])
                       with ordinality as a (tenant, vehicle, from_us, n)) as found`,
    );
    const found = new Map(Answered.parse(rows)[0].found?.map((each) => [each.asked, each.rows]));
    return asked.map((_, index) => right(found.get(index + 1) ?? []));
  };
  const group = groupCommit<Asked, Answer>({
    limits: { ...evenGroups(GROUP_ITEMS_MAX, WAITING_MAX_MS), ...FLIGHTS },
    commit: read,
    refused: (detail) => left({ code: 'Unavailable', detail }),
    failed: (error) => left(readFailure(error)),
  });
  return (asked) => () => group.submit(asked, 1);
};
