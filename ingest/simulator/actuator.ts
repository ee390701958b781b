import type { Instant } from '#domain/kernel/instant.ts';
import { type DeviceAnswer, DeviceOrder } from '#ingest/deviceLine.ts';

/** What a tracker switches. `last`: what it answered last; `done`: the orders it dealt with, at most 32. */
export interface Actuator {
  readonly dout: number;
  readonly last: DeviceAnswer | null;
  readonly done: readonly string[];
}

/** What the tracker knows of its vehicle when it is told to do something. */
export interface Circumstances {
  readonly now: Instant;
  readonly speed_kmh: number;
  readonly hasFix: boolean;
}

/** Nothing is switched, nothing was ordered. */
export const idleActuator: Actuator = { dout: 0, last: null, done: [] };

const DONE_MAX = 32;
/** Below this it blocks. Source: Concox GT06, which cuts only with a fix and below 20 km/h. */
const SPEED_GUARD_KMH = 20;

const bitOf = (output: number): number => 2 ** (output - 1);

/** Whether an output is on; an output that is on blocks the starter. */
export const isOn = ({ dout }: Actuator, output: number): boolean =>
  Math.floor(dout / bitOf(output)) % 2 === 1;

const refusal = ({ speed_kmh, hasFix }: Circumstances): 'refused_fix' | 'refused_speed' | null => {
  if (!hasFix) return 'refused_fix';
  return speed_kmh > SPEED_GUARD_KMH ? 'refused_speed' : null;
};

const switched = (actuator: Actuator, output: number, on: boolean): number => {
  if (isOn(actuator, output) === on) return actuator.dout;
  return actuator.dout + (on ? bitOf(output) : -bitOf(output));
};

/**
 * The tracker after an order. What came too late, or came before, changes nothing and is not answered again;
 * a block is refused without a fix or at speed, a release never is.
 */
export const obey = (
  before: Actuator,
  { order, action, output, expires_at }: DeviceOrder,
  at: Circumstances,
): Actuator => {
  if (at.now >= expires_at || before.done.includes(order)) return before;
  const refused = action === 'block' ? refusal(at) : null;
  const moves = refused === null && action !== 'query_position';
  const dout = moves ? switched(before, output, action === 'block') : before.dout;
  const last = { order, action, result: refused ?? 'executed', at: at.now, dout };
  return { dout, last, done: [...before.done, order].slice(-DONE_MAX) };
};

/** The order that a message is; null if it is none. */
export const orderIn = (message: Buffer): DeviceOrder | null => {
  try {
    return DeviceOrder.safeParse(JSON.parse(message.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
};
