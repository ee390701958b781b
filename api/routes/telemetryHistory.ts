import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import type { KeptTelemetry } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, viewOf } from '#api/reading.ts';
import { type Looking, recordLooking } from '#api/recordLooking.ts';
import {
  pointOfRollup,
  pointOfRow,
  ReadingReply,
  RollupReply,
  readingReply,
  rollupReply,
} from '#api/telemetryReply.ts';
import { acceptedFormat, MEDIA_TYPES, TrackFormat } from '#api/trackFormat.ts';
import type { App } from '#api/zod.ts';
import type { Unavailable } from '#commands/ports.ts';
import { DeviceIdent, VehicleId } from '#domain/kernel/ids.ts';
import { featureCollection } from '#ingest/exports/geoJson.ts';
import { gpxTrack, type TrackPoint } from '#ingest/exports/gpx.ts';
import { microsOf } from '#ingest/microInstant.ts';
import { Resolution, type RowPlace } from '#ingest/store.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

/** How many rows are told where nobody says how many. Source: specification 000, its example. */
const LAST_ROWS_DEFAULT = 10;
const PAGE_ROWS_DEFAULT = 1_000;
const PAGE_ROWS_MAX = 5_000;
/** After so long without a position nobody can say where the vehicle was in between. */
const GAP_MAX_US = { raw: 300_000_000, '1m': 300_000_000, '1h': 7_200_000_000 } as const;
/** The year 2255, behind every reading there can be. */
const END_US = Number.MAX_SAFE_INTEGER;

const Time = z
  .string()
  .max(40)
  .transform((text) => microsOf(text))
  .pipe(z.number('an instant of ISO 8601 with an offset'))
  .optional();

const Place = z.tuple([
  z.int().min(0),
  DeviceIdent.nullable(),
  z
    .string()
    .regex(/^-?\d{1,19}$/)
    .transform(BigInt)
    .refine((fingerprint) => BigInt.asIntN(64, fingerprint) === fingerprint),
]);

const placeOf = (text: string): z.infer<typeof Place> | null => {
  try {
    return Place.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
};

const Query = z.strictObject({
  from: Time.meta({ description: 'From this time of the device on, with it.' }),
  to: Time.meta({ description: 'Up to this time of the device, without it.' }),
  resolution: z
    .enum(['raw', ...Resolution.options])
    .optional()
    .meta({ description: 'Readings as they were told, or minutes or hours of them.' }),
  after: z
    .string()
    .max(400)
    .refine((text) => placeOf(text) !== null)
    .optional()
    .meta({ description: 'The `next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(PAGE_ROWS_MAX).optional(),
  format: TrackFormat.optional().meta({ description: 'Instead of `Accept`.' }),
});
type Query = z.infer<typeof Query>;

const Page = z.strictObject({
  items: z.union([z.array(ReadingReply), z.array(RollupReply)]),
  next: z.string().nullable(),
});
const Collection = z
  .looseObject({ type: z.literal('FeatureCollection'), features: z.array(z.unknown()) })
  .meta({ description: 'RFC 7946: a Point for whatever has a position.' });
const Gpx = z.string().meta({
  description:
    'GPX 1.1: one track, in segments where it has gaps. Positions that are none are left out.',
});

const Headers = z.looseObject({
  accept: z.string().optional(),
  'ledger-position': z.string().optional(),
});

/** What was found: in the words of the wire, as points of a track, and where the next page begins. */
interface Found {
  readonly items: z.infer<typeof Page>['items'];
  readonly points: readonly TrackPoint[];
  readonly next: string | null;
}

interface Asked {
  readonly tenant: ReturnType<typeof callerOf>['tenant'];
  readonly vehicle: VehicleId;
  readonly query: Query;
}

const cursorText = (place: readonly [number, string | null, bigint]): string =>
  Buffer.from(JSON.stringify([place[0], place[1], String(place[2])])).toString('base64url');

const lastRows = async (
  { store }: KeptTelemetry,
  { tenant, vehicle, query }: Asked,
): Promise<Either<Unavailable, Found>> => {
  const { limit = LAST_ROWS_DEFAULT } = query;
  const rows = await store.lastRows({ tenant, vehicle, limit })();
  if (isLeft(rows)) return rows;
  const points = rows.right.toReversed().flatMap(pointOfRow);
  return right({ items: rows.right.map(readingReply), points, next: null });
};

const spanOf = ({ from = 0, to = END_US, limit = PAGE_ROWS_DEFAULT }: Query) => ({
  from_us: from,
  to_us: to,
  // One more than a page shows whether there is another.
  limit: limit + 1,
});

const rowsBetween = async (
  { store }: KeptTelemetry,
  { tenant, vehicle, query }: Asked,
): Promise<Either<Unavailable, Found>> => {
  const span = spanOf(query);
  const [device_time_us = 0, ident = null, fingerprint = 0n] = placeOf(query.after ?? '') ?? [];
  const after: RowPlace | null = ident === null ? null : { device_time_us, ident, fingerprint };
  const found = await store.rows({ tenant, vehicle, ...span, after })();
  if (isLeft(found)) return found;
  const rows = found.right.slice(0, span.limit - 1);
  const last = found.right.length < span.limit ? undefined : rows.at(-1);
  return right({
    items: rows.map(readingReply),
    points: rows.flatMap(pointOfRow),
    next: last ? cursorText([last.device_time_us, last.ident, last.fingerprint]) : null,
  });
};

const rollupsBetween = async (
  { store }: KeptTelemetry,
  { tenant, vehicle, query }: Asked,
  resolution: Resolution,
): Promise<Either<Unavailable, Found>> => {
  const { from_us, to_us, limit } = spanOf(query);
  const [bucket_us = -1] = placeOf(query.after ?? '') ?? [];
  const first_us = Math.max(from_us, bucket_us + 1);
  const asked = { tenant, vehicle, from_us: first_us, to_us, limit, resolution };
  const found = await store.rollups(asked)();
  if (isLeft(found)) return found;
  const rollups = found.right.slice(0, limit - 1);
  const last = found.right.length < limit ? undefined : rollups.at(-1);
  return right({
    items: rollups.map(rollupReply(vehicle)),
    points: rollups.flatMap(pointOfRollup),
    next: last ? cursorText([last.bucket_us, null, 0n]) : null,
  });
};

const look = (kept: KeptTelemetry, asked: Asked): Promise<Either<Unavailable, Found>> => {
  const { from, to, resolution, after } = asked.query;
  if (resolution === '1m' || resolution === '1h') return rollupsBetween(kept, asked, resolution);
  const isLast = [from, to, resolution, after].every((told) => told === undefined);
  return isLast ? lastRows(kept, asked) : rowsBetween(kept, asked);
};

/** The address of the next page, for those whose form has no room for it. Source: RFC 8288. */
const nextLink = (address: string, next: string): string => {
  const url = new URL(address, 'http://localhost');
  url.searchParams.set('after', next);
  return `<${url.pathname}${url.search}>; rel="next"`;
};

const tell = (request: FastifyRequest, reply: FastifyReply, asked: Asked, found: Found) => {
  const { vehicle, query } = asked;
  const { items, points, next } = found;
  const format = query.format ?? acceptedFormat(request.headers.accept);
  reply.header('cache-control', 'no-store').header('vary', 'accept').type(MEDIA_TYPES[format]);
  if (next !== null) reply.header('link', nextLink(request.url, next));
  if (format === 'geojson') return reply.send(featureCollection(items));
  if (format === 'json') return reply.send({ items, next });
  const gap_max_us = GAP_MAX_US[query.resolution ?? 'raw'];
  return reply.send(gpxTrack({ vehicle, points, gap_max_us }));
};

/** GET /telemetry/:vehicle_id: what a vehicle told, the last of it, or a stretch of time in pages. */
export const telemetryHistoryRoutes = (
  app: App,
  {
    readings,
    kept,
    ...looking
  }: Pick<Parts, 'readings'> & {
    readonly kept: KeptTelemetry;
  } & Looking,
): void => {
  const view = viewOf(readings, vehicles, inPark);
  const record = recordLooking(looking);
  app.get(
    '/telemetry/:vehicle_id',
    {
      config: { reads: [vehicles.name] },
      schema: {
        tags: ['telemetry'],
        summary:
          'What a vehicle told: the last readings, newest first, or those of a stretch, oldest first',
        params: z.strictObject({ vehicle_id: VehicleId }),
        querystring: Query,
        headers: Headers,
        response: {
          200: {
            description: 'Readings, or minutes or hours of them; `Link` leads to the next page.',
            content: {
              [MEDIA_TYPES.json]: { schema: Page },
              [MEDIA_TYPES.geojson]: { schema: Collection },
              [MEDIA_TYPES.gpx]: { schema: Gpx },
            },
          },
          default: problems,
        },
      },
    },
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      if (!(await view.row(request, vehicle))) {
        return refuse(reply, { code: 'VehicleUnknown', vehicle });
      }
      const recorded = await record(request, vehicle);
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const asked = { tenant: callerOf(request).tenant, vehicle, query: request.query };
      const found = await look(kept, asked);
      return isLeft(found) ? refuse(reply, found.left) : tell(request, reply, asked, found.right);
    },
  );
};
