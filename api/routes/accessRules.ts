import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { RulesReply, rulesReply } from '#api/accessReply.ts';
import { callerOf, mayActIn } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { knownPosition, twoTimes } from '#api/knownPosition.ts';
import { refuse } from '#api/problem.ts';
import { read } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import type { App } from '#api/zod.ts';
import { publishedRules, readUpTo } from '#commands/access.ts';
import { publishAccessRules } from '#commands/accessRules.ts';
import { rulesAt } from '#domain/access/consider.ts';
import { AccessRules } from '#domain/access/rules.ts';
import { EventId, ParkId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';

const tag = 'access';
const Body = z.strictObject({
  park_id: ParkId.nullable()
    .default(null)
    .meta({ description: 'The park they are for; null: every park that has none of its own.' }),
  rules: AccessRules,
  occurred_at: OccurredAt,
});
const Query = z.strictObject({ park_id: ParkId.optional(), ...twoTimes });
const Reply = z
  .strictObject({
    in_force: RulesReply,
    rules: AccessRules,
    since: Instant.nullable().meta({ description: 'Null: they were built in all along.' }),
    event_id: EventId.nullable(),
  })
  .meta({ id: 'AccessRules' });

/** By which rules it is judged who may drive what: publishing them, and looking them up. */
export const accessRulesRoutes = (app: App, { workspace, readings }: Parts): void => {
  app.put(
    '/access/rules',
    command({
      tag,
      summary: 'Publish rules of access; what is left out takes the default',
      params: NoParams,
      body: Body,
      target: 'park_id',
    }),
    async (request, reply) => {
      const { park_id: park, rules, occurred_at } = request.body;
      // What holds in every park is not for somebody who is bound to some.
      if (park === null && callerOf(request).parks !== '*') {
        return refuse(reply, { code: 'RoleNotAllowed' });
      }
      const at = occurred_at ?? workspace.now();
      const said = { park, rules, at };
      return answer(reply, await publishAccessRules(workspace)(asked(request), said));
    },
  );
  app.get(
    '/access/rules',
    read({
      tag,
      summary: 'The rules of access that hold, as known and as true at any moment',
      params: NoParams,
      query: Query,
      reply: Reply,
      reads: [assetTimeline.name],
    }),
    async (request, reply) => {
      const { park_id: park = null, known_at, true_at } = request.query;
      const caller = callerOf(request);
      if (park !== null && !mayActIn(caller)(park)) return refuse(reply, { code: 'OutsideScope' });
      const { tenant } = caller;
      const known = await knownPosition(readings)(tenant, known_at);
      const published = await publishedRules(readUpTo(workspace, known), tenant, park);
      if (isLeft(published)) return refuse(reply, published.left);
      const { inForce, rules, since, event } = rulesAt(published.right, true_at ?? workspace.now());
      return reply.send({ in_force: rulesReply(inForce), rules, since, event_id: event });
    },
  );
};
