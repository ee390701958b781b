import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { demoIssuer, secondFactor } from '#api/demoTokens.ts';
import { JOB_STATUSES } from '#domain/immobilization/status.ts';
import { demoTenant } from '#main/fillDemo.ts';
import type { UnitSettings } from '#simulators/wialon/unit.ts';
import { SIMULATED_TOKEN, wialonSimulator } from '#simulators/wialon/wialonSimulator.ts';
import { starter } from './immobilizer.ts';
import { type ServerProcess, startServer } from './serverProcess.ts';
import { portOf, startedFleet } from './startedFleet.ts';

const HOST = '127.0.0.1';
const POLL_MS = 100;
const REPORT_MS = 1_000;
const UNITS_FROM = 5_000;
const REQUEST_MAX_MS = 10_000;

/** A vehicle that has been told of for so long is known to stand. */
export const HOLD_MS = 12_000;

/** As quick as rules may be, and with one notice that may have been given just now. */
const RULES = {
  still_hold_s: 10,
  still_gap_max_s: 30,
  ask_every_s: 10,
  ladder: {
    jurisdiction: 'test',
    notices: [{ step: 'warning', modes_min: 1, before_s: 0 }],
    emergency_start_s: 86_400,
  },
};

const Job = z.object({
  job_id: z.string(),
  status: z.enum(JOB_STATUSES),
  result: z.string().nullable(),
  waiting: z.object({ for: z.array(z.string()) }).nullable(),
  approval: z.object({ approval_hash: z.string() }).nullable(),
  evidence: z.object({ level: z.string() }),
  history: z.array(z.object({ event: z.string() })),
});
export type SeenJob = z.infer<typeof Job>;

const Made = z.object({ id: z.string() });
const Accepted = z.object({ job_id: z.string(), status: z.string() });

/** A vehicle whose device is a unit of the simulator. */
export type BlockedVehicle = Awaited<
  ReturnType<Awaited<ReturnType<typeof blockingFleet>>['vehicle']>
>;

const done: ReadonlySet<string> = new Set(JOB_STATUSES.slice(JOB_STATUSES.indexOf('completed')));

/** Whether a job has ended, with a proof or without. */
export const hasEnded = ({ status }: SeenJob): boolean => done.has(status);

/** How often something is in the history of a job. */
export const countOf = ({ history }: SeenJob, event: string): number =>
  history.filter((step) => step.event === event).length;

/**
 * The product as a process that can be killed, and a Wialon simulator that lives on, with vehicles that the
 * product can block through it. What their devices tell comes by Wialon IPS, as the retranslator brings it.
 */
export const blockingFleet = async () => {
  const simulator = await wialonSimulator();
  const relay = { WIALON_URL: simulator.url, WIALON_TOKEN: SIMULATED_TOKEN };
  const fleet = await startedFleet({ ...relay, IPS_PORT: '0', TELEMETRY_SAMPLING_MS: '0' });
  const keys = join(fleet.environment.DATA_DIR, 'keys', 'demo-token.json');
  const issuer = await demoIssuer(keys);
  const ips = { host: HOST, port: await portOf(fleet.first, 'ips_tcp') };
  // Devices go on speaking to where they spoke before.
  const environment = { ...fleet.environment, IPS_PORT: String(ips.port) };
  let server: ServerProcess = fleet.first;
  let units = UNITS_FROM;

  const as = async (subject: string): Promise<string> => {
    const who = { role: 'admin', tenant: demoTenant, parks: '*', subject } as const;
    return issuer.issue({ ...who, ...secondFactor(Date.now()) });
  };
  const ask = async (method: string, path: string, body: unknown, subject = 'ann') => {
    const reply = await fetch(`${server.address}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await as(subject)}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MAX_MS),
    });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  await ask('PUT', 'access/immobilization/rules', { rules: RULES });

  /** A vehicle that stands, or whatever else its unit is to do, with a starter interrupt in it. */
  const vehicle = async (change: Partial<UnitSettings> = {}) => {
    units += 1;
    const id = units;
    const { vehicle: of, login } = await fleet.fitted(id);
    await ask('POST', `transport_registry/${of}/commission`, {});
    await ask('PUT', `access/${of}/immobilizer`, {
      ...starter,
      unit: String(id),
    });
    const destination = { ...ips, ident: login.ident, password: login.secret };
    const unit = simulator.add({
      ...{ id, name: `unit ${id}`, report_ms: REPORT_MS, jitter_ms: 0, destination },
      ...change,
    });
    const look = async (job: string): Promise<SeenJob> =>
      Job.parse(await ask('GET', `access/${of}/immobilize/${job}`, undefined));
    const asked = async (path: string, body: unknown): Promise<string> =>
      Accepted.parse(await ask('POST', `access/${of}/${path}`, body)).job_id;
    return {
      id,
      of,
      unit,
      look,
      block: (reason = 'safety_lockdown') =>
        asked('immobilize', { method: 'vialon_relay', reason }),
      release: () => asked('release', { reason: 'mistake' }),
      cancel: (job: string) =>
        ask('POST', `access/${of}/immobilize/${job}/cancel`, { reason: 'mistake' }),
      /** Agrees to a block in another person's name. */
      approve: async (job: string) => {
        const { approval } = await look(job);
        const body = { approval_hash: approval?.approval_hash };
        return ask('POST', `access/${of}/immobilize/${job}/approve`, body, 'bob');
      },
      /** Hands the vehicle to somebody, and tells them that it may be blocked for money. */
      warn: async () => {
        const identity = { given_name: 'Ann', family_name: 'Example' };
        const contact = { email: 'ann@example.org' };
        const { id: driver } = Made.parse(
          await ask('POST', 'drivers', { park_id: fleet.park, identity, contact }),
        );
        await ask('POST', 'rentals', { vehicle_id: of, driver_id: driver });
        const notice = { step: 'warning', mode: 'letter', reference: 'N-1' };
        await ask('POST', `access/${of}/notices`, notice);
      },
      /** How often blocking was passed on to the device. */
      blocksCarried: () =>
        unit
          .carried()
          .filter(({ type, executed_ms }) => type === 'block_engine' && executed_ms !== null)
          .length,
      /** How often the relay took an order to block, whatever became of it. */
      blocksTaken: () => unit.carried().filter(({ type }) => type === 'block_engine').length,
    };
  };

  return {
    simulator,
    fleet,
    environment,
    vehicle,
    /** Kills the product in the middle of whatever it does. */
    kill: () => server.kill(),
    restart: async (): Promise<void> => {
      server = await startServer(environment);
    },
    /** Another process on the same database, which devices do not speak to. */
    second: () => startServer({ ...environment, IPS_PORT: 'off' }),
    /** A number that a process tells of itself. */
    figure: async (name: string, of: { readonly address: string } = server): Promise<number> => {
      const text = await (await fetch(`${of.address}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    },
    close: async (): Promise<void> => {
      await server.terminate();
      await simulator.stop();
      await fleet.close();
    },
  };
};

/** Waits until something is so; throws with what was looked at last. */
export const waitUntil = async <Seen>(
  look: () => Promise<Seen>,
  isSo: (seen: Seen) => boolean,
  within_ms: number,
): Promise<Seen> => {
  const end_ms = Date.now() + within_ms;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end_ms) throw new Error(`it did not come to that: ${JSON.stringify(seen)}`);
    await sleep(POLL_MS);
  }
};
