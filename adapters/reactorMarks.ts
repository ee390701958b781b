import { z } from 'zod';
import type { ReactorMarks } from '#commands/reactors/reactor.ts';
import { attempt } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';

const Rows = z.array(z.object({ position: z.bigint() })).max(1);

/** The marks of reactors in Postgres. */
export const reactorMarks = (sql: PostgresPool): ReactorMarks => ({
  read: (reactor) => () =>
    attempt(async () => {
      const rows = await sql`select position from reactor_marks where reactor = ${reactor}`;
      return Rows.parse(rows)[0]?.position ?? null;
    }),
  write: (reactor, position) => () =>
    attempt(async () => {
      await sql`
        insert into reactor_marks (reactor, position) values (${reactor}, ${position})
        on conflict (reactor) do update
          set position = greatest(reactor_marks.position, excluded.position), marked_at = now()`;
      return null;
    }),
});
