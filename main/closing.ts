import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { reactorMarks } from '#adapters/reactorMarks.ts';
import type { Closing } from '#commands/finance/closePeriod.ts';
import { EventId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';
import type { OpenLedger } from './openLedger.ts';

const POSTED_WAIT_MS = 20_000;
const POLL_MS = 50;
const BOOKS_MAX = 200_000;
/** The reactor that posts is the one whose mark says how far the journal has got. */
const POSTING = 'posting';

const Books = z.array(z.object({ park: ParkId, vehicle: VehicleId.nullable(), zone: Zone }));
const Events = z.array(z.object({ event: EventId })).max(1);

/** What closing asks of read models and of the reactor that posts, on the database of the product. */
export const closingOn = (
  { store, sql }: Pick<OpenLedger, 'store' | 'sql'>,
  waiter: PositionWaiter,
): Closing => ({
  posted: async () => {
    const head = await store.head()();
    if (isLeft(head)) return head;
    if (head.right === null) return right(null);
    const position = head.right;
    const end_ms = Date.now() + POSTED_WAIT_MS;
    for (;;) {
      const mark = await reactorMarks(sql).read(POSTING)();
      if (isLeft(mark)) return mark;
      if ((mark.right ?? -1n) >= position) break;
      if (Date.now() > end_ms) return left({ code: 'Behind' });
      await sleep(POLL_MS);
    }
    for (const readModel of ['asset_timeline', 'vehicles', 'parks']) {
      const left_ms = Math.max(1, end_ms - Date.now());
      const reached = await waiter.waitFor({ readModel, position, timeout_ms: left_ms });
      if (isLeft(reached)) return left({ code: 'Behind' });
    }
    return right(null);
  },
  lastOf: async (tenant, key) => {
    const rows = await sql`
      select row->>'event' as event from asset_timeline
       where tenant = ${tenant} and subject = ${key} order by position desc limit 1`;
    return right(Events.parse(rows)[0]?.event ?? null);
  },
  booksOf: async (tenant, until) => {
    const rows = await sql`
      select row->>'park' as park, key as vehicle, row->>'zone' as zone from vehicles
       where tenant = ${tenant} and row->>'registeredAt' <= ${`${until}T23:59:59.999Z`}
      union all
      select key, null, row->>'zone' from parks where tenant = ${tenant}
       limit ${BOOKS_MAX}`;
    return right(Books.parse(rows));
  },
});
