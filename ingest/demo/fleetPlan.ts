import type { z } from 'zod';
import type { Instant } from '#domain/kernel/instant.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { CostLine, RepairReason, Severity } from '#domain/maintenance/events.ts';
import { type Chance, chance } from './chance.ts';

export const DEMO_VEHICLES = 60;
export const DEMO_DRIVERS = 50;
export const DEMO_DAYS = 90;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * What happens in the made-up fleet. Vehicles, drivers, rentals and so on are told apart by numbers from 0.
 */
export type Step = { readonly at: Instant } & (
  | { readonly type: 'rent'; rental: number; vehicle: number; driver: number }
  | { readonly type: 'return'; rental: number }
  | { readonly type: 'setOff'; trip: number; vehicle: number }
  | { readonly type: 'arrive'; trip: number; distance_m: number; max_speed_kmh: number }
  | {
      readonly type: 'drive';
      vehicle: number;
      endedAt: Instant;
      distance_m: number;
      max_speed_kmh: number;
      over_limit_s: number;
    }
  | { readonly type: 'speed'; vehicle: number; endedAt: Instant; max_speed_kmh: number }
  | {
      readonly type: 'fine';
      fine: number;
      vehicle: number;
      offence: string;
      amount: number;
      points: number;
    }
  | { readonly type: 'settle'; fine: number; how: 'dispute' | 'confirm' | 'void' | 'pay' }
  | {
      readonly type: 'defect';
      repair: number;
      vehicle: number;
      reason: z.infer<typeof RepairReason>;
      severity: z.infer<typeof Severity>;
    }
  | { readonly type: 'mend'; repair: number }
  | { readonly type: 'spend'; repair: number; kind: CostLine['kind']; amount: number }
  | { readonly type: 'mended'; repair: number }
);

/** When a step becomes known, which for a fine is days after it happened, and the step. */
interface Known {
  readonly known_ms: number;
  readonly step: Step;
}

interface VehicleNow {
  readonly vehicle: number;
  rental: { readonly number: number; readonly driver: number } | null;
  /** Nothing begins before that: the vehicle is in repair until then. */
  busyUntil_ms: number;
}

interface Scene {
  readonly draw: Chance;
  readonly vehicles: readonly VehicleNow[];
  readonly idleDrivers: Set<number>;
  /** Drivers who gave a vehicle back today: they are idle from tomorrow on. */
  readonly freedDrivers: Set<number>;
  readonly known: Known[];
  numbers: { rental: number; trip: number; fine: number; repair: number };
}

const tell = (scene: Scene, known_ms: number, step: Step): void => {
  scene.known.push({ known_ms, step });
};

const settleLater = (scene: Scene, fine: number, issued_ms: number): void => {
  const { draw } = scene;
  let at_ms = issued_ms + draw.whole(2, 12) * DAY_MS;
  const settle = (how: 'dispute' | 'confirm' | 'void' | 'pay'): void => {
    tell(scene, at_ms, { at: instantOf(at_ms), type: 'settle', fine, how });
    at_ms += draw.whole(3, 15) * DAY_MS;
  };
  const disputed = draw.happens(0.2);
  if (disputed) settle('dispute');
  if (disputed && draw.happens(0.5)) {
    settle('void');
    return;
  }
  settle('confirm');
  if (draw.happens(0.7)) settle('pay');
};

const fine = (scene: Scene, vehicle: number, at_ms: number): void => {
  const { draw, numbers } = scene;
  numbers.fine += 1;
  // An authority's letter takes its time.
  const known_ms = at_ms + draw.whole(1, 9) * DAY_MS + draw.whole(0, 600) * MINUTE_MS;
  tell(scene, known_ms, {
    at: instantOf(at_ms),
    type: 'fine',
    fine: numbers.fine,
    vehicle,
    offence: draw.pick(['speeding', 'red_light', 'parking', 'bus_lane']),
    amount: draw.whole(3, 30) * 1_000,
    points: draw.whole(0, 3),
  });
  settleLater(scene, numbers.fine, known_ms);
};

/** One trip from a moment on; answers when it is over. */
const trip = (scene: Scene, vehicle: number, from_ms: number): number => {
  const { draw, numbers } = scene;
  const duration_ms = draw.whole(8, 75) * MINUTE_MS;
  const to_ms = from_ms + duration_ms;
  const max_speed_kmh = draw.whole(45, 128);
  const distance_m = Math.round((duration_ms / HOUR_MS) * draw.whole(22, 48) * 1_000);
  const speeding = draw.happens(0.04);
  if (draw.happens(0.15)) {
    numbers.trip += 1;
    const number = numbers.trip;
    tell(scene, from_ms, { at: instantOf(from_ms), type: 'setOff', trip: number, vehicle });
    const arrived = { type: 'arrive', trip: number, distance_m, max_speed_kmh } as const;
    tell(scene, to_ms, { at: instantOf(to_ms), ...arrived });
  } else {
    const over_limit_s = speeding ? draw.whole(12, 90) : 0;
    const driven = { type: 'drive', vehicle, distance_m, max_speed_kmh, over_limit_s } as const;
    tell(scene, to_ms, { at: instantOf(from_ms), endedAt: instantOf(to_ms), ...driven });
  }
  if (speeding) {
    const at_ms = from_ms + duration_ms / 2;
    const endedAt = instantOf(at_ms + draw.whole(11, 60) * 1_000);
    const sped = { type: 'speed', vehicle, endedAt, max_speed_kmh: draw.whole(95, 140) } as const;
    tell(scene, to_ms, { at: instantOf(at_ms), ...sped });
  }
  if (draw.happens(0.012)) fine(scene, vehicle, from_ms + duration_ms / 3);
  return to_ms;
};

const repair = (scene: Scene, now: VehicleNow, at_ms: number): void => {
  const { draw, numbers } = scene;
  numbers.repair += 1;
  const number = numbers.repair;
  const severity = draw.pick(['minor', 'major', 'critical'] as const);
  const reason = draw.pick(['wear', 'accident', 'defect', 'tyres', 'inspection'] as const);
  const begun_ms = at_ms + draw.whole(2, 20) * HOUR_MS;
  const done_ms = begun_ms + draw.whole(6, 72) * HOUR_MS;
  const { vehicle } = now;
  const found = { type: 'defect', repair: number, vehicle, reason, severity } as const;
  tell(scene, at_ms, { at: instantOf(at_ms), ...found });
  tell(scene, begun_ms, { at: instantOf(begun_ms), type: 'mend', repair: number });
  for (const kind of ['part', 'labour'] as const) {
    const spent_ms = begun_ms + draw.whole(1, 5) * HOUR_MS;
    const spent = {
      type: 'spend',
      repair: number,
      kind,
      amount: draw.whole(20, 900) * 100,
    } as const;
    tell(scene, spent_ms, { at: instantOf(spent_ms), ...spent });
  }
  tell(scene, done_ms, { at: instantOf(done_ms), type: 'mended', repair: number });
  now.busyUntil_ms = done_ms;
};

const rent = (scene: Scene, now: VehicleNow, at_ms: number): void => {
  const { draw, idleDrivers, numbers } = scene;
  const driver = draw.pick([...idleDrivers].sort((left, right) => left - right));
  idleDrivers.delete(driver);
  numbers.rental += 1;
  now.rental = { number: numbers.rental, driver };
  const { vehicle } = now;
  tell(scene, at_ms, {
    at: instantOf(at_ms),
    type: 'rent',
    rental: numbers.rental,
    vehicle,
    driver,
  });
};

const giveBack = (scene: Scene, now: VehicleNow, at_ms: number): void => {
  if (!now.rental) return;
  tell(scene, at_ms, { at: instantOf(at_ms), type: 'return', rental: now.rental.number });
  scene.freedDrivers.add(now.rental.driver);
  now.rental = null;
};

/** A day of one vehicle: somebody takes it, drives, perhaps breaks something, perhaps gives it back. */
const day = (scene: Scene, now: VehicleNow, midnight_ms: number): void => {
  const { draw, idleDrivers } = scene;
  const morning_ms = midnight_ms + draw.whole(5 * 60, 8 * 60) * MINUTE_MS;
  if (now.busyUntil_ms > morning_ms) return;
  if (!now.rental && idleDrivers.size > 0 && draw.happens(0.5)) rent(scene, now, morning_ms);
  if (!now.rental) return;
  let free_ms = morning_ms + draw.whole(5, 120) * MINUTE_MS;
  const trips = draw.whole(0, 4);
  for (let count = 0; count < trips; count += 1) {
    free_ms = trip(scene, now.vehicle, free_ms) + draw.whole(10, 100) * MINUTE_MS;
  }
  const evening_ms = Math.max(free_ms, midnight_ms + 20 * HOUR_MS);
  const broken = draw.happens(0.012);
  if (broken || draw.happens(0.1)) giveBack(scene, now, evening_ms);
  if (broken) repair(scene, now, evening_ms + 10 * MINUTE_MS);
};

/**
 * What happened in the made-up fleet in the 90 days before `until`, in the order it became known. Vehicle 0
 * and driver 0 stand still: they wait for the recorded drives. The same seed and day give the same steps.
 */
export const fleetPlan = (seed: string, until: Instant): readonly Step[] => {
  const until_ms = Date.parse(until);
  const scene: Scene = {
    draw: chance(seed),
    vehicles: Array.from({ length: DEMO_VEHICLES - 1 }, (_, index) => ({
      vehicle: index + 1,
      rental: null,
      busyUntil_ms: 0,
    })),
    idleDrivers: new Set(Array.from({ length: DEMO_DRIVERS - 1 }, (_, index) => index + 1)),
    freedDrivers: new Set(),
    known: [],
    numbers: { rental: 0, trip: 0, fine: 0, repair: 0 },
  };
  for (let count = DEMO_DAYS; count > 0; count -= 1) {
    for (const now of scene.vehicles) day(scene, now, until_ms - count * DAY_MS);
    for (const driver of scene.freedDrivers) scene.idleDrivers.add(driver);
    scene.freedDrivers.clear();
  }
  return scene.known
    .filter(({ known_ms }) => known_ms < until_ms)
    .sort((left, right) => left.known_ms - right.known_ms)
    .map(({ step }) => step);
};
