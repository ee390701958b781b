import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { demoIssuer } from '#api/demoTokens.ts';
import type { Closing } from '#commands/finance/closePeriod.ts';
import { RunId, Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import { Instant, instantOf } from '#domain/kernel/instant.ts';
import { requests } from '#ingest/demo/cast.ts';
import { fleetPlan } from '#ingest/demo/fleetPlan.ts';
import { seedMoney } from '#ingest/demo/money.ts';
import { rentedAtEnd } from '#ingest/demo/rentedVehicles.ts';
import { type Demo, seedDemo } from '#ingest/demo/seedDemo.ts';
import type { Config } from './config.ts';
import { demoKeyFile } from './demoKeyFile.ts';
import type { LiveVehicle } from './liveDemo.ts';
import type { OpenLedger } from './openLedger.ts';
import { progressBar } from './progressBar.ts';
import { settledOn } from './settled.ts';

const DAY_MS = 86_400_000;

/** The tenant of the demo, and of the command line where none is named. */
export const demoTenant = Tenant.parse('demo');

/** Of which seed and end the demo in a data directory is, so that the next start goes on with the same. */
const Plan = z.strictObject({
  seed: z.string(),
  until: Instant,
  complete: z.boolean(),
  /** The payouts of its months, once they are posted. */
  runs: z.array(RunId).default([]),
});
type Plan = z.infer<typeof Plan>;

const planFile = ({ dataDirectory }: Config): string => join(dataDirectory, 'demo.json');

const planOf = async (open: OpenLedger, demo: NonNullable<Config['demo']>): Promise<Plan> => {
  const file = planFile(open.config);
  if (existsSync(file)) return Plan.parse(JSON.parse(await readFile(file, 'utf8')));
  const midnight = instantOf(Math.floor(Date.parse(open.now()) / DAY_MS) * DAY_MS);
  const until = demo.until === null ? midnight : Instant.parse(`${demo.until}T00:00:00.000Z`);
  return { seed: demo.seed, until, complete: false, runs: [] };
};

const greeting = ({
  address,
  token,
  vehicle,
  driver,
  run,
}: Readonly<Record<'address' | 'token' | 'vehicle' | 'driver' | 'run', string>>): string => `
  The demo is filled in: three parks, 60 vehicles, 50 drivers, 90 days.

  API           ${address}/api/v1
  reader's page ${address}/docs
  health        ${address}/healthz    metrics ${address}/metrics

  TOKEN=${token}

  Four things to try, in another terminal:

  curl -H "Authorization: Bearer $TOKEN" "${address}/api/v1/transport_registry?status=rented&limit=3"
  npm run ledger -- import drives ../shared/data/twizy/*.csv --vehicle ${vehicle} --driver ${driver} --tz Africa/Casablanca
  npm run ledger -- replay ${vehicle}
  npm run ledger -- payout explain ${run}
`;

/** What is there once the demo is filled in: the vehicles that somebody has, and when its history ends. */
export interface FilledDemo {
  readonly seed: string;
  readonly until: Instant;
  readonly rented: readonly LiveVehicle[];
  /** The vehicles that nobody has. */
  readonly idle: readonly VehicleId[];
}

const filledOf = ({ seed, until }: Plan, { vehicles, parks }: Demo): FilledDemo => {
  const rented = rentedAtEnd(fleetPlan(seed, until)).flatMap((number) => {
    const vehicle = vehicles[number];
    return vehicle ? [{ vehicle, park: number % parks.length }] : [];
  });
  const taken = new Set(rented.map(({ vehicle }) => vehicle));
  return { seed, until, rented, idle: vehicles.filter((vehicle) => !taken.has(vehicle)) };
};

/** Two months of money: charged, spent, closed and paid out. Answers the runs. */
const fillMoney = (
  open: OpenLedger,
  closing: Closing,
  { seed, until }: Plan,
  demo: Demo,
  say: (line: string) => void,
): Promise<readonly RunId[]> => {
  say('closing two months of the demo, and paying investors');
  const parts = { workspace: open.ledger, openings: open.openings, tenant: demoTenant };
  const ask = requests({ tenant: demoTenant, seed }, 'money');
  return seedMoney({ ...parts, closing, settled: settledOn(open) }, ask, demo, until);
};

/**
 * Fills in the demo, or goes on with it, and says what there is to try. The commands are the same each time,
 * so an interrupted demo is completed and a complete one is not filled in again.
 */
export const fillDemo = async (
  open: OpenLedger,
  demo: NonNullable<Config['demo']>,
  {
    address,
    say,
    closing,
  }: {
    readonly address: string;
    readonly say: (line: string) => void;
    readonly closing: Closing;
  },
): Promise<FilledDemo> => {
  const plan = await planOf(open, demo);
  const file = planFile(open.config);
  const { seed, until } = plan;
  if (!plan.complete) {
    await writeFile(file, JSON.stringify(plan));
    say('filling in the demo; the API is open meanwhile');
  }
  const bar = progressBar('demo');
  const steps = plan.complete ? 0 : null;
  const filled = await seedDemo(open.ledger, {
    tenant: demoTenant,
    seed,
    until,
    steps,
    progress: bar.count,
  });
  bar.stop();
  const runs = plan.complete ? plan.runs : await fillMoney(open, closing, plan, filled, say);
  if (!plan.complete) await writeFile(file, JSON.stringify({ ...plan, complete: true, runs }));
  if (open.config.oidc) return filledOf(plan, filled);
  const issuer = await demoIssuer(demoKeyFile(open.config));
  const token = await issuer.issue({ role: 'operator', tenant: demoTenant, parks: '*' });
  const [vehicle = '', driver = ''] = [filled.vehicles[0], filled.drivers[0]];
  say(greeting({ address, token, vehicle, driver, run: runs.at(-1) ?? '' }));
  return filledOf(plan, filled);
};
