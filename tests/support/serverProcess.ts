import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..');
const START_MAX_MS = 60_000;
const POLL_MS = 50;

/** The product as a process of its own. `kill` is SIGKILL: it gets no chance to tidy up. */
export interface ServerProcess {
  readonly address: string;
  /** Everything that it has said so far. */
  readonly said: () => string;
  readonly kill: () => Promise<void>;
  readonly terminate: () => Promise<void>;
}

/** Servers that a failed test left running end with the process that started them. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await once(child, 'exit');
};

/** The usual ports belong to whoever else runs on this machine. */
const noDevices = { MQTT_PORT: 'off', OSMAND_PORT: 'off', IPS_PORT: 'off' };

/** Starts `main.ts` and waits until it says where it listens. */
export const startServer = async (
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> => {
  const child = spawn(process.execPath, ['main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      DEMO: 'off',
      LOG_LEVEL: 'warn',
      ...noDevices,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  for (let waited = 0; waited < START_MAX_MS; waited += POLL_MS) {
    const address = /listening on (http:\S+)/.exec(said)?.[1];
    if (address !== undefined) {
      return {
        address,
        said: () => said,
        kill: async () => {
          child.kill('SIGKILL');
          await ended(child);
        },
        terminate: async () => {
          child.kill('SIGTERM');
          await ended(child);
        },
      };
    }
    if (child.exitCode !== null) break;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start: ${said.slice(-2_000)}`);
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the root folder to its end. */
export const runProgram = async (
  program: string,
  environment: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<Ended> => {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  await ended(child);
  return { code: child.exitCode, stdout, stderr };
};

/** Runs the command line to its end. */
export const runCli = (
  environment: Readonly<Record<string, string>>,
  ...argv: readonly string[]
): Promise<Ended> => runProgram('cli.ts', environment, ...argv);
