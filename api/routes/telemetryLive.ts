import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, mayActIn } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { WirePosition } from '#api/fields.ts';
import { liveStreams } from '#api/liveStreams.ts';
import { type KeptTelemetry, NOBODY } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import { paging, read } from '#api/reading.ts';
import { type Looking, recordLooking } from '#api/recordLooking.ts';
import { NowReply, nowReply } from '#api/telemetryReply.ts';
import { vehicleScope, type WantedVehicles } from '#api/vehicleScope.ts';
import { type StreamPace, vehicleStream } from '#api/vehicleStream.ts';
import type { App } from '#api/zod.ts';
import type { Unavailable } from '#commands/ports.ts';
import { ParkId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { fleetNow } from '#ingest/fleetNow.ts';
import { TELEMETRY_READ_MAX } from '#ingest/store.ts';
import type { VehicleNow } from '#ingest/vehicleNow.ts';
import { parks } from '#projections/parks.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

const STREAMS_MAX = 200;

type Given = Pick<Parts, 'readings'> &
  Looking & { readonly kept: KeptTelemetry; readonly streamPace: StreamPace };

const Count = z.int().min(0);
const Fleet = z
  .strictObject({
    park_id: ParkId,
    at: z.iso.datetime(),
    vehicles: Count,
    moving: Count,
    idling: Count,
    standing: Count,
    silent: Count,
  })
  .meta({ id: 'FleetNow', description: 'Live, and not kept: features are reckoned from the log.' });
const Page = z.strictObject({ items: z.array(NowReply), next: z.string().nullable() });

/** A park that the caller may look into; none is named as one that is not there. */
const parkKnown =
  ({ readings }: Given) =>
  async (request: FastifyRequest, park: ParkId): Promise<boolean> => {
    const caller = callerOf(request);
    if (!mayActIn(caller)(park)) return false;
    return (await readings.row(parks, { tenant: caller.tenant, key: park })) !== null;
  };

const snapshot = (app: App, given: Given): void => {
  const { readings, kept } = given;
  const isKnown = parkKnown(given);
  const record = recordLooking(given);
  app.get(
    '/telemetry/now',
    read({
      tag: 'telemetry',
      summary: 'What is known of vehicles by now; those that never told anything are left out',
      params: NoParams,
      query: z.strictObject({ park_id: ParkId.optional(), ...paging }),
      reply: Page,
      reads: [vehicles.name, parks.name],
    }),
    async (request, reply) => {
      const { park_id: park, after, limit } = request.query;
      const caller = callerOf(request);
      if (park !== undefined && !(await isKnown(request, park))) {
        return refuse(reply, { code: 'ParkUnknown', park });
      }
      const recorded = await record(request, park ?? NOBODY);
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const filters = park === undefined ? [] : [{ column: 'park', is: park }];
      const page = { tenant: caller.tenant, filters, order: null, cursor: after ?? null, limit };
      const found = await readings.page(vehicles, page);
      const parkOf = new Map(found.rows.map(({ row }) => [row.vehicle, row.park]));
      const theirs = found.rows.filter(({ row }) => mayActIn(caller)(row.park));
      const ids = theirs.map(({ row }) => row.vehicle);
      const known = await kept.store.now({ tenant: caller.tenant, vehicles: ids })();
      if (isLeft(known)) return refuse(reply, known.left);
      const at_us = Date.now() * 1_000;
      const items = known.right.map((now) =>
        nowReply(now, { park_id: parkOf.get(now.vehicle) ?? null, at_us }),
      );
      reply.header('cache-control', 'no-store');
      return reply.send({ items, next: found.next });
    },
  );
};

const StreamQuery = z.strictObject({
  park_id: ParkId.optional(),
  vehicle_id: VehicleId.optional(),
});
const StreamHeaders = z.looseObject({
  'last-event-id': z.string().optional().meta({
    description: 'The last id that a stream before told: only what changed since is told again.',
  }),
});

/** The states of vehicles, as many at once as the store gives. */
const statesOf = async (
  { store }: KeptTelemetry,
  tenant: Tenant,
  fleet: readonly VehicleId[],
): Promise<Either<Unavailable, readonly VehicleNow[]>> => {
  const states: VehicleNow[] = [];
  for (let from = 0; from < fleet.length; from += TELEMETRY_READ_MAX) {
    const vehicles = fleet.slice(from, from + TELEMETRY_READ_MAX);
    const found = await store.now({ tenant, vehicles })();
    if (isLeft(found)) return found;
    states.push(...found.right);
  }
  return right(states);
};

const fleet = (app: App, given: Given): void => {
  const { readings, kept } = given;
  const isKnown = parkKnown(given);
  const scopeOf = vehicleScope(readings);
  app.get(
    '/telemetry/fleet',
    read({
      tag: 'telemetry',
      summary: 'How many vehicles of a park move, idle, stand or are silent at this moment',
      params: NoParams,
      query: z.strictObject({ park_id: ParkId }),
      reply: Fleet,
      reads: [vehicles.name, parks.name],
    }),
    async (request, reply) => {
      const { park_id: park } = request.query;
      const caller = callerOf(request);
      if (!(await isKnown(request, park))) return refuse(reply, { code: 'ParkUnknown', park });
      const scope = [...((await scopeOf(caller, { park, vehicle: null })) ?? [])];
      const states = await statesOf(kept, caller.tenant, scope);
      if (isLeft(states)) return refuse(reply, states.left);
      const at_ms = Date.now();
      reply.header('cache-control', 'no-store');
      return reply.send({
        park_id: park,
        at: new Date(at_ms).toISOString(),
        ...fleetNow(scope, states.right, at_ms * 1_000),
      });
    },
  );
};

const stream = (app: App, given: Given): void => {
  const { readings, kept, streamPace } = given;
  const isKnown = parkKnown(given);
  const record = recordLooking(given);
  const follow = liveStreams(app, { streams_max: STREAMS_MAX });
  const scopeOf = vehicleScope(readings);
  app.get(
    '/telemetry/stream',
    {
      config: { reads: [vehicles.name, parks.name] },
      schema: {
        tags: ['telemetry'],
        summary: 'What is known of vehicles, and what changes about it, as server-sent events',
        querystring: StreamQuery,
        headers: StreamHeaders,
        response: {
          200: {
            description:
              'A `VehicleNow` in each event: first of every vehicle, then of those that change. Retried with `Last-Event-ID`, it misses no vehicle’s latest state.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          default: problems,
        },
      },
    },
    async (request, reply) => {
      const { park_id: park = null, vehicle_id: vehicle = null } = request.query;
      const wanted: WantedVehicles = { park, vehicle };
      const caller = callerOf(request);
      if (park !== null && !(await isKnown(request, park))) {
        return refuse(reply, { code: 'ParkUnknown', park });
      }
      if (vehicle !== null && (await scopeOf(caller, wanted))?.size === 0) {
        return refuse(reply, { code: 'VehicleUnknown', vehicle });
      }
      const since = WirePosition.safeParse(request.headers['last-event-id']).data ?? null;
      const hangUp = (): void => void reply.raw.destroy();
      const failed = (error: unknown): void =>
        request.log.error({ request: request.id, err: error });
      return follow(request, reply, async (signal) => {
        const recorded = await record(request, vehicle ?? park ?? NOBODY);
        if (isLeft(recorded)) return left(recorded.left);
        const begin = vehicleStream({ kept, scopeOf, pace: streamPace, failed });
        return begin({ caller, wanted, since, signal, hangUp });
      });
    },
  );
};

/** What is known of vehicles by now: once, or live. Nobody sees vehicles outside of their parks. */
export const telemetryLiveRoutes = (app: App, given: Given): void => {
  snapshot(app, given);
  fleet(app, given);
  stream(app, given);
};
