import { z } from 'zod';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, WireInstant } from '#api/fields.ts';
import {
  concerning,
  inPark,
  NoQuery,
  paging,
  type Readings,
  read,
  span,
  viewOf,
} from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { amendTrip, endTrip, recordTrip, startTrip, voidTrip } from '#commands/trips.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Distance_m, Duration_s, Odometer_m, Speed_kmh } from '#domain/kernel/fields.ts';
import { TripId, VehicleId } from '#domain/kernel/ids.ts';
import { TripAmendReason, TripVoidReason } from '#domain/trips/events.ts';
import { TripRow, trips } from '#projections/trips.ts';

const report = {
  distance_m: Distance_m,
  max_speed_kmh: Speed_kmh,
  over_limit_s: Duration_s.nullable().default(null),
};
const NewTrip = z
  .strictObject({
    vehicle_id: VehicleId,
    odometer_m: Odometer_m.nullable().optional(),
    occurred_at: OccurredAt,
    ended_at: WireInstant.optional().meta({
      description: 'For a trip that is over: then occurred_at and the measures are needed too.',
    }),
    distance_m: Distance_m.optional(),
    max_speed_kmh: Speed_kmh.optional(),
    over_limit_s: Duration_s.nullable().optional(),
  })
  .superRefine((trip, context) => {
    const isOver = trip.ended_at !== undefined;
    const need = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    for (const field of ['occurred_at', 'distance_m', 'max_speed_kmh'] as const) {
      if (isOver && trip[field] === undefined) need(field, 'is needed for a trip that is over');
    }
    for (const field of ['distance_m', 'max_speed_kmh', 'over_limit_s'] as const) {
      if (!isOver && trip[field] !== undefined) need(field, 'is known only with ended_at');
    }
    if (isOver && trip.odometer_m !== undefined) need('odometer_m', 'is for a trip that starts');
  });
const Arrival = z.strictObject({
  ...report,
  odometer_m: Odometer_m.nullable().default(null),
  occurred_at: OccurredAt,
});
const Amendment = z.strictObject({
  ...report,
  reason: TripAmendReason,
  occurred_at: WireInstant.optional().meta({
    description: 'When the trip really started. Left out: the start stays.',
  }),
  ended_at: WireInstant,
});
const Void = z.strictObject({ reason: TripVoidReason });

const tag = 'trips';
const params = z.strictObject({ trip_id: TripId });

const begin = (app: App, workspace: Workspace): void => {
  app.post(
    '/trips',
    command({
      tag,
      summary: 'Start a trip; with ended_at, record a whole one',
      makes: true,
      params: NoParams,
      body: NewTrip,
      target: 'vehicle_id',
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, odometer_m = null, occurred_at } = request.body;
      const { ended_at: endedAt, distance_m, max_speed_kmh, over_limit_s = null } = request.body;
      const at = occurred_at ?? workspace.now();
      const asking = asked(request);
      if (endedAt === undefined || distance_m === undefined || max_speed_kmh === undefined) {
        const started = await startTrip(workspace)(asking, { vehicle, odometer_m, at });
        return created('trips')(reply, started);
      }
      const measured = { distance_m, max_speed_kmh, over_limit_s };
      const whole = { vehicle, at, endedAt, report: measured, concluded: null };
      return created('trips')(reply, await recordTrip(workspace)(asking, whole));
    },
  );
};

const finish = (app: App, workspace: Workspace): void => {
  app.post(
    '/trips/:trip_id/end',
    command({ tag, summary: 'End a trip', params, body: Arrival }),
    step(workspace, (asking, { trip_id: trip, odometer_m, at, occurred_at: _, ...measured }) =>
      endTrip(workspace)(asking, { trip, report: measured, odometer_m, at }),
    ),
  );
  app.post(
    '/trips/:trip_id/amend',
    command({ tag, summary: 'Correct what is known of a trip', params, body: Amendment }),
    async (request, reply) => {
      const { trip_id: trip } = request.params;
      const { reason, occurred_at: at = null, ended_at: endedAt, ...measured } = request.body;
      const amendment = { trip, at, endedAt, report: measured, evidence: null, reason };
      return answer(reply, await amendTrip(workspace)(asked(request), amendment));
    },
  );
  app.post(
    '/trips/:trip_id/void',
    command({ tag, summary: 'Strike out a trip that never was', params, body: Void }),
    async (request, reply) => {
      const { trip_id: trip } = request.params;
      const { reason } = request.body;
      return answer(reply, await voidTrip(workspace)(asked(request), { trip, reason }));
    },
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, trips, inPark);
  const reads = [trips.name];
  const status = TripRow.shape.status.optional();
  const Query = z.strictObject({ ...concerning, status, ...span, ...paging });
  app.get(
    '/trips',
    read({ tag, summary: 'List trips', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, 'started_at'),
  );
  app.get(
    '/trips/:trip_id',
    read({ tag, summary: 'See a trip', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ trip_id: trip }) => ({ key: trip, unknown: { code: 'TripUnknown', trip } })),
  );
};

/** Trips: as they happen, told afterwards, and corrected. */
export const tripRoutes = (app: App, { workspace, readings }: Parts): void => {
  begin(app, workspace);
  finish(app, workspace);
  views(app, readings);
};
