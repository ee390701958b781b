import type { Step } from './fleetPlan.ts';

/** The vehicles, by their numbers, that somebody has at the end of a plan, lowest first. */
export const rentedAtEnd = (steps: readonly Step[]): readonly number[] => {
  const rentals = new Map<number, number>();
  for (const step of steps) {
    if (step.type === 'rent') rentals.set(step.rental, step.vehicle);
    if (step.type === 'return') rentals.delete(step.rental);
  }
  return [...rentals.values()].toSorted((one, other) => one - other);
};
