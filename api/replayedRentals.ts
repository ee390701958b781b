import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { ReadStream } from '#commands/access.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Replayed } from '#commands/simulateRules.ts';
import type { Held } from '#domain/access/held.ts';
import type { DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { parkKey } from '#domain/kernel/subjects.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { parks } from '#projections/parks.ts';
import type { Projection } from '#projections/projection.ts';
import type { ColumnFilter } from '#projections/query.ts';
import { type RentalRow, rentals } from '#projections/rentals.ts';
import type { Readings } from './reading.ts';

const PAGE_ROWS = 1_000;
const DRIVERS_MAX = 10_000;
const RENTALS_MAX = 20_000;

/** Whose rentals of which period: in one park, or, null, in all that the caller may see. */
export interface Period {
  readonly tenant: Tenant;
  readonly from: Instant;
  readonly to: Instant;
  readonly park: ParkId | null;
  readonly mayActIn: (park: ParkId) => boolean;
}

/** What there is to replay; `truncated` says that there is more than may be replayed at once. */
export interface ToReplay {
  readonly replayed: readonly Replayed[];
  readonly truncated: boolean;
}

/** All rows that meet some filters, a page at a time. */
async function* rowsOf<Row>(
  { page }: Pick<Readings, 'page'>,
  projection: Projection<Row>,
  { tenant, filters }: { tenant: Tenant; filters: readonly ColumnFilter[] },
): AsyncGenerator<Row> {
  for (let cursor: string | null = null; ; ) {
    const asked = { tenant, filters, order: null, cursor, limit: PAGE_ROWS };
    const found: Awaited<ReturnType<typeof page<Row>>> = await page(projection, asked);
    for (const { row } of found.rows) yield row;
    cursor = found.next;
    if (cursor === null) return;
  }
}

/** What is gathered, each thing once, until there is too much of it. */
const gathering = () => {
  const found = new Map<string, Replayed>();
  const drivers = new Set<DriverId>();
  let truncated = false;
  return {
    put: (each: Replayed): void => {
      const key = `${each.driver} ${each.vehicle} ${each.from}`;
      const known = found.get(key);
      const isFull =
        (!known && found.size >= RENTALS_MAX) ||
        (!drivers.has(each.driver) && drivers.size >= DRIVERS_MAX);
      if (isFull) {
        truncated = true;
        return;
      }
      drivers.add(each.driver);
      // A decision knows of the driver's rest, and the rental that came of it when it ended.
      found.set(key, known ? { ...known, rest_s: each.rest_s } : each);
    },
    done: (): ToReplay => ({
      replayed: [...found.values()].toSorted((one, other) => (one.from < other.from ? -1 : 1)),
      truncated,
    }),
  };
};

const replayedOf = ({ rental, driver, vehicle, startedAt, endedAt }: RentalRow): Replayed => ({
  rental,
  driver,
  vehicle,
  from: startedAt,
  to: endedAt,
  rest_s: null,
});

/** Rentals that began in the period, and those that ran when it began. */
async function* rentalsOf(readings: Readings, period: Period): AsyncGenerator<RentalRow> {
  const { tenant, from, to, park, mayActIn } = period;
  const own = park === null ? [] : [{ column: 'park', is: park }];
  const before = { column: 'started_at', below: from };
  const choices: readonly (readonly ColumnFilter[])[] = [
    [{ column: 'started_at', from, below: to }],
    [before, { column: 'ended_at', from }],
    [before, { column: 'status', is: 'open' }],
  ];
  for (const chosen of choices) {
    for await (const row of rowsOf(readings, rentals, { tenant, filters: [...own, ...chosen] })) {
      if (row.status !== 'voided' && mayActIn(row.park)) yield row;
    }
  }
}

const parksOf = async (readings: Readings, period: Period): Promise<readonly ParkId[]> => {
  const { tenant, park, mayActIn } = period;
  if (park !== null) return [park];
  const found: ParkId[] = [];
  for await (const row of rowsOf(readings, parks, { tenant, filters: [] })) found.push(row.park);
  return found.filter(mayActIn);
};

const decisionIn = (held: Held | undefined): Replayed | null => {
  if (held?.fact.type !== 'AccessDecided') return null;
  const { driver, vehicle, rest_s } = held.fact.data;
  return { rental: null, driver, vehicle, from: held.fact.when.at, to: null, rest_s };
};

/**
 * Every rental of a period that was not struck out, and every decision that was recorded in it, also where no
 * rental came of it.
 */
export const rentalsToReplay =
  (readings: Readings, read: ReadStream) =>
  async (period: Period): Promise<Either<Unavailable, ToReplay>> => {
    const { tenant, from, to } = period;
    const gathered = gathering();
    for await (const row of rentalsOf(readings, period)) gathered.put(replayedOf(row));
    for (const park of await parksOf(readings, period)) {
      const filters = [
        { column: 'subject', is: parkKey(park) },
        { column: 'occurred_at', from, below: to },
        { column: 'type', is: 'AccessDecided' },
      ];
      for await (const row of rowsOf(readings, assetTimeline, { tenant, filters })) {
        const stream = await read(row.stream);
        if (isLeft(stream)) return stream;
        const taken = decisionIn(stream.right[Number(row.revision)]);
        if (taken) gathered.put(taken);
      }
    }
    return right(gathered.done());
  };
