import { randomBytes } from 'node:crypto';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { digestOf } from '#commands/digest.ts';
import { registerDriver } from '#commands/drivers.ts';
import { commandIdOf } from '#commands/identity.ts';
import { openPark } from '#commands/parks.ts';
import type { EventStore, Vault } from '#commands/ports.ts';
import { stateCache } from '#commands/stateCache.ts';
import { onVehicle, registerVehicle } from '#commands/vehicles.ts';
import { type Request, type Workspace, workspace } from '#commands/workspace.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import {
  ActorId,
  type DriverId,
  type ParkId,
  PartyId,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { acme, euro, instant, uuid8 } from './samples.ts';

export const actor = { kind: 'user', id: ActorId.parse(uuid8(3)), role: 'operator' } as const;
export const springMorning = instant('2026-03-01T06:00:00.000Z');

/** A vault that keeps nothing secret and everything in one map: the write side asks for no more. */
const openVault = (): Vault => {
  const kept = new Map<string, unknown>();
  return {
    put:
      ({ event, entries }) =>
      async () => {
        const before = kept.get(event);
        const content = JSON.stringify(entries);
        if (before !== undefined && before !== content) return left({ code: 'VaultMismatch' });
        kept.set(event, content);
        return right(
          entries.map((entry) => ({
            subject: entry.subject,
            class: entry.class,
            digest: digestOf({ event, ...entry }),
          })),
        );
      },
    read: () => async () => right([]),
    erase: () => async () => right({ erased: ['identity', 'contact'], held: [] }),
  };
};

/** A request under an idempotency key; without one, a request of its own. */
export const requestOf = (
  content: unknown,
  key: string = randomBytes(8).toString('hex'),
  parks: readonly ParkId[] | '*' = '*',
): Request => ({
  origin: {
    tenant: acme,
    actor,
    command: commandIdOf({ tenant: acme, actor: actor.id, route: 'test', key }),
    content: digestOf(content),
    correlationId: uuid8(9),
    causationId: null,
  },
  mayActIn: (park) => parks === '*' || parks.includes(park),
});

/** The right side of an answer; a Left is a failed test. */
export const rightOf = <T>(
  answer: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: T },
): T => {
  if (answer._tag === 'Left') throw new Error(`refused: ${JSON.stringify(answer.left)}`);
  return answer.right;
};

/** The left side of an answer; a Right is a failed test. */
export const leftOf = <T>(
  answer: { _tag: 'Left'; left: T } | { _tag: 'Right'; right: unknown },
): T => {
  if (answer._tag === 'Right') throw new Error(`not refused: ${JSON.stringify(answer.right)}`);
  return answer.left;
};

/** The write side on a log in memory, or on a store of the caller's, that remembers so many states. */
export const testLedger = (
  store: EventStore = memoryEventStore(memoryLog()),
  states_max = 1_000,
): { readonly ledger: Workspace; readonly store: EventStore; readonly conflicts: () => number } => {
  let conflicts = 0;
  const ledger = workspace({
    store,
    vault: openVault(),
    claimHash: { of: ({ kind, value }) => digestOf({ kind, value }) },
    cache: stateCache({ entries_max: states_max }),
    now: () => instant('2026-03-02T20:00:00.000Z'),
    platformZone: Zone.parse('UTC'),
    observeConflict: () => {
      conflicts += 1;
    },
  });
  return { ledger, store, conflicts: () => conflicts };
};

/** Every event of a log, decoded, in order. */
export const allEvents = async (store: EventStore) => {
  const page = await store.readAll({ after: null, limit: 5_000 })();
  if (isLeft(page)) throw new Error('the log cannot be read');
  return page.right.map(({ text }) => parseEvent(text));
};

/** A park with a vehicle that may be rented, and two drivers. */
export const smallFleet = async (
  ledger: Workspace,
): Promise<{ park: ParkId; vehicle: VehicleId; ann: DriverId; bob: DriverId }> => {
  const at = springMorning;
  const zone = Zone.parse('Europe/Berlin');
  const asked = { code: 'BER-1', name: 'Berlin', currency: euro, zone, at };
  const { id: park } = rightOf(await openPark(ledger)(requestOf(asked), asked));
  const details = { identity: { name: 'A' }, contact: {} };
  const { id: ann } = rightOf(
    await registerDriver(ledger)(requestOf('ann'), { park, details, at }),
  );
  const { id: bob } = rightOf(
    await registerDriver(ledger)(requestOf('bob'), { park, details, at }),
  );
  const vehicle = await fleetVehicle(ledger, park, 'VF1ACVYB012345678');
  return { park, vehicle, ann, bob };
};

/** One more vehicle that may be rented. */
export const fleetVehicle = async (
  ledger: Workspace,
  park: ParkId,
  vin: string,
): Promise<VehicleId> => {
  const at = springMorning;
  const owner = PartyId.parse(uuid8(0x30));
  const asked = { park, owner, vin, plate: null, make: 'Renault', model: 'Twizy', year: 2021 };
  const { id: vehicle } = rightOf(
    await registerVehicle(ledger)(requestOf(asked), { ...asked, odometer_m: 0, at }),
  );
  rightOf(
    await onVehicle(ledger)(requestOf('commission'), { vehicle, id: vehicle, at }, (_, when) => ({
      type: 'CommissionVehicle',
      vehicle,
      when,
    })),
  );
  return vehicle;
};
