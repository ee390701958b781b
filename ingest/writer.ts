import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { groupCommit } from '#commands/groupCommit.ts';
import { deviceKey } from './bindings.ts';
import { deviceMemory, type MemoryDraft } from './deviceMemory.ts';
import type { Arrival, Bindings, Device, Intake, NotTaken, Stored } from './ports.ts';
import { type Incoming, type Prepared, prepare, refusedWhole } from './prepare.ts';
import type { Quarantined } from './quarantine.ts';
import type { TelemetryStore } from './store.ts';
import type { TelemetryRow } from './telemetryRow.ts';

/** Groups are sent as soon as one of two flights is free, so nothing waits while there is nothing to do. */
const GROUP_LIMITS = {
  group_items_max: 2_000,
  group_weight_max: 4_000,
  waiting_items_max: 50_000,
  waiting_max_ms: 10_000,
  flights_max: 2,
  shared_items_min: 16,
};

/** What may wait or be under way in memory: readings, of a kilobyte each or so, and bytes as they came. */
const READINGS_MAX = 100_000;
const RAW_MAX_BYTES = 64 * 1024 * 1024;
const DEVICES_REMEMBERED = 100_000;
const SAMPLING_INTERVAL_MS = 5_000;

/** What became of an arrival, and for what reasons parts of it are in quarantine. */
export interface Settled {
  readonly stored: Stored;
  readonly reasons: readonly Pick<Quarantined, 'ident' | 'code'>[];
}

type Outcome = Either<NotTaken, Settled>;

interface Deps {
  readonly store: Pick<TelemetryStore, 'append'>;
  readonly bindings: Bindings;
  /** The least interval between two readings of a device that are kept; 0: all are. */
  readonly sampling_interval_ms?: number;
  /** Told the rows that are new, once they are durable, in no order to rely upon. Must not throw. */
  readonly heard?: (rows: readonly TelemetryRow[]) => void;
  /** Told why the database would not have a row: a mistake of ours, to be logged. */
  readonly refused?: (error: unknown) => void;
}

/** Takes arrivals, and again what was in quarantine. */
export interface Writer extends Intake {
  /** As `take`, for an arrival out of quarantine: nothing is sampled, nothing counted once more. */
  readonly again: (arrival: Arrival) => () => Promise<Outcome>;
  /** Ends when nothing waits and nothing is under way. */
  readonly drained: () => Promise<void>;
}

const settledOf = (
  { rows, sampled, quarantined }: Prepared,
  { repeated }: { readonly repeated: number },
): Settled => ({
  stored: {
    stored: rows.length - repeated,
    repeated,
    sampled,
    quarantined: quarantined.reduce((sum, { elements }) => sum + elements, 0),
  },
  reasons: quarantined,
});

/** The devices that tell something, each once. */
const devicesIn = (incoming: readonly Incoming[]): readonly Device[] => {
  const devices = new Map<string, Device>();
  for (const { arrival } of incoming) {
    for (const { ident } of arrival.readings) {
      const device = { tenant: arrival.tenant, ident };
      devices.set(deviceKey(device), device);
    }
  }
  return [...devices.values()];
};

/** Puts prepared arrivals into the store in one go; throws where the database would not have one of them. */
const storeAll = async (
  { store, heard }: Pick<Deps, 'store' | 'heard'>,
  prepared: readonly Prepared[],
): Promise<readonly Outcome[]> => {
  const rows = prepared.flatMap((each) => each.rows);
  const quarantined = prepared.flatMap((each) => each.quarantined);
  const kept =
    rows.length + quarantined.length === 0
      ? right({ repeated: [] })
      : await store.append({ rows, quarantined })();
  if (isLeft(kept)) {
    const { detail } = kept.left;
    return prepared.map(() => left({ code: 'Unavailable', detail }));
  }
  const repeated = new Set(kept.right.repeated);
  let place = 0;
  const outcomes = prepared.map((each) => {
    const first = place;
    place += each.rows.length;
    let count = 0;
    for (let row = first; row < place; row += 1) if (repeated.has(row)) count += 1;
    return right(settledOf(each, { repeated: count }));
  });
  heard?.(repeated.size === 0 ? rows : rows.filter((_, row) => !repeated.has(row)));
  return outcomes;
};

/**
 * The way from the listeners into the store. While one group of arrivals is under way the next gathers, so
 * that many share a transaction; each is answered when it is durable. Where the database will not have a row,
 * its arrival alone goes into quarantine and the others of its group go on.
 */
export const telemetryWriter = (deps: Deps): Writer => {
  const interval_us = (deps.sampling_interval_ms ?? SAMPLING_INTERVAL_MS) * 1_000;
  const memory = deviceMemory({ devices_max: DEVICES_REMEMBERED });
  let readings = 0;
  let raw_bytes = 0;

  const prepareAll = async (incoming: readonly Incoming[], draft: MemoryDraft) => {
    const known = await deps.bindings.ofDevices(devicesIn(incoming))();
    if (isLeft(known)) return known;
    return right(incoming.map(prepare({ bindingsOf: known.right, memory: draft, interval_us })));
  };

  /** Commits a group; where the database will not have a row, each arrival on its own. */
  const commitGroup = async (incoming: readonly Incoming[]): Promise<readonly Outcome[]> => {
    const draft = memory.draft();
    const prepared = await prepareAll(incoming, draft);
    if (isLeft(prepared)) {
      const { detail } = prepared.left;
      return incoming.map(() => left({ code: 'Unavailable', detail }));
    }
    try {
      const outcomes = await storeAll(deps, prepared.right);
      if (outcomes.every(isRight)) draft.settle();
      return outcomes;
    } catch (error) {
      if (incoming.length > 1) return oneByOne(incoming);
      deps.refused?.(error);
      return storeAll(deps, incoming.map(refusedWhole));
    }
  };

  const oneByOne = async (incoming: readonly Incoming[]): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const each of incoming) outcomes.push(...(await commitGroup([each])));
    return outcomes;
  };

  const group = groupCommit<Incoming, Outcome>({
    limits: GROUP_LIMITS,
    commit: commitGroup,
    refused: (detail) => left({ code: 'Overloaded', detail }),
    failed: (error) => {
      throw error;
    },
  });

  const submit = async (incoming: Incoming): Promise<Outcome> => {
    const { arrival } = incoming;
    const weight = arrival.readings.length + arrival.rejects.length;
    const tooMuch =
      readings + weight > READINGS_MAX || raw_bytes + arrival.raw.length > RAW_MAX_BYTES;
    if (tooMuch) return left({ code: 'Overloaded', detail: 'memory_full' });
    readings += weight;
    raw_bytes += arrival.raw.length;
    try {
      return await group.submit(incoming, weight);
    } finally {
      readings -= weight;
      raw_bytes -= arrival.raw.length;
    }
  };

  return {
    take: (arrival) => async () => {
      const outcome = await submit({ arrival, replay: false });
      return isLeft(outcome) ? outcome : right(outcome.right.stored);
    },
    again: (arrival) => () => submit({ arrival, replay: true }),
    drained: group.drained,
  };
};
