import { z } from 'zod';
import { type Chance, chance } from '#ingest/demo/chance.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import type { WireShape } from './encode.ts';

const share = (usual: number) => z.coerce.number().min(0).max(1).default(usual);

/**
 * How often something goes wrong, as a share of readings. `gaps`: a stretch begins of which nothing is ever
 * told. `bursts`: one begins that is told later, all at once. `duplicates`: told twice. `late`: told after
 * the ones that follow it. `broken`: damaged on the way; what it said is lost.
 */
export const Rates = z.strictObject({
  gaps: share(0.002),
  bursts: share(0.004),
  duplicates: share(0.01),
  late: share(0.01),
  broken: share(0.002),
});
export type Rates = z.infer<typeof Rates>;

const STRETCH_MIN = 3;
const STRETCH_MAX = 30;
const LATE_MIN = 1;
const LATE_MAX = 5;

/** What a device sends in one message. `damaged`: its bytes are to be spoilt. */
export interface Transmission {
  readonly readings: readonly Reading[];
  readonly damaged: boolean;
}

/** What a device holds back: a stretch (null: none) with what of it is kept, and single readings. */
export interface Held {
  readonly stretch: { readonly left: number; readonly kept: readonly Reading[] | null } | null;
  readonly late: readonly { readonly reading: Reading; readonly left: number }[];
}

/** Of a device that holds nothing back. */
export const nothingHeld: Held = { stretch: null, late: [] };

interface Sent {
  readonly held: Held;
  readonly transmissions: readonly Transmission[];
}

const plain = (reading: Reading): Transmission => ({ readings: [reading], damaged: false });

const withinStretch = (held: Held, reading: Reading): Sent | null => {
  const { stretch } = held;
  if (stretch === null) return null;
  const kept = stretch.kept && [...stretch.kept, { ...reading, buffered: true }];
  if (stretch.left > 1) {
    return { held: { ...held, stretch: { left: stretch.left - 1, kept } }, transmissions: [] };
  }
  const burst = kept === null ? [] : [{ readings: kept, damaged: false }];
  return { held: { ...held, stretch: null }, transmissions: burst };
};

const fresh = (rates: Rates, draw: Chance, held: Held, reading: Reading): Sent => {
  const stretch = () => draw.whole(STRETCH_MIN, STRETCH_MAX);
  if (draw.happens(rates.gaps)) {
    return { held: { ...held, stretch: { left: stretch(), kept: null } }, transmissions: [] };
  }
  if (draw.happens(rates.bursts)) {
    const kept = [{ ...reading, buffered: true }];
    return { held: { ...held, stretch: { left: stretch(), kept } }, transmissions: [] };
  }
  if (draw.happens(rates.late)) {
    const late = [...held.late, { reading, left: draw.whole(LATE_MIN, LATE_MAX) }];
    return { held: { ...held, late }, transmissions: [] };
  }
  if (draw.happens(rates.broken)) {
    return { held, transmissions: [{ readings: [reading], damaged: true }] };
  }
  const once = plain(reading);
  return { held, transmissions: draw.happens(rates.duplicates) ? [once, once] : [once] };
};

/**
 * What becomes of a reading on its way, and of those before it that were held back. Chance is drawn from the
 * seed and the reading's own count, so that the same readings meet the same fate.
 */
export const send = (
  { rates, seed }: { readonly rates: Rates; readonly seed: string },
  before: Held,
  reading: Reading,
): Sent => {
  const due = before.late.filter(({ left }) => left <= 1).map(({ reading: late }) => plain(late));
  const late = before.late
    .filter(({ left }) => left > 1)
    .map(({ reading: later, left }) => ({ reading: later, left: left - 1 }));
  const draw = chance(`${seed}:send:${reading.seq}`);
  const held = { ...before, late };
  const sent = withinStretch(held, reading) ?? fresh(rates, draw, held, reading);
  return { held: sent.held, transmissions: [...sent.transmissions, ...due] };
};

/** Everything that is still held back and would be told, as when a device is switched off in order. */
export const release = ({ stretch, late }: Held): readonly Transmission[] => [
  ...(stretch?.kept ? [{ readings: stretch.kept, damaged: false }] : []),
  ...late.map(({ reading }) => plain(reading)),
];

const COLON = 0x3a;
const SEMICOLON = 0x3b;

/**
 * A message as it arrives over a bad line: JSON without its end, a frame of Wialon IPS with one wrong byte,
 * which its checksum gives away, so that it is answered.
 */
export const damaged = (shape: WireShape, message: Buffer): Buffer => {
  if (shape !== 'ips') return message.subarray(0, Math.floor(message.length / 2));
  const spoilt = Buffer.from(message);
  spoilt[spoilt.indexOf(SEMICOLON) - 1] = COLON;
  return spoilt;
};
