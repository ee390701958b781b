import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import {
  FAULTS_LISTED_MAX,
  ImportFile,
  type ImportFiles,
  ImportStatus,
  RowFault,
} from '#ingest/imports/ports.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';

const STATEMENT_TIMEOUT_MS = 20_000;
const CONNECTIONS_MAX = 3;
const CLOSE_TIMEOUT_S = 5;

const Id = z.object({ id: z.uuid() });
const Text = z.object({ file: z.string().nullable() });
const Row = ImportStatus.extend({ faults: z.array(z.array(RowFault)).nullable() });

/** Files that are taken in, in Postgres. */
export const importFiles = ({
  url,
}: {
  readonly url: string;
}): ImportFiles & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-imports',
  });
  const find = askAll(pool);
  return {
    keep: (tenant, file) => async () => {
      const { id, kind, dryRun, takenAt, rows } = file;
      const added = await find(
        Id,
        (sql) => sql`
          insert into import_files (tenant, id, kind, dry_run, taken_at, rows, file)
          values (${tenant}, ${id}, ${kind}, ${dryRun}, ${takenAt}::text::timestamptz, ${rows.length},
                  ${JSON.stringify(file)})
          on conflict do nothing returning id`,
      );
      return isLeft(added) ? added : right(added.right.length > 0);
    },
    read: (tenant, id) => async () => {
      const found = await find(
        Text,
        (sql) => sql`select file from import_files where tenant = ${tenant} and id = ${id}`,
      );
      if (isLeft(found)) return found;
      const [row] = found.right;
      return right(row?.file ? ImportFile.parse(JSON.parse(row.file)) : null);
    },
    record:
      (tenant, id, { from, rows, taken, known, wrong, faults }) =>
      async () => {
        const done = await find(
          Id,
          (sql) => sql`
            insert into import_parts (tenant, id, from_row, rows, taken, known, wrong, faults)
            values (${tenant}, ${id}, ${from}, ${rows}, ${taken}, ${known}, ${wrong},
                    ${JSON.stringify(faults)}::text::jsonb)
            on conflict (tenant, id, from_row) do update
              set rows = excluded.rows, taken = excluded.taken, known = excluded.known,
                  wrong = excluded.wrong, faults = excluded.faults
            returning id`,
        );
        return isLeft(done) ? done : right(null);
      },
    statuses: (tenant, of) => async () => {
      const found = await find(
        Row,
        (sql) => sql`
          select file.id, file.kind, file.dry_run as "dryRun", file.rows,
                 to_char(file.taken_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt",
                 coalesce(sum(part.rows), 0)::int as done, coalesce(sum(part.taken), 0)::int as taken,
                 coalesce(sum(part.known), 0)::int as known, coalesce(sum(part.wrong), 0)::int as wrong,
                 json_agg(part.faults order by part.from_row) filter (where part.wrong > 0) as faults
            from import_files as file left join import_parts as part using (tenant, id)
           where file.tenant = ${tenant}
             and ${'id' in of ? sql`file.id = ${of.id}` : sql`true`}
           group by file.tenant, file.id
           order by file.taken_at desc, file.id limit ${'id' in of ? 1 : of.limit}`,
      );
      if (isLeft(found)) return found;
      return right(
        found.right.map(({ faults, ...status }) => ({
          ...status,
          faults: (faults ?? []).flat().slice(0, FAULTS_LISTED_MAX),
        })),
      );
    },
    sweep: (before) => async () => {
      const gone = await find(
        Id,
        (sql) =>
          sql`
            update import_files set file = null
             where taken_at < ${before}::text::timestamptz and file is not null returning id`,
      );
      return isLeft(gone) ? gone : right(null);
    },
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
