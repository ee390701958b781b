import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { inChunks } from './inChunks.ts';

const PROGRAM = join(import.meta.dirname, '..', 'wialonSimulator.ts');
const START_MAX_MS = 30_000;
const LOOK_MS = 50;
const CALLS_AT_ONCE = 50;

/** A unit's settings as far as the benchmark cares; the simulator has defaults for the rest. */
interface Unit {
  readonly id: number;
  readonly name: string;
  readonly connection: 'online' | 'offline';
  readonly speed_kmh: number;
  readonly ignition: boolean;
  readonly acts_ms: number;
  readonly jitter_ms: number;
}

const Carried = z.object({
  id: z.int(),
  carried: z.array(z.object({ type: z.string(), executed_ms: z.number().nullable() })),
});
/** How many orders to block each unit was ever given, by its number. */
type Orders = ReadonlyMap<number, number>;

const Limits = z.record(z.string(), z.int());

/** The Wialon simulator as a process of its own, without units at first. */
export const simulatorProcess = async () => {
  const argv = [PROGRAM, '--port', '0', '--units', '0'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  const place = async () => {
    for (let waited_ms = 0; waited_ms < START_MAX_MS; waited_ms += LOOK_MS) {
      const [, url, token] = /WIALON_URL=(\S+) WIALON_TOKEN=(\S+)/.exec(said) ?? [];
      if (url !== undefined && token !== undefined) return { url, token };
      await sleep(LOOK_MS);
    }
    await end();
    throw new Error('the simulator did not start');
  };
  const { url, token } = await place();
  const asked = async (path: string): Promise<unknown> =>
    (await fetch(`${url}/simulator/${path}`)).json();
  return {
    url,
    token,
    add: (units: readonly Unit[]): Promise<void> =>
      inChunks(units, CALLS_AT_ONCE, async (unit) => {
        const added = await fetch(`${url}/simulator/units`, {
          method: 'POST',
          body: JSON.stringify(unit),
        });
        if (added.status !== 201) throw new Error(`unit ${unit.id}: ${added.status}`);
      }),
    blockOrders: async (): Promise<Orders> =>
      new Map(
        z
          .array(Carried)
          .parse(await asked('units'))
          .map(({ id, carried }) => [
            id,
            carried.filter(({ type }) => type === 'block_engine').length,
          ]),
      ),
    /** How often somebody went beyond a limit of Wialon's, of any kind. */
    violations: async (): Promise<number> =>
      Object.values(Limits.parse(await asked('limits'))).reduce((sum, count) => sum + count, 0),
    end,
  };
};
