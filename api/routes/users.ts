import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, NoParams } from '#api/commandRoute.ts';
import { twoTimes } from '#api/knownPosition.ts';
import { refuse } from '#api/problem.ts';
import { paging, type Readings, read } from '#api/reading.ts';
import { endOfHistory, knownUpTo } from '#api/subjectHistory.ts';
import { UserReply, userReply, userStateOf } from '#api/userReply.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { changeUser, type UserChange } from '#commands/users.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Code } from '#domain/kernel/fields.ts';
import { ActorId, ParkId } from '#domain/kernel/ids.ts';
import { userKey } from '#domain/kernel/subjects.ts';
import { Permission, Role } from '#domain/users/rights.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import type { EventsOfSubject } from '#projections/refold.ts';
import { UserRow, users } from '#projections/users.ts';

const PARKS_AT_ONCE_MAX = 100;

const URL = '/users/:user_id';
const tag = 'users';
const params = z.strictObject({ user_id: ActorId });
const Rights = z
  .strictObject({
    roles: z.array(Role).max(Role.options.length).default([]),
    permissions: z.array(Permission).max(Permission.options.length).default([]),
    parks: z.union([z.literal('*'), z.array(ParkId).max(PARKS_AT_ONCE_MAX)]).default([]),
  })
  .refine(({ roles, permissions, parks }) => roles.length + permissions.length + parks.length > 0);
const Suspension = z.strictObject({ reason: Code });
const Nothing = z.strictObject({});
type Wanted = z.infer<typeof Rights>;

const rightsIn = ({ roles, permissions, parks }: Wanted) => ({
  roles: Role.options.filter((role) => roles.includes(role)),
  permissions: Permission.options.filter((permission) => permissions.includes(permission)),
  parks:
    parks === '*'
      ? ({ kind: 'all' } as const)
      : { kind: 'listed' as const, parks: [...new Set(parks)].sort() },
});

/** Users belong to no park: whoever is bound to some parks finds none, and changes none. */
const seesUsers = (request: FastifyRequest): boolean => callerOf(request).parks === '*';

const commands = (app: App, workspace: Workspace): void => {
  const change = changeUser(workspace);
  const act =
    <Body>(wanted: (body: Body) => UserChange) =>
    async (
      request: FastifyRequest & {
        readonly params: z.infer<typeof params>;
        readonly body: Body;
      },
      reply: FastifyReply,
    ) => {
      const { user_id: user } = request.params;
      return seesUsers(request)
        ? answer(reply, await change(asked(request), user, wanted(request.body)))
        : refuse(reply, { code: 'UserUnknown', user });
    };
  app.post(
    `${URL}/rights`,
    command({ tag, summary: 'Let a user do more than their tokens say', params, body: Rights }),
    act((body: Wanted) => ({ type: 'GrantRights', rights: rightsIn(body) })),
  );
  app.post(
    `${URL}/rights/revoke`,
    command({ tag, summary: 'Take back what was granted', params, body: Rights }),
    act((body: Wanted) => ({ type: 'RevokeRights', rights: rightsIn(body) })),
  );
  app.post(
    `${URL}/suspend`,
    command({ tag, summary: 'Let a user do nothing from now on', params, body: Suspension }),
    act(({ reason }: z.infer<typeof Suspension>) => ({ type: 'SuspendUser', reason })),
  );
  app.post(
    `${URL}/reinstate`,
    command({ tag, summary: 'Let a suspended user in again', params, body: Nothing }),
    act(() => ({ type: 'ReinstateUser' })),
  );
};

const Then = z.strictObject(twoTimes);

const views = (app: App, readings: Readings, eventsOfSubject: EventsOfSubject): void => {
  const wire = wireOf(UserRow);
  const page = z.strictObject({ items: z.array(wire.schema), next: z.string().nullable() });
  const Query = z.strictObject({ status: UserRow.shape.status.optional(), ...paging });
  const reads = [users.name];
  app.get(
    '/users',
    read({ tag, summary: 'List users', params: NoParams, query: Query, reply: page, reads }),
    async (request, reply) => {
      if (!seesUsers(request)) return reply.send({ items: [], next: null });
      const { status, after = null, limit } = request.query;
      const { tenant } = callerOf(request);
      const filters = status === undefined ? [] : [{ column: 'status', is: status }];
      const asking = { tenant, filters, order: null, cursor: after, limit };
      const { rows, next } = await readings.page(users, asking);
      return reply.send({ items: rows.map(({ row }) => wire.write(row)), next });
    },
  );
  app.get(
    URL,
    read({
      tag,
      summary: 'What a user may do, or could do at any moment',
      params,
      query: Then,
      reply: UserReply,
      reads: [assetTimeline.name],
    }),
    async (request, reply) => {
      const { user_id: user } = request.params;
      const { known_at, true_at = null } = request.query;
      const subject = userKey(user);
      const end = seesUsers(request) ? await endOfHistory(readings, request, subject) : null;
      if (end === null) return refuse(reply, { code: 'UserUnknown', user });
      const all = await eventsOfSubject(callerOf(request).tenant, subject, end);
      if (all === null) return refuse(reply, { code: 'ProjectionBehind' });
      const position = knownUpTo(all, known_at);
      const then = all.filter(
        (event) =>
          event.position <= position && (true_at === null || event.fact.when.at <= true_at),
      );
      const about = { user_id: user, known_position: String(position), true_at };
      return reply.send(userReply(userStateOf(then.map(({ fact }) => fact)), about));
    },
  );
};

/** Users: what they may do, could do then, and who changed it. They go by their stand-ins only. */
export const userRoutes = (
  app: App,
  {
    workspace,
    readings,
    eventsOfSubject,
  }: {
    readonly workspace: Workspace;
    readonly readings: Readings;
    readonly eventsOfSubject: EventsOfSubject;
  },
): void => {
  commands(app, workspace);
  views(app, readings, eventsOfSubject);
};
