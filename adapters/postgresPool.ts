import postgres from 'postgres';
import { promptSockets } from './promptSocket.ts';

const CONNECT_TIMEOUT_S = 5;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const RECONNECT_DELAY_S = 0.1;

/** How a pool differs from another. `application` is shown in `pg_stat_activity`. */
export interface PoolOptions {
  readonly url: string;
  readonly connections_max: number;
  readonly statement_timeout_ms: number;
  readonly application: string;
  /**
   * Whether arrays can be sent and read as such. To learn how, postgres.js asks every new connection, and a
   * connection that is lost meanwhile is an unhandled rejection, which ends the process. False: arrays are
   * text, `{1,2}`.
   */
  readonly arrays?: boolean;
  /** Called whenever a connection of the pool was closed, for whatever reason. */
  readonly onclose?: () => void;
}

const bigint = {
  to: 20,
  from: [20],
  parse: (text: string) => BigInt(text),
  serialize: (value: bigint) => value.toString(),
};

/**
 * Connections to Postgres on which 64-bit integers are bigints and no statement or transaction waits for
 * ever.
 */
export const postgresPool = (options: PoolOptions) => {
  const settings = {
    max: options.connections_max,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: options.arrays ?? true,
    // A connection that ends of old age would look like one that was lost.
    max_lifetime: null,
    backoff: () => RECONNECT_DELAY_S,
    onnotice: () => {},
    onclose: options.onclose ?? (() => {}),
    types: { bigint },
    connection: {
      application_name: options.application,
      statement_timeout: options.statement_timeout_ms,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      synchronous_commit: 'on',
      client_min_messages: 'warning',
    },
    // Known to the library, but not to its types.
    socket: promptSockets(),
  };
  return postgres(options.url, settings);
};

export type PostgresPool = ReturnType<typeof postgresPool>;
