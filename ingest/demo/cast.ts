import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import {
  ActorId,
  CommandId,
  type DriverId,
  type FineId,
  type ParkId,
  type RentalId,
  type RepairId,
  type Tenant,
  type TripId,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { Currency } from '#domain/kernel/money.ts';

/**
 * The parks of the made-up fleet; vehicle and driver n belong to park n modulo three. A day of a vehicle
 * costs `perDay` without tax, in minor units; `deposit` is what every driver leaves.
 */
export const parks = [
  {
    ...{ code: 'RBA-1', name: 'Rabat', zone: 'Africa/Casablanca', currency: 'MAD' },
    ...{ perDay: '32000', deposit: '300000', taxRate: '0.20' },
  },
  {
    ...{ code: 'LIS-1', name: 'Lisbon', zone: 'Europe/Lisbon', currency: 'EUR' },
    ...{ perDay: '3900', deposit: '30000', taxRate: '0.23' },
  },
  {
    ...{ code: 'IST-1', name: 'Istanbul', zone: 'Europe/Istanbul', currency: 'TRY' },
    ...{ perDay: '150000', deposit: '1000000', taxRate: '0.20' },
  },
] as const;

/** The plan by which a vehicle is rented out: that of its park's currency. */
export const planOf = (vehicle: number): string =>
  `STD-${at(parks, vehicle % parks.length).currency}`;

/** The things of the made-up fleet, by their numbers in the plan. */
export interface Cast {
  readonly parks: ParkId[];
  readonly vehicles: VehicleId[];
  readonly drivers: DriverId[];
  readonly rentals: Map<number, RentalId>;
  readonly trips: Map<number, TripId>;
  readonly fines: Map<number, { id: FineId; vehicle: number }>;
  readonly repairs: Map<number, { id: RepairId; vehicle: number }>;
}

/** The right side of an answer; a refusal is a fault of the plan. */
export const must = <T>(answer: Either<{ readonly code: string }, T>, step: unknown): T => {
  if (isLeft(answer)) {
    throw new Error(`the demo cannot go on at ${JSON.stringify(step)}: ${answer.left.code}`);
  }
  return answer.right;
};

/** What a map holds under a number of the plan. */
export const the = <K, V>(map: ReadonlyMap<K, V>, key: K): V => {
  const found = map.get(key);
  if (found === undefined) throw new Error(`the demo knows no ${String(key)}`);
  return found;
};

/** The item of a number of the plan. */
export const at = <T>(items: readonly T[], index: number): T => {
  const item = items[index];
  if (item === undefined) throw new Error(`the demo has no number ${index}`);
  return item;
};

/** Requests in the name of the simulator; the n-th of a seed and part is always the same command. */
export const requests = (
  { tenant, seed }: { readonly tenant: Tenant; readonly seed: string },
  part: 'fleet' | 'money',
) => {
  let count = 0;
  return (content: unknown): Request => {
    count += 1;
    const command = CommandId.parse(deriveUuid('demo', tenant, seed, part, String(count)));
    const actor = {
      kind: 'system',
      id: ActorId.parse(deriveUuid('actor', 'demo')),
      role: 'demo',
    } as const;
    const origin = { tenant, actor, command, content: digestOf(content) };
    return {
      origin: { ...origin, correlationId: command, causationId: null },
      mayActIn: () => true,
    };
  };
};

/** Makes the next request. */
export type Ask = ReturnType<typeof requests>;

const currencyOf = (vehicle: number): Currency =>
  Currency.parse(at(parks, vehicle % parks.length).currency);

/** An amount in the currency of the vehicle's park. */
export const money = (minor_units: number, vehicle: number) => ({
  amount: String(minor_units),
  currency: currencyOf(vehicle),
});
