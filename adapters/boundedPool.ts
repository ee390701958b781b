import postgres from 'postgres';
import { isOutage } from './postgresFailure.ts';
import { type PoolOptions, type PostgresPool, postgresPool } from './postgresPool.ts';

/** How much longer than the server's own timeout we wait for it to say so. */
const ANSWER_GRACE_MS = 1_000;

/** How long the other statements on a pool that is given up may still take. */
const FAREWELL_S = 1;

type Rows = readonly Readonly<Record<string, unknown>>[];

const noAnswer = () => Object.assign(new Error('no answer in time'), { code: 'NO_ANSWER' });

/**
 * A pool whose statements end in time, and with their own answer, whatever becomes of server and network.
 * Wanting in postgres.js 3.4.9, and seen in the contract suite:
 * - `statement_timeout` is the server's. It helps neither against a frozen server or a network that
 *   swallows answers, nor against a proxy that hangs up during the handshake (then it connects again for
 *   ever). So a clock of our own fails the statement, with the code NO_ANSWER.
 * - Between an error of its socket and the end of it, a connection is still used. A statement sent in that
 *   moment is never answered, or with no rows once the connection is back; by its source it may even get the
 *   rows of another. So a pool that lost a connection is replaced by a new one, and `ask` wants every answer
 *   to bring back the mark of its question.
 */
export const boundedPool = (options: PoolOptions) => {
  let statements = 0;
  const open = (): PostgresPool => {
    const opened: PostgresPool = postgresPool({ ...options, onclose: () => giveUp(opened) });
    return opened;
  };
  const giveUp = (used: PostgresPool): void => {
    if (used !== pool || ended) return;
    pool = open();
    void used.end({ timeout: FAREWELL_S });
  };
  let ended = false;
  let pool = open();

  const run = <Result>(work: (sql: PostgresPool) => PromiseLike<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const used = pool;
      const failed = (error: unknown) => {
        if (isOutage(error) && !(error instanceof postgres.PostgresError)) giveUp(used);
        reject(error);
      };
      const timeout_ms = options.statement_timeout_ms + ANSWER_GRACE_MS;
      const timer = setTimeout(() => failed(noAnswer()), timeout_ms);
      (async () => work(used))()
        .then(resolve, failed)
        .then(() => clearTimeout(timer));
    });

  return {
    /** Does some work, a statement or a transaction, or throws. */
    run,
    /**
     * Asks for one row, which has to bring back the mark it is given, in a column of that name, or throws.
     */
    ask: <Answer extends Rows>(
      statement: (sql: PostgresPool, mark: string) => PromiseLike<Answer>,
    ): Promise<Answer> => {
      statements += 1;
      const mark = String(statements);
      return run(async (sql) => {
        const rows = await statement(sql, mark);
        if (rows[0]?.['mark'] !== mark) throw noAnswer();
        return rows;
      });
    },
    /** Waits for statements under way, at most so many seconds. */
    end: (timeout_s: number): Promise<void> => {
      ended = true;
      return pool.end({ timeout: timeout_s });
    },
  };
};
