import { left, right } from 'fp-ts/lib/Either.js';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { vehicleOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import { driveJob } from '#commands/immobilization/driveJob.ts';
import type { DrivingParts, JobSighting } from '#commands/immobilization/parts.ts';
import type { Sightings } from '#commands/immobilization/ports.ts';
import { installImmobilizer, requestBlock } from '#commands/immobilization/requests.ts';
import { newBlocksAllowed } from '#commands/immobilization/rules.ts';
import type { EventStore } from '#commands/ports.ts';
import type { Relay, RelayOrder, RelayTrace } from '#commands/relay.ts';
import { stateCache } from '#commands/stateCache.ts';
import { type Workspace, workspace } from '#commands/workspace.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import type { BlockReason } from '#domain/immobilization/words.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import type { JobId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, Zone } from '#domain/kernel/instant.ts';
import { parkedAt, starter } from '#tests/support/immobilizer.ts';
import { allEvents, requestOf, rightOf, smallFleet } from '#tests/support/ledger.ts';
import { acme, instant } from '#tests/support/samples.ts';

/** When every scene begins. */
export const began = instant('2026-03-02T20:00:00.000Z');

/** A reading of a vehicle that stands, made and received so many seconds after the beginning. */
export const parked = (at_s: number, change: Partial<Sighting> = {}): Sighting =>
  parkedAt(instantOf(epochMs(began) + at_s * 1_000), change);

const untold: RelayTrace = {
  record: { kind: 'none' },
  answer: null,
  output: null,
  connected: true,
};

/** What a relay in a test does with the n-th order, from 1. */
type Answering = (order: RelayOrder, n: number) => Awaited<ReturnType<ReturnType<Relay['send']>>>;

export interface SentOrder {
  readonly action: RelayOrder['action'];
  readonly at_ms: number;
}

/**
 * A vehicle with an immobilizer on a log in memory, a clock that the test moves, a relay that does what it
 * is told, and readings that arrive when they are due. `restart` is a process that died and came back:
 * nothing is left but the log.
 */
export const immobilizerScene = async (installed: Partial<typeof starter> = {}) => {
  const clock = { now_ms: epochMs(began), monotonic_ms: 0 };
  const pass = (ms: number): void => {
    clock.now_ms += ms;
    clock.monotonic_ms += ms;
  };
  const log = memoryLog();
  const hooks = {
    beforeAppend: (_types: readonly string[]) => {},
    afterAppend: async (_types: readonly string[]) => {},
  };
  const bare = memoryEventStore(log, () => clock.now_ms);
  const store: EventStore = {
    ...bare,
    append: (request) => async () => {
      hooks.beforeAppend(request.events.map(({ type }) => type));
      const done = await bare.append(request)();
      await hooks.afterAppend(request.events.map(({ type }) => type));
      return done;
    },
  };
  const open = (): Workspace =>
    workspace({
      store,
      vault: {
        put: () => async () => right([]),
        read: () => async () => right([]),
        erase: () => async () => right({ erased: [], held: [] }),
      },
      claimHash: { of: (claimed) => digestOf(claimed) },
      cache: stateCache({ entries_max: 100 }),
      now: () => instantOf(clock.now_ms),
      platformZone: Zone.parse('UTC'),
      observeConflict: () => {},
    });
  let ledger = open();
  const fleet = await smallFleet(ledger);
  const { vehicle } = fleet;
  const { id: installation } = rightOf(
    await installImmobilizer(ledger)(requestOf('install'), { vehicle, ...starter, ...installed }),
  );

  const readings: Sighting[] = [];
  const sightings: Sightings = {
    since:
      ({ from }) =>
      async () => {
        const now = instantOf(clock.now_ms);
        return right(
          readings
            .filter(({ at, receivedAt }) => receivedAt <= now && at >= from)
            .toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)),
        );
      },
  };
  const sent: SentOrder[] = [];
  const relay = {
    answer: ((): Awaited<ReturnType<ReturnType<Relay['send']>>> =>
      right(null)) satisfies Answering as Answering,
    trace: (_since: Instant, _action: RelayOrder['action']): RelayTrace => untold,
  };
  const parts = (): DrivingParts => ({
    workspace: ledger,
    sightings,
    relayOf: () => ({
      send: (order) => async () => {
        sent.push({ action: order.action, at_ms: clock.now_ms });
        return relay.answer(order, sent.length);
      },
      trace:
        ({ since, action }) =>
        async () =>
          right(relay.trace(since, action)),
      close: async () => {},
    }),
    newBlocksAllowed: newBlocksAllowed(ledger),
    monotonic_ms: () => clock.monotonic_ms,
    sleep: async (ms) => pass(ms),
    observe: (sighting) => {
      observed.push(sighting);
    },
  });
  const observed: JobSighting[] = [];

  const block = async (reason: BlockReason = 'safety_lockdown', waits = true): Promise<JobId> => {
    const asked = { vehicle, method: 'vialon_relay', reason, legalBasis: null, waits } as const;
    return rightOf(await requestBlock(ledger)(requestOf({ reason, n: sent.length }), asked)).id;
  };

  /** Drives a job until it is over, or so many seconds have passed. */
  const drive = async (job: JobId, for_s: number): Promise<void> => {
    const end_ms = clock.monotonic_ms + for_s * 1_000;
    const memory = { sent_ms: null, sends: 0 };
    while (clock.monotonic_ms <= end_ms) {
      const next = await driveJob(parts())({ tenant: acme, job }, memory);
      if (next.done) return;
      pass(Math.max(20, next.in_s * 1_000));
    }
  };

  return {
    clock,
    pass,
    ...{ hooks, store, readings, relay, sent, observed, fleet, vehicle, installation },
    ledger: () => ledger,
    parts,
    block,
    drive,
    /** Another process on the same log. */
    another: open,
    restart: (): void => {
      ledger = open();
    },
    /** The job as its vehicle's stream tells it. */
    job: async (id: JobId) => {
      const loaded = rightOf(await ledger.load(vehicleOf(acme, vehicle)));
      const found = loaded.state.vehicle?.immobilization.jobs.get(id);
      if (!found) throw new Error('no such job');
      return found;
    },
    engine: async (): Promise<string> => {
      const loaded = rightOf(await ledger.load(vehicleOf(acme, vehicle)));
      return loaded.state.vehicle?.immobilization.engine ?? 'none';
    },
    events: async (): Promise<LedgerEvent[]> => allEvents(store),
    types: async (): Promise<string[]> => (await allEvents(store)).map(({ type }) => type),
  };
};

export type Scene = Awaited<ReturnType<typeof immobilizerScene>>;

export const notDelivered = (reason: string, again: boolean) =>
  left({ code: 'NotDelivered', reason, again } as const);
export const ambiguous = left({ code: 'Ambiguous', reason: 'timeout' } as const);

/** The output of the device as the relay tells it, some time after the beginning. */
export const outputAt = (at_ms: number, blocked: boolean): RelayTrace => ({
  ...untold,
  output: { blocked, at: instantOf(at_ms) },
});

/** Has a vehicle tell that it stands, every ten seconds, from two minutes before the beginning on. */
export const standing = (scene: Scene, until_s = 600): void => {
  for (let at_s = -120; at_s <= until_s; at_s += 10) scene.readings.push(parked(at_s));
};
