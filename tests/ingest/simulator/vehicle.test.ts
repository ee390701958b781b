import { describe, expect, it } from 'vitest';
import { distanceBetween } from '#ingest/drives/distance.ts';
import { BLOCK_M } from '#ingest/simulator/city.ts';
import {
  newVehicle,
  secondLater,
  TANK_L,
  type VehicleState,
  whereabouts,
} from '#ingest/simulator/vehicle.ts';

const DAY_S = 86_400;
const BRAKING_MAX_MPS2 = 3.5;
const ACCELERATION_MAX_MPS2 = 1.61;
/** A parking vehicle is put down at its crossing, a light is stopped at a little before it. */
const PUT_DOWN_MAX_M = 15;

const natureOf = (seed: string) => ({ city: { origin: { lat: 34, lon: -6.8 }, blocks: 12 }, seed });

/** A day of a vehicle, second by second. */
const dayOf = (seed: string): readonly VehicleState[] => {
  const nature = natureOf(seed);
  const states = [newVehicle(nature, 0)];
  for (let second = 0; second < DAY_S; second += 1) {
    const last = states.at(-1);
    if (last) states.push(secondLater(nature, last));
  }
  return states;
};

const pairs = (states: readonly VehicleState[]) =>
  states.slice(1).map((state, index) => [states[index] ?? state, state] as const);

describe('a simulated vehicle', () => {
  const seeds = ['a', 'b', 'c'];
  const days = seeds.map((seed) => ({ nature: natureOf(seed), states: dayOf(seed) }));

  it('lives the same day again from the same seed, and another from another', () => {
    expect(dayOf('a').at(-1)).toEqual(days[0]?.states.at(-1));
    expect(dayOf('d').at(-1)).not.toEqual(days[0]?.states.at(-1));
  });

  it('moves as a car does: no faster away than it can, no harder braked than is usual', () => {
    for (const { states } of days) {
      const changes = pairs(states).map(([before, after]) => after.speed_kmh - before.speed_kmh);
      expect(Math.max(...changes) / 3.6).toBeLessThan(ACCELERATION_MAX_MPS2);
      expect(Math.min(...changes) / 3.6).toBeGreaterThan(-BRAKING_MAX_MPS2);
    }
  });

  it('is where its speed has taken it, and within its town', () => {
    for (const { nature, states } of days) {
      const far = pairs(states).filter(([before, after]) => {
        const leg_m = distanceBetween(whereabouts(nature, before), whereabouts(nature, after));
        return leg_m > after.speed_kmh / 3.6 + PUT_DOWN_MAX_M;
      });
      expect(far).toEqual([]);
      const out = states.filter((state) => {
        const from_m = distanceBetween(nature.city.origin, whereabouts(nature, state));
        return from_m > nature.city.blocks * BLOCK_M * Math.SQRT2 + 1;
      });
      expect(out).toEqual([]);
    }
  });

  it('drives and parks, stands at lights, speeds now and then, burns fuel and fills up', () => {
    for (const { nature, states } of days) {
      const driving = states.filter(({ trip }) => trip !== null);
      expect(driving.length / states.length).toBeGreaterThan(0.05);
      expect(driving.length / states.length).toBeLessThan(0.8);
      expect(driving.some(({ speed_kmh, street }) => speed_kmh === 0 && street > 0)).toBe(true);
      const over = driving.filter((state) => {
        const { limit_kmh } = whereabouts(nature, state);
        return limit_kmh !== null && state.speed_kmh > limit_kmh + 3;
      });
      expect(over.length).toBeGreaterThan(10);
      expect(over.length).toBeLessThan(driving.length / 2);
      expect(states.every(({ fuel_l }) => fuel_l >= 0 && fuel_l <= TANK_L)).toBe(true);
      expect(pairs(states).some(([before, after]) => after.fuel_l > before.fuel_l)).toBe(true);
      const odometers = pairs(states).map(
        ([before, after]) => after.odometer_m - before.odometer_m,
      );
      expect(Math.min(...odometers)).toBeGreaterThanOrEqual(0);
    }
  });
});
