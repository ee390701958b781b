import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isLeft } from 'fp-ts/lib/Either.js';
import { type DeviceIdent, isDeviceIdent } from '#domain/kernel/ids.ts';
import { readAs } from '#ingest/formats/format.ts';
import { wialonIps } from '#ingest/formats/wialonIps/datagram.ts';
import { deliver, type ListenerParts, now_us } from './deliver.ts';
import type { OpenListener } from './openListener.ts';
import type { Outcome } from './sighting.ts';

const listener = 'ips_udp';
/** How many datagrams may wait to be kept; beyond that they are dropped, as the network might have done. */
const WAITING_MAX = 2_000;
const FINISH_MAX_MS = 5_000;
const PREFIX = /^(?:2\.[01];)?([^#;\s]{1,64})#/;
const HEAD_MAX_BYTES = 80;

const read = readAs(wialonIps);

/** Who a datagram says it is from: before its first frame or, if it is compressed, in its first reading. */
const senderOf = (raw: Buffer): DeviceIdent | null => {
  const told = PREFIX.exec(raw.toString('latin1', 0, HEAD_MAX_BYTES))?.[1];
  if (told !== undefined) return isDeviceIdent(told) ? told : null;
  const harvest = read(raw, { received_at_us: 0, ident: null });
  return isLeft(harvest) ? null : (harvest.right.readings[0]?.ident ?? null);
};

/** Hands a datagram over, or says why not. */
const keep =
  (parts: ListenerParts) =>
  async (raw: Buffer): Promise<Outcome | null> => {
    const ident = senderOf(raw);
    if (ident === null) return 'malformed';
    const owner = await parts.access.ownerOf(ident)();
    if (isLeft(owner)) return 'dropped';
    if (owner.right === null || !owner.right.datagrams) return 'foreign';
    const { tenant } = owner.right;
    const received_at_us = now_us();
    const harvest = read(raw, { received_at_us, ident });
    const found = isLeft(harvest)
      ? { readings: [], rejects: [{ index: 0, ...harvest.left }] }
      : harvest.right;
    const from = { tenant, ident, listener, format: wialonIps.name } as const;
    await deliver(parts)({ ...from, received_at_us, ...found, raw });
    return null;
  };

/**
 * Listens for datagrams of Wialon IPS. They carry no secret, so they are taken only in the name of devices
 * that were registered for it; and nothing is answered, so what cannot be kept at once is lost.
 */
export const ipsUdp = async (
  parts: ListenerParts,
  at: { readonly host: string; readonly port: number },
): Promise<OpenListener> => {
  const socket = createSocket(at.host.includes(':') ? 'udp6' : 'udp4');
  const waiting = new Set<Promise<void>>();
  const tell = (outcome: Outcome | null): void => {
    if (outcome !== null) parts.sight({ type: 'message', listener, outcome });
  };
  socket.on('message', (raw) => {
    if (waiting.size >= WAITING_MAX) return tell('dropped');
    const kept: Promise<void> = keep(parts)(raw)
      .then(tell, (error: unknown) => parts.sight({ type: 'fault', listener, error }))
      .finally(() => waiting.delete(kept));
    waiting.add(kept);
  });
  socket.on('error', (error) => parts.sight({ type: 'fault', listener, error }));
  socket.bind({ address: at.host, port: at.port });
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
      const timer = new Promise((done) => setTimeout(done, FINISH_MAX_MS).unref());
      await Promise.race([Promise.all(waiting), timer]);
    },
  };
};
