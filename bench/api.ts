import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { z } from 'zod';
import { demoIssuer } from '#api/demoTokens.ts';
import { boundedFigure, comparedFigure, type Figure, interleaved, percentile } from './measure.ts';
import type { Rig } from './rig.ts';
import { steadyRate } from './steadyRate.ts';

const BENCH = 'api';
const ROOT = join(import.meta.dirname, '..');
const TENANT = 'bench';
const RATE = 1_000;
const CONNECTIONS = 32;
const SECONDS = 4;
const START_MAX_MS = 30_000;
const POLL_MS = 50;

const Done = z.object({ id: z.string() });

/** Starts a process and waits for the address it says. */
const listening = async (
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
) => {
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(process.execPath, argv, {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let waited = 0; waited < START_MAX_MS; waited += POLL_MS) {
    const address = /listening on (http:\S+)/.exec(said)?.[1];
    if (address !== undefined) return { child, address };
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`${argv[0]} did not start`);
};

const ended = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
};

const post = async (
  address: string,
  path: string,
  token: string,
  body: unknown,
): Promise<string> => {
  const reply = await fetch(`${address}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return Done.parse(await reply.json()).id;
};

const answered = async (url: string, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  const result = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS, headers });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: not all were answered`);
  return result.requests.average;
};

/** How long answers take at a steady rate, in ms, once the server has warmed up. */
const steadyLatencies = async (url: string, token: string): Promise<readonly number[]> => {
  const headers = { authorization: `Bearer ${token}` };
  const load = { url, headers, connections: CONNECTIONS, a_second: RATE, seconds: SECONDS };
  await steadyRate(load);
  return steadyRate(load);
};

/**
 * Reading a row over HTTP: how fast at a steady rate, and how many at most beside bare Fastify with the same
 * query.
 */
export const apiBench = async ({ ledgerDatabase }: Rig): Promise<readonly Figure[]> => {
  const url = await ledgerDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'ledger-bench-api-'));
  const environment = {
    DATA_DIR: directory,
    DATABASE_URL: url,
    SUBJECT_REQUESTS_PER_S: '1000000',
    ADDRESS_REQUESTS_PER_S: '1000000',
    PORT: '0',
    DEMO: 'off',
    LOG_LEVEL: 'warn',
  };
  const ours = await listening(['main.ts'], environment);
  const bare = await listening(['bench/bareServer.ts', url, TENANT], {});
  try {
    const issuer = await demoIssuer(join(directory, 'keys', 'demo-token.json'));
    const token = await issuer.issue({ role: 'admin', tenant: TENANT, parks: '*' });
    // An auditor sees the row alone: personal data comes from the vault, and reading it is written down.
    const reader = await issuer.issue({ role: 'auditor', tenant: TENANT, parks: '*' });
    const park = { code: 'B-1', name: 'Bench', zone: 'UTC', currency: 'EUR' };
    const parkId = await post(ours.address, 'parks', token, park);
    const vehicle = { vin: 'VF1BENCH000000001', make: 'Renault', model: 'Clio', year: 2024 };
    const owned = {
      park_id: parkId,
      owner_id: '00000000-0000-8000-8000-000000000030',
      odometer_m: 0,
    };
    const id = await post(ours.address, 'transport_registry', token, { ...vehicle, ...owned });
    await sleep(2_000);
    const row = `${ours.address}/api/v1/transport_registry/${id}`;
    const steady_ms = await steadyLatencies(row, reader);
    const run = await interleaved({
      ours: () => answered(row, reader),
      bare: () => answered(`${bare.address}/${id}`, token),
    });
    const about = { bench: BENCH, unit: 'ms' };
    const p95 = { value: percentile(steady_ms, 0.95), bound: 20, sense: 'at most' } as const;
    const saturation = {
      value: run['ours'] ?? 0,
      peer: 'bare Fastify',
      peer_value: run['bare'] ?? 0,
    };
    return [
      boundedFigure({ ...about, case: `row read at ${RATE} requests/s, p95`, ...p95 }),
      comparedFigure({
        bench: BENCH,
        case: 'row read, at most',
        unit: 'requests/s',
        ...saturation,
        atLeast: 0.6,
      }),
    ];
  } finally {
    await Promise.all([ended(ours.child), ended(bare.child)]);
    await rm(directory, { recursive: true, force: true });
  }
};
