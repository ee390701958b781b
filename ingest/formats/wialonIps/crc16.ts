const TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xa001 : value >>> 1;
  return value;
});

/**
 * CRC-16/ARC: polynomial 0x8005 reflected, begins at 0, nothing at the end. Of no bytes it is 0, of
 * "123456789" 0xBB3D. Source: Wialon IPS 2.0, checksum.
 */
export const crc16 = (bytes: Uint8Array): number => {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
};

/** A checksum as the protocol writes it: four hexadecimal digits, the most significant first. */
export const crcText = (bytes: Uint8Array): string =>
  crc16(bytes).toString(16).toUpperCase().padStart(4, '0');

/** A checksum as devices spell it: upper or lower case, leading zeros or not, `0x` before it or not. */
const SPELT = /^(?:0[xX])?([0-9A-Fa-f]{1,4})$/;

/** Whether a text spells the checksum of the bytes. */
export const crcMatches = (spelt: string, bytes: Uint8Array): boolean => {
  const digits = SPELT.exec(spelt)?.[1];
  return digits !== undefined && Number.parseInt(digits, 16) === crc16(bytes);
};
