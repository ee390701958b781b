import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { ReasonReply, RulesReply, reasonReply, rulesReply } from '#api/accessReply.ts';
import { callerOf, mayActIn } from '#api/caller.ts';
import { knownPosition, twoTimes } from '#api/knownPosition.ts';
import { refuse } from '#api/problem.ts';
import { type Readings, read } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import type { App } from '#api/zod.ts';
import {
  type KnownRest,
  publishedRules,
  type ReadStream,
  readConcerned,
  readUpTo,
} from '#commands/access.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { type Concerned, consider, homeOf, parkOfDecision } from '#domain/access/consider.ts';
import { rentalAt } from '#domain/access/custody.ts';
import { Rest_s, Revisions } from '#domain/access/events.ts';
import { Verdict } from '#domain/access/reason.ts';
import { DriverId, RentalId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, Instant, instantOf, LocalDate } from '#domain/kernel/instant.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { rentals } from '#projections/rentals.ts';

/** Of so many rentals of a driver, the newest that had begun by then, one may be the open one. */
const CANDIDATES_MAX = 5;

const tag = 'access';
const params = z.strictObject({ driver_id: DriverId });
const Query = z.strictObject({
  vehicle: VehicleId.optional().meta({
    description: 'Left out: the vehicle that the driver has; where they have none, any.',
  }),
  rest_s: z.coerce
    .number()
    .pipe(Rest_s.unwrap())
    .optional()
    .meta({ description: 'Seconds of rest in the last 24 hours; left out: as telemetry knows.' }),
  ...twoTimes,
});
const Reply = z
  .strictObject({
    driver_id: DriverId,
    vehicle_id: VehicleId.nullable(),
    at: Instant,
    local_date: LocalDate,
    known_position: z.string().nullable(),
    rest_s: Rest_s.meta({ description: 'By what it was judged; null: nobody knows.' }),
    verdict: Verdict,
    reasons: z.array(ReasonReply),
    rental_status: z.enum(['active', 'none', 'of_another']),
    rental_id: RentalId.nullable(),
    rules: RulesReply,
    revisions: z.strictObject({
      driver: Revisions.shape.driver,
      standing: Revisions.shape.standing,
      vehicle: Revisions.shape.vehicle,
      tenant_rules: Revisions.shape.tenantRules,
      park_rules: Revisions.shape.parkRules,
    }),
  })
  .meta({ id: 'AccessStatus' });

/** Vehicles that a driver may have had at a moment, the likeliest first, by the rentals known now. */
const candidates = async (
  { page }: Readings,
  tenant: Tenant,
  { driver, at }: { readonly driver: DriverId; readonly at: Instant },
): Promise<readonly VehicleId[]> => {
  const { rows } = await page(rentals, {
    tenant,
    filters: [
      { column: 'driver', is: driver },
      { column: 'started_at', below: instantOf(epochMs(at) + 1) },
    ],
    order: { column: 'started_at', direction: 'falling' },
    cursor: null,
    limit: CANDIDATES_MAX,
  });
  return [...new Set(rows.map(({ row }) => row.vehicle))];
};

const statusOf = ({ vehicle }: Concerned, driver: DriverId, at: Instant) => {
  const rental = vehicle && rentalAt(vehicle, at);
  if (!rental) return { rental_status: 'none', rental_id: null } as const;
  if (rental.driver !== driver) return { rental_status: 'of_another', rental_id: null } as const;
  return { rental_status: 'active', rental_id: rental.rental } as const;
};

interface Asked {
  readonly tenant: Tenant;
  readonly driver: DriverId;
  /** The vehicle that is named; null: whichever the driver has. */
  readonly named: VehicleId | null;
  readonly at: Instant;
}

/** What a decision rests on, with the vehicle it is about: the one that is named or, else, the driver's. */
const concernedBy = async (
  readings: Readings,
  read: ReadStream,
  { tenant, driver, named, at }: Asked,
): Promise<Either<Unavailable, { vehicle: VehicleId | null; concerned: Concerned }>> => {
  const possible = named ? [named] : await candidates(readings, tenant, { driver, at });
  for (const vehicle of possible) {
    const concerned = await readConcerned(read, tenant, { driver, vehicle });
    if (isLeft(concerned)) return concerned;
    const { rental_status } = statusOf(concerned.right, driver, at);
    if (named || rental_status === 'active') return right({ vehicle, concerned: concerned.right });
  }
  const concerned = await readConcerned(read, tenant, { driver, vehicle: null });
  return isLeft(concerned) ? concerned : right({ vehicle: null, concerned: concerned.right });
};

/**
 * GET /access/{id}/status: may this driver drive this vehicle, as known and as true at any moment? Read from
 * the streams themselves. Nothing is written: nothing comes of it.
 */
export const accessRoutes = (
  app: App,
  { workspace, readings, knownRest }: Parts & { readonly knownRest: KnownRest },
): void => {
  app.get(
    '/access/:driver_id/status',
    read({
      tag,
      summary: 'Whether a driver may drive a vehicle, and the events that say so',
      params,
      query: Query,
      reply: Reply,
      reads: [rentals.name, assetTimeline.name],
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { vehicle: named = null, known_at, true_at } = request.query;
      const at = true_at ?? workspace.now();
      const caller = callerOf(request);
      const { tenant } = caller;
      const known = await knownPosition(readings)(tenant, known_at);
      const read = readUpTo(workspace, known);
      const found = await concernedBy(readings, read, { tenant, driver, named, at });
      if (isLeft(found)) return refuse(reply, found.left);
      const { vehicle, concerned } = found.right;
      const home = homeOf(concerned.driver, at);
      if (!home || !mayActIn(caller)(home.park)) {
        return refuse(reply, { code: 'DriverUnknown', driver });
      }
      const park = parkOfDecision(concerned, at);
      if (vehicle !== null && (park === null || !mayActIn(caller)(park))) {
        return refuse(reply, { code: 'VehicleUnknown', vehicle });
      }
      const published = await publishedRules(read, tenant, park);
      if (isLeft(published)) return refuse(reply, published.left);
      const { localDate } = momentOf(at, home.zone);
      const rest_s = request.query.rest_s ?? (await knownRest({ tenant, driver, at, known }));
      const question = { driver, vehicle, purpose: 'drive', at, localDate, rest_s } as const;
      const decision = consider(concerned, published.right, question);
      const { tenantRules, parkRules, ...revisions } = decision.revisions;
      return reply.send({
        driver_id: driver,
        vehicle_id: vehicle,
        at,
        local_date: localDate,
        known_position: known === null ? null : String(known),
        rest_s,
        verdict: decision.verdict,
        reasons: decision.reasons.map(reasonReply),
        ...statusOf(concerned, driver, at),
        rules: rulesReply(decision.rules),
        revisions: { ...revisions, tenant_rules: tenantRules, park_rules: parkRules },
      });
    },
  );
};
