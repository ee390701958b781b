import { hash } from 'node:crypto';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Reading } from './formats/reading.ts';

const HASH_BITS = 63;

/** What a reading says, but for ident and time; a text of its own for every content. */
const contentOf = (reading: Reading): string => {
  const { lat, lon, altitude_m, speed_kmh, limit_kmh, course_deg, satellites, hdop } = reading;
  const { valid, ignition, odometer_m, engine_rpm, fuel_level_pct, fuel_l, rest } = reading;
  const { fuel_rate_lph, external_v, battery_v, din, dout, dtcs, driver_tag } = reading;
  const place = `${lat} ${lon} ${altitude_m} ${speed_kmh} ${limit_kmh} ${course_deg} ${satellites} ${hdop}`;
  const drive = `${valid} ${ignition} ${odometer_m} ${engine_rpm} ${fuel_level_pct} ${fuel_l}`;
  const power = `${fuel_rate_lph} ${external_v} ${battery_v} ${din} ${dout} ${dtcs?.join()}`;
  return `${place} ${drive} ${power} ${canonicalJson([driver_tag, rest])}`;
};

/**
 * Tells readings of one device and one time from each other: the device's own count, or else a hash of the
 * content, which is negative. The content is what was told: not the flags, some of which depend on when it
 * came, and not whether it was buffered, since what is sent again after a lost answer is the same reading.
 */
export const fingerprintOf = (reading: Reading): bigint => {
  if (reading.seq !== null) return BigInt(reading.seq);
  const digest = hash('sha256', contentOf(reading), 'buffer').readBigInt64LE(0);
  return -1n - BigInt.asUintN(HASH_BITS, digest);
};
