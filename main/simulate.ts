import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { demoIssuer } from '#api/demoTokens.ts';
import { deriveUuid } from '#commands/identity.ts';
import { isZone } from '#commands/localDate.ts';
import { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { Instant, Zone } from '#domain/kernel/instant.ts';
import { readDriveFile } from '#ingest/drives/driveFile.ts';
import { driveReadings, replayReadings } from '#ingest/simulator/driveReplay.ts';
import { WireShape } from '#ingest/simulator/encode.ts';
import { type FleetApi, fleetApi } from '#ingest/simulator/fleetApi.ts';
import { httpUplink } from '#ingest/simulator/httpUplink.ts';
import { ipsUplink } from '#ingest/simulator/ipsUplink.ts';
import { Rates } from '#ingest/simulator/mischief.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import {
  type FleetFigures,
  type FleetMember,
  noFigures,
  runFleet,
} from '#ingest/simulator/runFleet.ts';
import type { DeviceLogin, Hearing, Uplink } from '#ingest/simulator/uplink.ts';
import { readConfig } from './config.ts';
import { demoKeyFile } from './demoKeyFile.ts';
import { demoTenant } from './fillDemo.ts';
import { progressBar } from './progressBar.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const VEHICLES_MAX = 10_000;
const REGISTERED_AT_ONCE = 8;
const FIGURES_EVERY_MS = 5_000;
const PAGE_MAX = 200;
const WAITING_MAX = 64;
const CITY = { origin: { lat: 33.95, lon: -6.87 }, blocks: 16 };
/** Since when the simulator's vehicles are there: the same in every run, so that each finds them. */
const FOUNDED = Instant.parse('2021-01-01T00:00:00.000Z');

/** A length of time such as `5s`, `2m`, `1h`, in seconds; without a unit it is seconds. */
const Seconds = z
  .string()
  .regex(/^\d{1,6}(?:\.\d{1,3})?[smh]?$/)
  .transform((text) => {
    const unit = { s: 1, m: 60, h: 3_600 }[text.at(-1) ?? ''] ?? 1;
    return Number.parseFloat(text) * unit;
  });

/** What either way of simulating has to know: where the product is, and by which way devices speak. */
const Common = z.object({
  url: z.url().default('http://127.0.0.1:8080'),
  mqtt: z.url().optional(),
  ips: z
    .string()
    .regex(/^[^:]+:\d{1,5}$/)
    .optional(),
  token: z.string().min(1).optional(),
  tenant: Tenant.default(demoTenant),
  format: WireShape.default('flespi'),
});
type Common = z.infer<typeof Common>;

const FleetOptions = Common.extend({
  vehicles: z.coerce.number().int().min(1).max(VEHICLES_MAX).default(20),
  interval: Seconds.pipe(z.int().min(1).max(3_600)).default(5),
  seed: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,24}$/)
    .default('1'),
  speedUp: z.coerce.number().min(1).max(1_000).default(1),
  duration: Seconds.optional(),
  existing: z.boolean().default(false),
  ...Rates.shape,
});

const DriveOptions = Common.extend({
  vehicle: VehicleId.optional(),
  ident: DeviceIdent.default(DeviceIdent.parse('sim-drive')),
  speedUp: z.coerce.number().min(0).max(100_000).default(1),
  from: z.coerce.number().int().min(0).default(0),
  tz: Zone.refine(isZone).default(Zone.parse('Africa/Casablanca')),
});

/** The options of a command; whoever gets one wrong is told which. */
const optionsOf = <Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map(({ path }) => `--${path.join('.')}`);
  throw new Error(`these options cannot be: ${[...new Set(names)].join(', ')}`);
};

/** A token of the demo's own issuer, where none is given: that of whoever may read its key. */
const apiOf = async ({ url, token, tenant }: Common): Promise<FleetApi> => {
  if (token !== undefined) return fleetApi(url, token, tenant);
  const issuer = await demoIssuer(demoKeyFile(readConfig(process.env)));
  const issued = await issuer.issue({ role: 'admin', tenant, parks: '*', subject: 'simulator' });
  return fleetApi(url, issued, tenant);
};

const connect = (
  { url, mqtt, ips, format }: Common,
  login: DeviceLogin,
  hearing: Hearing | null = null,
): Promise<Uplink> => {
  const { hostname } = new URL(url);
  if (format === 'flespi') return mqttUplink(mqtt ?? `mqtt://${hostname}:1883`, login, hearing);
  if (format === 'traccar') return Promise.resolve(httpUplink(url, login));
  const [host = hostname, port = '20332'] = ips?.split(':') ?? [];
  return ipsUplink({ host, port: Number(port) }, login);
};

const vinOf = (seed: string): string =>
  `VF9${deriveUuid('simulated', seed).replaceAll('-', '').slice(0, 14).toUpperCase()}`;

/** A vehicle of the simulator's own, registered once: another run finds it there. */
const ownVehicle = async (api: FleetApi, seed: string): Promise<VehicleId> => {
  const park = await api.openPark('sim-park', 'SIM-1', FOUNDED);
  return api.registerVehicle(`sim-${seed}`, { park, vin: vinOf(seed), at: FOUNDED });
};

/** Runs the work for every number, a few at once. */
const forEach = async <Result>(
  count: number,
  work: (number: number) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let first = 0; first < count; first += REGISTERED_AT_ONCE) {
    const more = Math.min(REGISTERED_AT_ONCE, count - first);
    results.push(
      ...(await Promise.all(Array.from({ length: more }, (_, index) => work(first + index)))),
    );
  }
  return results;
};

type FleetOptions = z.infer<typeof FleetOptions>;

/** Who is to be driven: vehicles of the simulator's own, or those that there are, with a device in each. */
const membersOf = async (api: FleetApi, options: FleetOptions): Promise<readonly FleetMember[]> => {
  const { vehicles, existing, seed } = options;
  const known = existing ? await api.vehicles(Math.min(vehicles, PAGE_MAX)) : null;
  const bar = progressBar('devices');
  let done = 0;
  const members = await forEach(known?.length ?? vehicles, async (number) => {
    const given = known?.[number];
    const vehicle = given ?? (await ownVehicle(api, `${seed}-${number}`));
    const name = given ? `sim-${given}` : `sim-${seed}-${number}`;
    const login = await api.registerDevice(DeviceIdent.parse(name));
    await api.fit(vehicle, login.ident, given ? null : FOUNDED);
    done += 1;
    bar.count(done, known?.length ?? vehicles);
    return { login, city: CITY, connect: (hearing: Hearing) => connect(options, login, hearing) };
  });
  bar.stop();
  return members;
};

const figuresLine = (figures: FleetFigures): string => {
  return Object.entries(figures)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
};

/** Fires when the time is over, or when the process is asked to end. */
const stopSignal = (duration_s: number | undefined): AbortSignal => {
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  process.once('SIGTERM', () => stopping.abort());
  if (duration_s !== undefined) setTimeout(() => stopping.abort(), duration_s * 1_000).unref();
  return stopping.signal;
};

/** Vehicles that live faster than we do have to begin in the past, to end in the present. */
const beginOf = ({ speedUp, duration, existing }: FleetOptions): number => {
  const now_s = Math.floor(Date.now() / 1_000);
  if (speedUp === 1) return now_s;
  if (duration === undefined) throw new Error('--speed-up needs a --duration');
  if (existing) throw new Error('--speed-up tells of a past in which no device was fitted');
  return now_s - Math.ceil(duration * speedUp);
};

const simulateFleet = async (given: unknown): Promise<void> => {
  const options = optionsOf(FleetOptions, given);
  const { format, seed, interval, speedUp, duration } = options;
  const api = await apiOf(options);
  const members = await membersOf(api, options);
  say(`${members.length} devices speak ${format} to ${options.url}`);
  const figures = noFigures();
  const told = setInterval(() => say(figuresLine(figures)), FIGURES_EVERY_MS);
  await runFleet(members, {
    ...{ shape: format, seed, interval_s: interval, speed_up: speedUp },
    rates: Rates.parse(ratesIn(options)),
    begin_s: beginOf(options),
    figures,
    signal: stopSignal(duration),
  });
  clearInterval(told);
  say(figuresLine(figures));
};

const ratesIn = ({ gaps, bursts, duplicates, late, broken }: FleetOptions): Rates => ({
  ...{ gaps, bursts, duplicates, late, broken },
});

const simulateDrives = async (files: readonly string[], given: unknown): Promise<void> => {
  const options = optionsOf(DriveOptions, given);
  const { ident, format: shape, speedUp, from } = options;
  const api = await apiOf(options);
  const vehicle = options.vehicle ?? (await ownVehicle(api, ident));
  const login = await api.registerDevice(ident);
  await api.fit(vehicle, ident, FOUNDED);
  for (const file of files.toSorted()) {
    const drive = readDriveFile(await readFile(file), options.tz);
    if (isLeft(drive)) throw new Error(`${file}: ${drive.left.code}`);
    const readings = driveReadings(ident, drive.right.rows).slice(from);
    const uplink = await connect(options, login);
    const bar = progressBar('readings');
    const tally = await replayReadings(readings, {
      ...{ shape, uplink, speed_up: speedUp === 0 ? null : speedUp },
      ...{ readings_per_message: 1, waiting_max: WAITING_MAX },
      progress: (answered) => bar.count(answered, readings.length),
    });
    bar.stop();
    await uplink.close();
    const { acknowledged, refused, postponed, lost } = tally;
    say(`${file}: acknowledged ${acknowledged}, refused ${refused + postponed}, lost ${lost}`);
    if (lost + postponed > 0) throw new Error('the drive is not whole: replay it again');
  }
};

const common = (command: Command): Command =>
  command
    .option('--url <address>', 'the product’s API', 'http://127.0.0.1:8080')
    .option('--mqtt <address>', 'the broker, if it is not at the usual port there')
    .option('--ips <host:port>', 'Wialon IPS, if it is not at the usual port there')
    .option(
      '--token <token>',
      'a token that may register vehicles; else the demo’s own key is used',
    )
    .option('--tenant <tenant>', 'whose fleet', demoTenant)
    .option('--format <format>', WireShape.options.join(', '), 'flespi');

const program = new Command('simulate')
  .description('Devices that are not there: a fleet on made-up roads, or recorded drives again.')
  .showHelpAfterError();
common(program.command('fleet', { isDefault: true }))
  .description('drive a fleet along plausible routes, with all that goes wrong on the way')
  .option('--vehicles <count>', 'how many', '20')
  .option('--existing', 'the vehicles that there are, at most 200, instead of new ones')
  .option('--interval <time>', 'between two readings of a vehicle on its way', '5s')
  .option('--seed <seed>', 'the same seed, the same drives and the same mishaps', '1')
  .option('--speed-up <times>', 'how fast time goes for the vehicles; needs a duration', '1')
  .option('--duration <time>', 'until when; for ever where nothing is said')
  .option('--gaps <share>', 'of readings, with each of which a silence begins', '0.002')
  .option('--bursts <share>', 'with each of which begins what is told later at once', '0.004')
  .option('--duplicates <share>', 'told twice', '0.01')
  .option('--late <share>', 'told after those that follow', '0.01')
  .option('--broken <share>', 'damaged on the way', '0.002')
  .action(simulateFleet);
common(program.command('drives <files...>'))
  .description('replay recorded drives: one device, its readings at the times in the files')
  .option('--vehicle <id>', 'in this vehicle instead of one of the simulator’s own')
  .option('--ident <ident>', 'what the device calls itself', 'sim-drive')
  .option('--speed-up <times>', 'times as fast; 0: as fast as is acknowledged', '1')
  .option('--from <rows>', 'leave out so many rows of each file', '0')
  .option('--tz <zone>', 'the zone of the times in the files', 'Africa/Casablanca')
  .action(simulateDrives);

/** Runs the simulator that the process was called for. */
export const runSimulator = (argv: readonly string[]): Promise<unknown> =>
  program.parseAsync([...argv]);
