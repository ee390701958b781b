import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { UnitSettings } from '#simulators/wialon/unit.ts';
import {
  SIMULATED_TOKEN,
  SIMULATED_USER,
  wialonSimulator,
} from '#simulators/wialon/wialonSimulator.ts';

const UNITS_MAX = 20_000;

const Options = z.object({
  port: z.coerce.number().int().min(0).max(65_535),
  units: z.coerce.number().int().min(0).max(UNITS_MAX),
  file: z.string().min(1).optional(),
  seed: z.string().min(1).max(64),
  session: z.coerce.number().int().min(1).max(86_400),
  service: z.coerce.number().int().min(0).max(60_000),
  sendCmd: z.boolean(),
});

const program = new Command('wialon-simulator')
  .description('Wialon’s remote API with trackers that are not there; on loopback only.')
  .showHelpAfterError()
  .option('--port <port>', 'where to listen; 0: where it is free', '8091')
  .option('--units <count>', 'units 1 to so many, parked and online', '20')
  .option('--file <path>', 'units as a JSON list of settings, instead of these')
  .option('--seed <seed>', 'the same seed, the same delays', 'wialon')
  .option('--session <seconds>', 'how long a session lives that nothing is asked of', '300')
  .option('--service <milliseconds>', 'how long a call takes', '5')
  .option('--no-send-cmd', 'without unit/send_cmd, as older installations are');

/** Runs the simulator until the process is asked to end. */
export const runWialonSimulator = async (argv: readonly string[]): Promise<void> => {
  const given = Options.safeParse(program.parse([...argv]).opts());
  if (!given.success) throw new Error(z.prettifyError(given.error));
  const { port, units, file, seed, session, service, sendCmd } = given.data;
  const listed =
    file === undefined
      ? Array.from({ length: units }, (_, n) => ({ id: n + 1, name: `unit ${n + 1}` }))
      : z
          .array(UnitSettings)
          .max(UNITS_MAX)
          .parse(JSON.parse(await readFile(file, 'utf8')));
  const simulator = await wialonSimulator({
    ...{ port, seed, hasSendCmd: sendCmd },
    ...{ sessionLife_ms: session * 1_000, service_ms: service },
  });
  for (const unit of listed) simulator.add(unit);
  process.stdout.write(`${listed.length} units on ${simulator.url}\n`);
  process.stdout.write(`WIALON_URL=${simulator.url} WIALON_TOKEN=${SIMULATED_TOKEN}\n`);
  process.stdout.write(`commands are those of user ${SIMULATED_USER}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await simulator.stop();
};
