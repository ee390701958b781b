import { z } from 'zod';
import { AssetReply, assetReply } from '#api/assetReply.ts';
import { callerOf } from '#api/caller.ts';
import { PageLimit } from '#api/fields.ts';
import { twoTimes } from '#api/knownPosition.ts';
import { LoggedEvent, loggedEvent } from '#api/loggedEvent.ts';
import { refuse } from '#api/problem.ts';
import { inPark, type Readings, read, viewOf } from '#api/reading.ts';
import { endOfHistory, knownUpTo } from '#api/subjectHistory.ts';
import type { App } from '#api/zod.ts';
import { assetHistory } from '#audit/history.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import type { ProjectedEvent } from '#projections/projection.ts';
import type { EventsOfSubject } from '#projections/refold.ts';
import { vehicles } from '#projections/vehicles.ts';

const Place = z.coerce.number().int().min(0).max(10_000_000).default(0);
const Query = z.strictObject({
  ...twoTimes,
  after: Place.meta({ description: 'The `next` of the page before, with the same times.' }),
  limit: PageLimit,
});
const Reply = z.strictObject({
  asset_id: VehicleId,
  known_position: z.string().meta({
    description: 'Send it as `known_at` to see the very same history again, or its further pages.',
  }),
  true_at: Instant.nullable(),
  events_in_all: z.int(),
  events: z.array(LoggedEvent.extend({ acts_at: Instant })),
  next: z.string().nullable(),
  state: AssetReply.nullable().meta({
    description: 'What all the events add up to, not only those of this page; null: not there yet.',
  }),
});

const told = (event: ProjectedEvent & { readonly actsAt: Instant }) => ({
  ...loggedEvent(event),
  acts_at: event.actsAt,
});

/**
 * GET /assets/{id}/history: the events of an asset, as known and as true at any moment, and what they add
 * up to.
 */
export const assetRoutes = (
  app: App,
  readings: Readings,
  eventsOfSubject: EventsOfSubject,
): void => {
  const view = viewOf(readings, vehicles, inPark);
  app.get(
    '/assets/:vehicle_id/history',
    read({
      tag: 'assets',
      summary: 'An asset’s whole history, as known and as true at any moment',
      params: z.strictObject({ vehicle_id: VehicleId }),
      query: Query,
      reply: Reply,
      reads: [vehicles.name, assetTimeline.name],
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { known_at, true_at: trueAt = null, after, limit } = request.query;
      const row = await view.row(request, vehicle);
      const end = row && (await endOfHistory(readings, request, assetKey(vehicle)));
      if (end === null) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const { tenant } = callerOf(request);
      const all = await eventsOfSubject(tenant, assetKey(vehicle), end);
      if (all === null) return refuse(reply, { code: 'ProjectionBehind' });
      const position = knownUpTo(all, known_at);
      const { events, state } = assetHistory(all, { known: { position }, trueAt });
      const until = after + limit;
      return reply.send({
        asset_id: vehicle,
        known_position: String(position),
        true_at: trueAt,
        events_in_all: events.length,
        events: events.slice(after, until).map(told),
        next: until < events.length ? String(until) : null,
        state: state && assetReply(state),
      });
    },
  );
};
