/** How far a stream of MQTT packets has been followed. */
export interface PacketGuard {
  /** Bytes of the packet under way that have yet to come. */
  readonly remaining: number;
  /** Of a header that came in pieces: how many of its bytes have come, and the length they tell so far. */
  readonly header_bytes: number;
  readonly length: number;
}

export const newPacketGuard: PacketGuard = { remaining: 0, header_bytes: 0, length: 0 };

const LENGTH_MAX_BYTES = 4;

/**
 * Follows the bytes of a stream from packet to packet; null as soon as a packet announces more bytes than it
 * may have, or a length that no packet can have. Source: MQTT 3.1.1, section 2.2.3 (remaining length).
 */
export const follow = (
  before: PacketGuard,
  chunk: Uint8Array,
  packet_max_bytes: number,
): PacketGuard | null => {
  let { remaining, header_bytes, length } = before;
  for (let at = 0; at < chunk.length; ) {
    if (remaining > 0) {
      const passed = Math.min(remaining, chunk.length - at);
      remaining -= passed;
      at += passed;
      continue;
    }
    const byte = chunk[at] ?? 0;
    at += 1;
    header_bytes += 1;
    if (header_bytes === 1) continue;
    length += (byte & 0x7f) * 128 ** (header_bytes - 2);
    if (length > packet_max_bytes) return null;
    if ((byte & 0x80) !== 0) {
      if (header_bytes > LENGTH_MAX_BYTES) return null;
      continue;
    }
    remaining = length;
    header_bytes = 0;
    length = 0;
  }
  return { remaining, header_bytes, length };
};
