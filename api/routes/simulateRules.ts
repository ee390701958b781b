import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { ReasonReply, reasonReply } from '#api/accessReply.ts';
import { callerOf, mayActIn } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { WireInstant } from '#api/fields.ts';
import { problems, refuse } from '#api/problem.ts';
import { rentalsToReplay } from '#api/replayedRentals.ts';
import type { Parts } from '#api/routes/parts.ts';
import type { App } from '#api/zod.ts';
import { readUpTo } from '#commands/access.ts';
import { keptStreams } from '#commands/keptStreams.ts';
import { type Lock, type Refusal, simulateRules } from '#commands/simulateRules.ts';
import { AccessRules } from '#domain/access/rules.ts';
import { DriverId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, Instant } from '#domain/kernel/instant.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { parks } from '#projections/parks.ts';
import { rentals } from '#projections/rentals.ts';

const PERIOD_MAX_DAYS = 92;
const DAY_MS = 86_400_000;
const LISTED_MAX = 1_000;
const STREAMS_MAX = 2_000;

const Body = z
  .strictObject({
    rules: AccessRules,
    from: WireInstant,
    to: WireInstant,
    park_id: ParkId.optional(),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be after from' })
  .refine(({ from, to }) => epochMs(to) - epochMs(from) <= PERIOD_MAX_DAYS * DAY_MS, {
    path: ['to'],
    error: `at most ${PERIOD_MAX_DAYS} days after from`,
  });
const Refused = z.strictObject({
  driver_id: DriverId,
  vehicle_id: VehicleId,
  at: Instant,
  reasons: z.array(ReasonReply),
});
const Locked = z.strictObject({
  vehicle_id: VehicleId,
  driver_id: DriverId,
  rental_id: RentalId,
  from: Instant,
  newly: z
    .boolean()
    .meta({ description: 'The rules that were in force would not have denied it.' }),
  reasons: z.array(ReasonReply),
});
const Reply = z
  .strictObject({
    from: Instant,
    to: Instant,
    counts: z.strictObject({
      decided: z.int(),
      refused: z.int(),
      newly_refused: z.int(),
      newly_allowed: z.int(),
      vehicles_locked: z.int(),
    }),
    refused: z.array(Refused),
    newly_refused: z.array(Refused),
    newly_allowed: z.array(Refused).meta({
      description: 'With the reasons for which the rules in force refused them.',
    }),
    vehicles_locked: z.array(Locked),
    truncated: z.boolean().meta({
      description: `There was more to replay than may be, or a list holds only its first ${LISTED_MAX}.`,
    }),
  })
  .meta({ id: 'RulesSimulated' });

const refusalReply = ({ driver, vehicle, at, reasons }: Refusal) => ({
  driver_id: driver,
  vehicle_id: vehicle,
  at,
  reasons: reasons.map(reasonReply),
});

const lockReply = ({ rental, driver, vehicle, from, newly, reasons }: Lock) => ({
  vehicle_id: vehicle,
  driver_id: driver,
  rental_id: rental,
  from,
  newly,
  reasons: reasons.map(reasonReply),
});

/**
 * POST /access/rules/simulate: what proposed rules would have done in a period of the past, by all that is
 * known of it now. Writes nothing.
 */
export const simulateRulesRoutes = (app: App, { workspace, readings }: Parts): void => {
  app.post(
    '/access/rules/simulate',
    {
      config: { reads: [rentals.name, assetTimeline.name, parks.name] },
      schema: {
        tags: ['access'],
        summary: 'Who would have been refused, and which vehicles locked, under other rules',
        params: NoParams,
        body: Body,
        response: { 200: Reply, default: problems },
      },
    },
    async (request, reply) => {
      const { rules, from, park_id: park = null } = request.body;
      // What lies ahead has not happened: a period ends now at the latest.
      const [to = from] = [request.body.to, workspace.now()].toSorted();
      const caller = callerOf(request);
      const isTheirs = mayActIn(caller);
      if (park !== null && !isTheirs(park)) return refuse(reply, { code: 'OutsideScope' });
      const { tenant } = caller;
      const read = keptStreams(readUpTo(workspace, null), STREAMS_MAX);
      const period = { tenant, from, to, park, mayActIn: isTheirs };
      const found = await rentalsToReplay(readings, read)(period);
      if (isLeft(found)) return refuse(reply, found.left);
      const { replayed } = found.right;
      const simulated = await simulateRules(workspace)(tenant, replayed, { rules, from, to });
      if (isLeft(simulated)) return refuse(reply, simulated.left);
      const { decided, refused, newlyRefused, newlyAllowed, locked } = simulated.right;
      const lists = [refused, newlyRefused, newlyAllowed, locked];
      return reply.send({
        from,
        to,
        counts: {
          decided,
          refused: refused.length,
          newly_refused: newlyRefused.length,
          newly_allowed: newlyAllowed.length,
          vehicles_locked: locked.length,
        },
        refused: refused.slice(0, LISTED_MAX).map(refusalReply),
        newly_refused: newlyRefused.slice(0, LISTED_MAX).map(refusalReply),
        newly_allowed: newlyAllowed.slice(0, LISTED_MAX).map(refusalReply),
        vehicles_locked: locked.slice(0, LISTED_MAX).map(lockReply),
        truncated: found.right.truncated || lists.some(({ length }) => length > LISTED_MAX),
      });
    },
  );
};
