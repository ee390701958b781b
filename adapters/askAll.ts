import type { Either } from 'fp-ts/lib/Either.js';
import type { PendingQuery, Row } from 'postgres';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import type { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';

const Answer = z.tuple([z.object({ found: z.array(z.unknown()).nullable() })]);

/**
 * All that a statement answers, as one JSON value in one row, so that dates and numbers come as they are, and
 * beside the mark that `ask` wants back. The statement may write, too.
 */
export const askAll =
  ({ ask }: Pick<ReturnType<typeof boundedPool>, 'ask'>) =>
  <Item extends z.ZodType>(
    item: Item,
    select: (sql: PostgresPool) => PendingQuery<Row[]>,
  ): Promise<Either<Unavailable, readonly z.infer<Item>[]>> =>
    attempt(async () => {
      const rows = await ask(
        (sql, mark) => sql`
          with each as (${select(sql)})
          select ${mark}::text as mark, (select json_agg(each) from each) as found`,
      );
      return z.array(item).parse(Answer.parse(rows)[0].found ?? []);
    });
