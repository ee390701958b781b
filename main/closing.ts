import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { reactorMarks } from '#adapters/reactorMarks.ts';
import type { Closing } from '#commands/finance/closePeriod.ts';
import type { Unavailable } from '#commands/ports.ts';
import { Period } from '#domain/finance/period.ts';
import { DriverId, EventId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';
import type { OpenLedger } from './openLedger.ts';

const POSTED_WAIT_MS = 20_000;
const POLL_MS = 50;
const BOOKS_MAX = 200_000;
const DRIVERS_MAX = 200_000;
/** What makes facts that move money, then what makes entries of facts: one after the other. */
const REACTORS = ['settlements', 'depreciations', 'posting'];
/** The read models that say which books and drivers there are. */
const READ_MODELS = [
  'asset_timeline',
  'vehicles',
  'parks',
  'driver_account_entries',
  'book_months',
];

const Books = z.array(z.object({ park: ParkId, vehicle: VehicleId.nullable(), zone: Zone }));
const ForeignMonths = z.array(z.object({ vehicle: VehicleId.nullable(), period: Period }));
const Drivers = z.array(z.object({ driver: DriverId }));
const Events = z.array(z.object({ event: EventId })).max(1);

/** Waits until a reactor has acted on all that is in the log by now; answers how far that is. */
const reacted = async (
  { store, sql }: Pick<OpenLedger, 'store' | 'sql'>,
  reactor: string,
  end_ms: number,
): Promise<Either<Unavailable | { readonly code: 'Behind' }, bigint | null>> => {
  const head = await store.head()();
  if (isLeft(head) || head.right === null) return head;
  for (;;) {
    const mark = await reactorMarks(sql).read(reactor)();
    if (isLeft(mark)) return mark;
    if ((mark.right ?? -1n) >= head.right) return head;
    if (Date.now() > end_ms) return left({ code: 'Behind' });
    await sleep(POLL_MS);
  }
};

/** What closing asks of read models and of the reactors that move money, on the database of the product. */
export const closingOn = (
  open: Pick<OpenLedger, 'store' | 'sql'>,
  waiter: PositionWaiter,
): Closing => ({
  posted: async () => {
    const end_ms = Date.now() + POSTED_WAIT_MS;
    let position: bigint | null = null;
    for (const reactor of REACTORS) {
      const reached = await reacted(open, reactor, end_ms);
      if (isLeft(reached)) return reached;
      position = reached.right;
    }
    if (position === null) return right(null);
    for (const readModel of READ_MODELS) {
      const left_ms = Math.max(1, end_ms - Date.now());
      const reached = await waiter.waitFor({ readModel, position, timeout_ms: left_ms });
      if (isLeft(reached)) return left({ code: 'Behind' });
    }
    return right(null);
  },
  lastOf: async (tenant, key) => {
    const rows = await open.sql`
      select row->>'event' as event from asset_timeline
       where tenant = ${tenant} and subject = ${key} order by position desc limit 1`;
    return right(Events.parse(rows)[0]?.event ?? null);
  },
  booksOf: async (tenant, until) => {
    const rows = await open.sql`
      select row->>'park' as park, key as vehicle, row->>'zone' as zone from vehicles
       where tenant = ${tenant} and row->>'registeredAt' <= ${`${until}T23:59:59.999Z`}
      union all
      select key, null, row->>'zone' from parks where tenant = ${tenant}
       limit ${BOOKS_MAX}`;
    return right(Books.parse(rows));
  },
  foreignMonths: async (tenant, { park, own, until }) => {
    const rows = await open.sql`
      select row->>'vehicle' as vehicle, row->>'period' as period from book_months
       where tenant = ${tenant} and park = ${park} and period <= ${until}
         and exists (select from jsonb_array_elements(row->'totals') as total
                      where total->>'currency' <> ${own})
       limit ${BOOKS_MAX}`;
    return right(ForeignMonths.parse(rows));
  },
  driversOf: async (tenant, park) => {
    const rows = await open.sql`
      select distinct row->>'driver' as driver from driver_account_entries
       where tenant = ${tenant} and type = 'FareShareCredited' and row->>'park' = ${park}
       limit ${DRIVERS_MAX}`;
    return right(Drivers.parse(rows).map(({ driver }) => driver));
  },
});
