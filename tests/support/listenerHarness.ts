import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryDeviceAccess, memoryDevices } from '#adapters/memoryDeviceAccess.ts';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { IssuedSecret } from '#ingest/deviceAccess.ts';
import type { ListenerParts } from '#ingest/listeners/deliver.ts';
import type { Sighting } from '#ingest/listeners/sighting.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { actor } from './ledger.ts';
import { memoryIntake } from './memoryIntake.ts';
import { acme, instant } from './samples.ts';

const at = instant('2026-03-02T08:00:00.000Z');
const POLL_MS = 5;

export const loopback = { host: '127.0.0.1', port: 0 };

/** Waits until something is so; fails when it takes too long. */
export const until = async (isSo: () => boolean, wait_max_ms = 10_000): Promise<void> => {
  const end_ms = Date.now() + wait_max_ms;
  while (!isSo()) {
    if (Date.now() > end_ms) throw new Error('it never came to that');
    await sleep(POLL_MS);
  }
};

/** What a listener works with, all of it in memory, and a way to register devices. */
export const listenerHarness = () => {
  const intake = memoryIntake();
  const devices = memoryDevices();
  const registry = memoryDeviceAccess(devices);
  const sightings: Sighting[] = [];
  const parts: ListenerParts = {
    intake: intake.intake,
    access: registry,
    sight: (sighting) => sightings.push(sighting),
  };
  return {
    parts,
    intake,
    devices,
    registry,
    sightings,
    /** How many sightings tell this. */
    seen: (told: Readonly<Record<string, unknown>>): number =>
      sightings.filter((sighting) =>
        Object.entries(told).every(([key, value]) => Reflect.get(sighting, key) === value),
      ).length,
    /** How many connections are open by what was told. */
    connections: (): number =>
      sightings.reduce(
        (sum, sighting) => sum + (sighting.type === 'connections' ? sighting.change : 0),
        0,
      ),
    device: async (
      name: string,
      { tenant = acme, datagrams = false } = {},
    ): Promise<IssuedSecret> => {
      const ident = DeviceIdent.parse(name);
      const change = { tenant, ident, actor: actor.id, at, datagrams };
      return rightOf(await registry.register(change)());
    },
    change: (name: string) => ({
      tenant: acme,
      ident: DeviceIdent.parse(name),
      actor: actor.id,
      at,
    }),
  };
};

/** A device on a bare socket: what it says, and what it has heard so far. */
export const bareClient = async (port: number) => {
  const socket = connect({ port, host: '127.0.0.1' });
  let heard = '';
  let isClosed = false;
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  await once(socket, 'connect');
  return {
    socket,
    say: (bytes: string | Buffer): void => {
      socket.write(bytes);
    },
    heard: (): string => heard,
    isClosed: (): boolean => isClosed,
    /** What was heard, once it ends that way. */
    hears: async (end: string): Promise<string> => {
      await until(() => heard.endsWith(end));
      return heard;
    },
    closed: () => until(() => isClosed),
  };
};
