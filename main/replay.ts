import { isLeft } from 'fp-ts/lib/Either.js';
import type { AssetState } from '#audit/assetState.ts';
import { assetHistory, type HistoryEntry, type KnownAt } from '#audit/history.ts';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import { decodeFact } from '#domain/events.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import { type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';

/** An event of an asset's history, with where it lies. */
export interface ReplayedEvent extends HistoryEntry {
  readonly id: EventId;
  readonly stream: string;
  readonly revision: bigint;
}

/**
 * Every event with an asset's key, read from the log itself and from nothing that is computed from it: an
 * auditor need not believe a read model. Throws while the log is away.
 */
export const assetEvents = async (
  store: EventStore,
  { tenant, key }: { readonly tenant: Tenant; readonly key: SubjectKey },
): Promise<readonly ReplayedEvent[]> => {
  const found: ReplayedEvent[] = [];
  const quoted = `"${key}"`;
  let after: bigint | null = null;
  let recorded_ms = 0;
  for (;;) {
    const page = await store.readAll({ after, limit: READ_EVENTS_MAX })();
    if (isLeft(page)) throw new Error(`the log is away: ${page.left.detail}`);
    for (const record of page.right) {
      recorded_ms = Math.max(recorded_ms, record.rawTime_ms);
      if (!record.text.includes(quoted)) continue;
      const event = parseEvent(record.text);
      if (event.tenant !== tenant || !event.keys.includes(key)) continue;
      const { position, stream, revision } = record;
      const recordedAt = instantOf(recorded_ms);
      found.push({ id: event.id, stream, revision, position, recordedAt, fact: decodeFact(event) });
    }
    const last = page.right.at(-1);
    if (!last) return found;
    after = last.position;
  }
};

const isScalar = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

/** What an event says, in short: its plain values but for the ids that every event of the asset repeats. */
const gist = (data: Readonly<Record<string, unknown>>): string =>
  Object.entries(data)
    .filter(
      ([name]) => !['vehicle', 'park', 'factHash', 'operation', 'digest', 'basis'].includes(name),
    )
    .map(([name, value]) => {
      if (value === null) return '';
      if (isScalar(value)) return `${name} ${String(value).replace(/^[0-9a-f-]{36}~/, '~')}`;
      return `${name} ${canonicalJson(value).replaceAll(/["{}]/g, '').replaceAll(',', ' ')}`;
    })
    .filter((text) => text !== '')
    .join(', ');

const stateLines = (state: AssetState): readonly string[] => {
  const { vehicle, status, custody, openTrip, openRepairs, totals } = state;
  const sums = (sum: readonly { amount: string; currency: string }[]) =>
    sum.map(({ amount, currency }) => `${amount} ${currency}`).join(' + ') || '0';
  return [
    `${vehicle.make} ${vehicle.model} (${vehicle.year}), park ${vehicle.park}, ${status}`,
    custody ? `with driver ${custody.driver} since ${custody.since}` : 'with nobody',
    openTrip ? `on trip ${openTrip.trip} since ${openTrip.since}` : 'standing',
    `${openRepairs.length} repairs open, ${totals.repairs} done for ${sums(totals.repairCosts)} (minor units)`,
    `${totals.trips} trips, ${(totals.distance_m / 1_000).toFixed(1)} km, ${totals.rentals} rentals`,
    `${totals.incidents} violations and incidents, ${totals.fines} fines of ${sums(totals.fined)} (minor units)`,
  ];
};

/** A history as known and as true at some moment, as lines for a reader. */
export const replayText = (
  events: readonly ReplayedEvent[],
  asked: { readonly known: KnownAt; readonly trueAt: Instant | null },
): readonly string[] => {
  const history = assetHistory(events, asked);
  const lines = history.events.map(({ fact, recordedAt, position }) => {
    const { at, localDate } = fact.when;
    const late =
      recordedAt.slice(0, 10) > localDate ? `  (recorded ${recordedAt.slice(0, 10)})` : '';
    const place = String(position).padStart(8);
    return `${place}  ${at.slice(0, 19).replace('T', ' ')}  ${fact.type.padEnd(24)} ${gist(fact.data)}${late}`;
  });
  const summary = history.state ? stateLines(history.state) : ['not registered yet'];
  return [...lines, '', ...summary.map((line) => `= ${line}`)];
};

/** The same as JSON: the events in the order in which they act, and the state they add up to. */
export const replayJson = (
  events: readonly ReplayedEvent[],
  asked: { readonly known: KnownAt; readonly trueAt: Instant | null },
): string => {
  const history = assetHistory(events, asked);
  return JSON.stringify(
    history,
    (_, value: unknown) => {
      if (typeof value === 'bigint') return value.toString();
      if (value instanceof Map) return [...value.values()];
      return value instanceof Set ? [...value] : value;
    },
    2,
  );
};
