import { createHmac, timingSafeEqual } from 'node:crypto';

const STEP_S = 30;
const DIGITS = 6;
/** How many steps the clock of an authenticator may be off, either way. */
const OFF_MAX_STEPS = 1;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A secret as authenticators want it typed in. Source: RFC 4648, section 6. */
export const base32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
};

const codeOf = (secret: Buffer, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
};

const stepAt = (now_ms: number): number => Math.floor(now_ms / 1_000 / STEP_S);

/** The code of the present half minute. Sources: RFC 6238; RFC 4226, section 5.3. */
export const totpNow = (secret: Buffer, now_ms: number): string => codeOf(secret, stepAt(now_ms));

/** The step that a code belongs to, where it is one of this half minute or of one beside it; else null. */
export const totpStep = (secret: Buffer, code: string, now_ms: number): number | null => {
  if (!/^\d{6}$/.test(code)) return null;
  const now = stepAt(now_ms);
  for (let step = now - OFF_MAX_STEPS; step <= now + OFF_MAX_STEPS; step += 1) {
    if (timingSafeEqual(Buffer.from(codeOf(secret, step)), Buffer.from(code))) return step;
  }
  return null;
};
