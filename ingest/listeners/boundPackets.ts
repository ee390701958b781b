import type { Socket } from 'node:net';
import { follow, newPacketGuard } from './mqttPacketGuard.ts';

/**
 * Hangs up on a connection of MQTT as soon as a packet announces more bytes than it may have, before they are
 * gathered. The broker's library has no such bound; it reads a socket by calling `read`, so that is where its
 * bytes are looked at.
 */
export const boundPackets = (
  socket: Socket,
  packet_max_bytes: () => number,
  tooLarge: () => void,
): void => {
  const read = socket.read.bind(socket);
  let guard = newPacketGuard;
  socket.read = (size?: number): Buffer | null => {
    const chunk: unknown = read(size);
    if (!Buffer.isBuffer(chunk)) return null;
    const followed = follow(guard, chunk, packet_max_bytes());
    if (followed === null) {
      tooLarge();
      socket.destroy();
      return null;
    }
    guard = followed;
    return chunk;
  };
};
