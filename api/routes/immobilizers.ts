import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, lookerOf, mayActIn } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { problems, refuse } from '#api/problem.ts';
import { NoQuery } from '#api/reading.ts';
import type { App } from '#api/zod.ts';
import { seenVehicle } from '#commands/immobilization/history.ts';
import { installImmobilizer, removeImmobilizer } from '#commands/immobilization/requests.ts';
import {
  newBlocks,
  publishImmobilizationRules,
  rulesFor,
  switchNewBlocks,
} from '#commands/immobilization/rules.ts';
import type { FenceShapes } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import { RulesUsed } from '#domain/immobilization/events.ts';
import { Installation } from '#domain/immobilization/installation.ts';
import { ImmobilizationRules } from '#domain/immobilization/rules.ts';
import { Code } from '#domain/kernel/fields.ts';
import { InstallationId, JobId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { Fence } from '#domain/parks/fence.ts';

const NO_STOP_MAX = 200;

const tag = 'immobilization';
const params = z.strictObject({ vehicle_id: VehicleId });

const Immobilizer = z
  .strictObject({
    installation: Installation.nullable(),
    engine: z.enum(['free', 'blocked', 'unknown']).meta({
      description: '`unknown`: a block was sent of which nobody knows what came of it.',
    }),
    current: JobId.nullable(),
    grace_until: Instant.nullable(),
  })
  .meta({ id: 'Immobilizer' });

const NewRules = z.strictObject({
  park_id: ParkId.nullable().default(null),
  rules: ImmobilizationRules.omit({ no_stop: true }).prefault({}),
  no_stop: z
    .array(Fence)
    .max(NO_STOP_MAX)
    .refine((all) => new Set(all.map(({ fence }) => fence)).size === all.length)
    .default([]),
});
const RulesQuery = z.strictObject({ park_id: ParkId.optional() });

const Switch = z.strictObject({ allowed: z.boolean(), reason: Code });
const Switched = z.strictObject({
  allowed: z.boolean(),
  since: Instant.nullable(),
  reason: z.string().nullable(),
});
const Switches = z.strictObject({ tenant: Switched, platform: Switched }).meta({ id: 'NewBlocks' });

const installations = (app: App, workspace: Workspace): void => {
  app.put(
    '/access/:vehicle_id/immobilizer',
    command({
      tag,
      summary: 'Record the immobilizer that was built in',
      makes: true,
      params,
      body: Installation.omit({ installation: true }),
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const recorded = { vehicle, ...request.body };
      const done = await installImmobilizer(workspace)(asked(request), recorded);
      return created(`access/${vehicle}/immobilizer`)(reply, done);
    },
  );
  app.post(
    '/access/:vehicle_id/immobilizer/remove',
    command({
      tag,
      summary: 'Record that the immobilizer was taken out',
      params,
      body: z.strictObject({ installation: InstallationId }),
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const gone = { vehicle, ...request.body };
      return answer(reply, await removeImmobilizer(workspace)(asked(request), gone));
    },
  );
  app.get(
    '/access/:vehicle_id/immobilizer',
    {
      schema: {
        tags: [tag],
        summary: 'See the immobilizer of a vehicle, and what is known of its engine',
        params,
        querystring: NoQuery,
        response: { 200: Immobilizer, default: problems },
      },
    },
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const seen = await seenVehicle(workspace)(lookerOf(request), vehicle);
      if (isLeft(seen)) return refuse(reply, seen.left);
      if (seen.right === null) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const { installation: held, engine, current, graceUntil } = seen.right.immobilization;
      const shown = held && Installation.strip().parse(held);
      return reply.send({ installation: shown, engine, current, grace_until: graceUntil });
    },
  );
};

const rules = (app: App, workspace: Workspace, shapes: FenceShapes): void => {
  app.put(
    '/access/immobilization/rules',
    command({
      tag,
      summary: 'Publish the rules by which engines are blocked, of a park or of all',
      params: NoParams,
      body: NewRules,
      target: 'park_id',
    }),
    async (request, reply) => {
      const { park_id: park, rules: said, no_stop: noStop } = request.body;
      // What holds in every park is not for somebody who is bound to some.
      if (park === null && callerOf(request).parks !== '*') {
        return refuse(reply, { code: 'RoleNotAllowed' });
      }
      const published = { park, rules: said, noStop };
      const done = await publishImmobilizationRules(workspace, shapes)(asked(request), published);
      return answer(reply, done);
    },
  );
  app.get(
    '/access/immobilization/rules',
    {
      schema: {
        tags: [tag],
        summary: 'See the rules by which engines are blocked now',
        querystring: RulesQuery,
        response: { 200: RulesUsed, default: problems },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { park_id: park = null } = request.query;
      if (park !== null && !mayActIn(caller)(park)) {
        return refuse(reply, { code: 'ParkUnknown', park });
      }
      const found = await rulesFor(workspace)(caller.tenant, park);
      return isLeft(found) ? refuse(reply, found.left) : reply.send(found.right);
    },
  );
};

const switches = (app: App, workspace: Workspace): void => {
  app.put(
    '/access/new_blocks',
    {
      ...command({
        tag,
        summary: 'Stop new blocks of this tenant, or allow them again; releases always work',
        params: NoParams,
        body: Switch,
      }),
      schema: {
        tags: [tag],
        summary: 'Stop new blocks of this tenant, or allow them again; releases always work',
        body: Switch,
        response: { 200: z.strictObject({ allowed: z.boolean() }), default: problems },
      },
    },
    async (request, reply) => {
      // To stop blocks is always safe; to allow them in every park is not for who is bound to some.
      if (request.body.allowed && callerOf(request).parks !== '*') {
        return refuse(reply, { code: 'RoleNotAllowed' });
      }
      const done = await switchNewBlocks(workspace)(asked(request), request.body);
      return isLeft(done) ? refuse(reply, done.left) : reply.send(done.right);
    },
  );
  app.get(
    '/access/new_blocks',
    {
      schema: {
        tags: [tag],
        summary: 'See whether new blocks are allowed, for this tenant and for everybody',
        querystring: NoQuery,
        response: { 200: Switches, default: problems },
      },
    },
    async (request, reply) => {
      const found = await newBlocks(workspace)(callerOf(request).tenant);
      return isLeft(found) ? refuse(reply, found.left) : reply.send(found.right);
    },
  );
};

/** What is built into vehicles, and by which rules it may be used. */
export const immobilizerRoutes = (
  app: App,
  workspace: Workspace,
  { fenceShapes }: { readonly fenceShapes: FenceShapes },
): void => {
  installations(app, workspace);
  rules(app, workspace, fenceShapes);
  switches(app, workspace);
};
