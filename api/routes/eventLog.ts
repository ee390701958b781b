import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { LoggedEvent, loggedEvent } from '#api/loggedEvent.ts';
import { refuse } from '#api/problem.ts';
import { inPark, paging, type Readings, read, span, viewOf, within } from '#api/reading.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import type { EventStore, Unavailable } from '#commands/ports.ts';
import { DriverId, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, LocalDate } from '#domain/kernel/instant.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { type AssetTimelineRow, assetTimeline } from '#projections/assetTimeline.ts';
import { DriverDayRow, driverDay } from '#projections/driverDay.ts';
import { drivers } from '#projections/drivers.ts';
import { projectedEvent } from '#projections/logEntry.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

const tag = 'event_log';
const READS_AT_ONCE_MAX = 16;
const rising = { column: 'occurred_at', direction: 'rising' } as const;

/** Bookkeeping of the ledger itself, which says nothing of the vehicle. */
const bookkeeping = new Set([
  'ClaimTaken',
  'ClaimReleased',
  'VehicleClaimAbandoned',
  'LogbookClosed',
]);

const ofDriver = (app: App, readings: Readings): void => {
  const known = viewOf(readings, drivers, inPark);
  const { schema, write } = wireOf(DriverDayRow);
  const Query = z.strictObject({ date: LocalDate, ...paging });
  app.get(
    '/event_log/driver/:driver_id',
    read({
      tag,
      summary: 'What happened to a driver on a day of the calendar, where it happened',
      params: z.strictObject({ driver_id: DriverId }),
      query: Query,
      reply: z.strictObject({
        driver_id: DriverId,
        date: LocalDate,
        events: z.array(schema),
        next: z.string().nullable(),
      }),
      reads: [drivers.name, driverDay.name],
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { date, after, limit } = request.query;
      const row = await known.row(request, driver);
      if (!row) return refuse(reply, { code: 'DriverUnknown', driver });
      const filters = [
        { column: 'driver', is: driver },
        { column: 'local_date', is: date },
      ];
      const { tenant } = callerOf(request);
      const cursor = after ?? null;
      const found = await readings.page(driverDay, {
        tenant,
        filters,
        order: rising,
        cursor,
        limit,
      });
      const events = found.rows.map((each) => write(each.row));
      return reply.send({ driver_id: driver, date, events, next: found.next });
    },
  );
};

const eventAt =
  ({ readStream }: EventStore) =>
  async ({
    stream,
    revision,
    recordedAt,
  }: AssetTimelineRow): Promise<Either<Unavailable, LoggedEvent>> => {
    const found = await readStream({ stream, from: BigInt(revision), limit: 1 })();
    if (isLeft(found)) return found;
    const [record] = found.right;
    if (!record) throw new Error(`${stream} has no revision ${revision}`);
    return right(loggedEvent(projectedEvent(record, epochMs(recordedAt))));
  };

/** The events that some rows of the timeline name, in the same order. */
const eventsOf =
  (store: EventStore) =>
  async (rows: readonly AssetTimelineRow[]): Promise<Either<Unavailable, LoggedEvent[]>> => {
    const events: LoggedEvent[] = [];
    for (let at = 0; at < rows.length; at += READS_AT_ONCE_MAX) {
      const some = await Promise.all(rows.slice(at, at + READS_AT_ONCE_MAX).map(eventAt(store)));
      for (const one of some) {
        if (isLeft(one)) return one;
        events.push(one.right);
      }
    }
    return right(events);
  };

const ofVehicle = (app: App, { readings, workspace }: Parts): void => {
  const known = viewOf(readings, vehicles, inPark);
  app.get(
    '/event_log/vehicle/:vehicle_id',
    read({
      tag,
      summary: 'What happened to a vehicle, in the order in which it happened',
      params: z.strictObject({ vehicle_id: VehicleId }),
      query: z.strictObject({ ...span, ...paging }),
      reply: z.strictObject({
        vehicle_id: VehicleId,
        events: z.array(LoggedEvent),
        next: z.string().nullable(),
      }),
      reads: [vehicles.name, assetTimeline.name],
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { after, limit, ...times } = request.query;
      const row = await known.row(request, vehicle);
      if (!row) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const { rows, next } = await readings.page(assetTimeline, {
        tenant: callerOf(request).tenant,
        filters: [{ column: 'subject', is: assetKey(vehicle) }, ...within('occurred_at', times)],
        order: rising,
        cursor: after ?? null,
        limit,
      });
      const told = rows.map((each) => each.row).filter(({ type }) => !bookkeeping.has(type));
      const events = await eventsOf(workspace.store)(told);
      if (isLeft(events)) return refuse(reply, events.left);
      return reply.send({ vehicle_id: vehicle, events: events.right, next });
    },
  );
};

/** The event log: what happened to whom, by day, and to what. */
export const eventLogRoutes = (app: App, parts: Parts): void => {
  ofDriver(app, parts.readings);
  ofVehicle(app, parts);
};
