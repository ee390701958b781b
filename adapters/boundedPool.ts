import postgres from 'postgres';
import { type PoolOptions, type PostgresPool, postgresPool } from './postgresPool.ts';

/** How much longer than the server's own timeout we wait for it to say so. */
const ANSWER_GRACE_MS = 1_000;

/** How long the other statements on a pool that is given up may still take. */
const FAREWELL_S = 1;

const noAnswer = () => Object.assign(new Error('no answer in time'), { code: 'NO_ANSWER' });

/**
 * A pool whose statements end in time whatever becomes of the server. Two things are wanting in postgres.js:
 * - `statement_timeout` is the server's. It helps neither against a frozen server or a network that swallows answers,
 *   nor against a proxy that hangs up during the handshake (then it connects again for ever). So a clock of our own
 *   fails the statement, with the code NO_ANSWER.
 * - After an error of the socket a connection is used again before it has closed: the next statement on it is never
 *   answered, and `end` waits for the one that failed. So a pool that lost a connection is replaced by a new one.
 */
export const boundedPool = (options: PoolOptions) => {
  let pool = postgresPool(options);
  const giveUp = (used: PostgresPool): void => {
    if (used !== pool) return;
    pool = postgresPool(options);
    void used.end({ timeout: FAREWELL_S });
  };
  return {
    /** Runs one statement, or throws. */
    run: <Rows>(statement: (sql: PostgresPool) => PromiseLike<Rows>): Promise<Rows> =>
      new Promise((resolve, reject) => {
        const used = pool;
        const failed = (error: unknown) => {
          if (!(error instanceof postgres.PostgresError)) giveUp(used);
          reject(error);
        };
        const timeout_ms = options.statement_timeout_ms + ANSWER_GRACE_MS;
        const timer = setTimeout(() => failed(noAnswer()), timeout_ms);
        statement(used)
          .then(resolve, failed)
          .then(() => clearTimeout(timer));
      }),
    /** Waits for statements under way, at most so many seconds. */
    end: (timeout_s: number): Promise<void> => pool.end({ timeout: timeout_s }),
  };
};
