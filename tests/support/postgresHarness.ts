import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedServer, embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { migrate } from '#adapters/migrate.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { AppendRequest } from '#commands/ports.ts';
import type { EventStoreHarness } from '#tests/contracts/eventStoreHarness.ts';
import { textOf } from '#tests/contracts/eventStoreSamples.ts';
import { faultProxy } from './faultProxy.ts';

const DATABASE = 'contract';
const TIMEOUT_MS = 1_000;
const DEATH_POLL_MS = 20;
const DEATH_POLLS_MAX = 500;

/** The server survives its clients and its own death, though not the machine's. */
const FAST = { fsync: 'off', full_page_writes: 'off' };

const portOf = (url: string): number => Number(new URL(url).port);

const behind = (url: string, port: number): string => {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * SIGQUIT is Postgres' immediate shutdown: nothing is put in order, the log is replayed at the next start.
 */
const killServer = async ({ pid }: EmbeddedServer): Promise<void> => {
  process.kill(pid, 'SIGQUIT');
  for (let poll = 0; isAlive(pid); poll += 1) {
    if (poll === DEATH_POLLS_MAX) throw new Error(`Postgres (pid ${pid}) does not die`);
    await sleep(DEATH_POLL_MS);
  }
};

const appendIn = async (url: string, { stream, events }: AppendRequest, hold_ms: number) => {
  const sql = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: 20_000,
    application: 'ledger-slow',
  });
  await sql.begin(async (transaction) => {
    await transaction`
      select append_events(
        ${[stream]}::text[], ${[1]}::int[], ${['-1']}::bigint[], ${[events.length]}::int[],
        ${events.map(() => 1)}::int[], ${events.map(({ id }) => id)}::uuid[],
        ${events.map(({ type }) => type)}::text[], ${events.map(textOf).join('\n')})`;
    await sleep(hold_ms);
  });
  await sql.end();
};

/** A Postgres server of one's own behind a proxy, so that it can be killed and started again. */
export const postgresHarness = async (): Promise<EventStoreHarness> => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-contract-'));
  // Run by root, the server belongs to another user, who has to get at its folder.
  await chmod(directory, 0o711);
  let server = await embeddedPostgres(directory, FAST);
  const admin = postgresPool({
    url: server.urlOf('postgres'),
    connections_max: 1,
    statement_timeout_ms: 60_000,
    application: 'ledger-contract',
  });
  await admin.unsafe(`create database ${DATABASE}`);
  await admin.end();
  await migrate(server.urlOf(DATABASE));
  // Two proxies: what is opened aside must find the server after a restart, and meet no other fault.
  const proxy = await faultProxy(portOf(server.urlOf(DATABASE)));
  const aside = await faultProxy(portOf(server.urlOf(DATABASE)));
  const urlAt = (port: number) => behind(server.urlOf(DATABASE), port);

  return {
    open: () =>
      postgresEventStore({
        url: urlAt(proxy.port),
        append_timeout_ms: TIMEOUT_MS,
        read_timeout_ms: TIMEOUT_MS,
      }),
    openAside: () => postgresEventStore({ url: urlAt(aside.port) }),
    faults: {
      swallowAnswers: proxy.swallowAnswers,
      freeze: proxy.freeze,
      cut: proxy.cut,
      stop: proxy.refuse,
      restart: async () => {
        await killServer(server);
        server = await embeddedPostgres(directory, FAST);
        for (const each of [proxy, aside]) each.moveTo(portOf(server.urlOf(DATABASE)));
      },
      heal: proxy.heal,
    },
    traffic: proxy.bytes,
    appendSlowly: (request, hold_ms) => appendIn(urlAt(aside.port), request, hold_ms),
    close: async () => {
      await Promise.all([proxy.close(), aside.close()]);
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
