import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PATHS = ['mosquitto', '/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'];
const POLL_MS = 20;
const START_POLLS_MAX = 250;

/** Where Mosquitto is; null where it is not installed. */
export const mosquittoPath: string | null =
  PATHS.find((path) => spawnSync(path, ['-h']).error === undefined) ?? null;

if (mosquittoPath === null) {
  process.stderr.write(
    'MOSQUITTO IS NOT INSTALLED: nothing is tested against a foreign MQTT broker (apt-get install mosquitto)\n',
  );
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('there is no port');
  return address.port;
};

const answers = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isThere;
};

/** A broker of somebody else's, with sessions that survive it. `lines` go into its configuration. */
export const mosquitto = async (lines: readonly string[] = []) => {
  if (mosquittoPath === null) throw new Error('mosquitto is not installed');
  const path = mosquittoPath;
  const directory = await mkdtemp(join(tmpdir(), 'ledger-mosquitto-'));
  const port = await freePort();
  const configuration = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${directory}/`,
    'max_queued_messages 0',
    'log_type none',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...lines,
  ];
  await writeFile(join(directory, 'mosquitto.conf'), `${configuration.join('\n')}\n`);
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const started = spawn(path, ['-c', join(directory, 'mosquitto.conf')], { stdio: 'ignore' });
    running.add(started);
    started.once('exit', () => running.delete(started));
    child = started;
    for (let poll = 0; poll < START_POLLS_MAX; poll += 1) {
      if (await answers(port)) return;
      await sleep(POLL_MS);
    }
    throw new Error('mosquitto does not start');
  };
  /** Ends it in order, so that it writes down its sessions. */
  const end = async (): Promise<void> => {
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    child = null;
  };
  await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    end,
    start,
    close: async (): Promise<void> => {
      await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
