import { setTimeout as sleep } from 'node:timers/promises';
import { instantOf } from '#domain/kernel/instant.ts';
import { orderIn } from './actuator.ts';
import type { City } from './city.ts';
import { type DeviceNature, intervalLater, lastWords, newDevice, ordered } from './device.ts';
import { encoded, type WireShape } from './encode.ts';
import { damaged, type Rates, type Transmission } from './mischief.ts';
import type { DeviceLogin, Hearing, Uplink } from './uplink.ts';

const MS_PER_S = 1_000;
const AGAIN_MS = 2_000;
/** What a device keeps while it is not answered; what comes then it cannot keep. */
const OUTBOX_MAX = 2_000;
const FINISH_MAX_MS = 10_000;

/**
 * What a fleet has done so far, in messages. `dropped`: there was no room to keep them. `unreached`: how
 * often nobody answered, or would let a device in.
 */
export interface FleetFigures {
  sent: number;
  acknowledged: number;
  refused: number;
  lost: number;
  dropped: number;
  unreached: number;
}

/** Figures before anything was sent. */
export const noFigures = (): FleetFigures => ({
  sent: 0,
  acknowledged: 0,
  refused: 0,
  lost: 0,
  dropped: 0,
  unreached: 0,
});

/** A device to be driven: who it is, in which town, and how it gets through. */
export interface FleetMember {
  readonly login: DeviceLogin;
  readonly city: City;
  readonly connect: (hearing: Hearing) => Promise<Uplink>;
}

interface Options {
  readonly shape: WireShape;
  readonly seed: string;
  readonly rates: Rates;
  readonly interval_s: number;
  /** How many times as fast as in life time goes for the vehicles. */
  readonly speed_up: number;
  /** The first second that the vehicles tell of, since 1970. */
  readonly begin_s: number;
  readonly figures: FleetFigures;
  readonly signal: AbortSignal;
}

/** The line of a device to the product: it comes back by itself, and sends again what was not answered. */
const lineOf = (
  { connect }: FleetMember,
  figures: FleetFigures,
  hearing: Hearing,
): { readonly put: (message: Buffer) => void; readonly close: () => Promise<void> } => {
  let uplink: Uplink | null = null;
  let waiting = 0;
  let delivered: Promise<void> = Promise.resolve();
  const giveUp = new AbortController();
  const pause = (): Promise<void> =>
    sleep(AGAIN_MS, undefined, { signal: giveUp.signal }).catch(() => {});

  const tryOnce = async (message: Buffer): Promise<boolean> => {
    try {
      uplink ??= await connect(hearing);
    } catch {
      figures.unreached += 1;
      return false;
    }
    figures.sent += 1;
    const answer = await uplink.send(message);
    if (answer === 'lost') {
      figures.lost += 1;
      uplink.cut();
      uplink = null;
    }
    if (answer === 'acknowledged') figures.acknowledged += 1;
    if (answer === 'refused') figures.refused += 1;
    return answer === 'acknowledged' || answer === 'refused';
  };

  const deliver = async (message: Buffer): Promise<void> => {
    while (!giveUp.signal.aborted && !(await tryOnce(message))) await pause();
    waiting -= 1;
  };

  return {
    put: (message) => {
      if (waiting >= OUTBOX_MAX) {
        figures.dropped += 1;
        return;
      }
      waiting += 1;
      delivered = delivered.then(() => deliver(message));
    },
    close: async () => {
      const late = setTimeout(() => giveUp.abort(), FINISH_MAX_MS);
      await delivered;
      clearTimeout(late);
      await uplink?.close();
    },
  };
};

const bytesOf =
  (shape: WireShape) =>
  ({ readings, damaged: isDamaged }: Transmission): Buffer => {
    const message = encoded(shape)(readings);
    return isDamaged ? damaged(shape, message) : message;
  };

/** One device, from interval to interval, until the signal fires; then what it holds back goes out. */
const runDevice = async (
  member: FleetMember,
  start_ms: number,
  options: Options,
): Promise<void> => {
  const { shape, seed, rates, interval_s, speed_up, begin_s, figures, signal } = options;
  const { login, city } = member;
  const nature: DeviceNature = { city, rates, ident: login.ident, seed: `${seed}:${login.ident}` };
  const write = bytesOf(shape);
  let state = newDevice(nature, begin_s);
  const last = (): Buffer | null =>
    state.actuator.last && Buffer.from(JSON.stringify(state.actuator.last));
  const line = lineOf(member, figures, {
    last,
    order: (message) => {
      const order = orderIn(message);
      const before = state;
      // By the clock of the machine: orders come from those who live as fast as we do.
      if (order) state = ordered(before, order, instantOf(Date.now()));
      return state === before ? null : last();
    },
  });
  for (let intervals = 1; !signal.aborted; intervals += 1) {
    const due_ms = start_ms + (intervals * interval_s * MS_PER_S) / speed_up;
    await sleep(Math.max(0, due_ms - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const later = intervalLater(nature, state, interval_s);
    state = later.state;
    for (const transmission of later.transmissions) line.put(write(transmission));
  }
  for (const transmission of lastWords(state)) line.put(write(transmission));
  await line.close();
};

/**
 * Drives a fleet until the signal fires, and ends when everything that was to be told has been answered, or
 * a while later. The vehicles do not speak all at once but spread over the interval.
 */
export const runFleet = async (
  members: readonly FleetMember[],
  options: Options,
): Promise<void> => {
  const begun_ms = performance.now();
  const spread_ms =
    (options.interval_s * MS_PER_S) / options.speed_up / Math.max(1, members.length);
  await Promise.all(
    members.map((member, index) => runDevice(member, begun_ms + index * spread_ms, options)),
  );
};
