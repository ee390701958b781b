import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { PageLimit } from '#api/fields.ts';
import { problems, refuse } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import type { DeviceChange, DeviceRegistry, IssuedSecret } from '#ingest/deviceAccess.ts';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';

const tags = ['devices'];
const params = z.strictObject({ ident: DeviceIdent });
const NewDevice = z.strictObject({
  ident: DeviceIdent,
  datagrams: z.boolean().default(false).meta({
    description:
      'Whether UDP is taken in this device’s name. Datagrams carry no secret: anybody can send them.',
  }),
});
const Issued = z.strictObject({ ident: z.string(), secret: z.string(), token: z.string() }).meta({
  id: 'IssuedSecret',
  description:
    'Shown this once. `secret` is the password for MQTT (user: the ident) and Wialon IPS; `token` is both in one, as a bearer token and for the address of OsmAnd and Traccar Client.',
});
const Device = z.strictObject({
  ident: z.string(),
  active: z.boolean(),
  datagrams: z.boolean(),
  changed_at: Instant,
});
const Devices = z.strictObject({ items: z.array(Device), next: z.string().nullable() });
const Gone = z.strictObject({ ident: z.string() });

const issued = ({ ident, secret }: IssuedSecret): z.infer<typeof Issued> => ({
  ident,
  secret,
  token: deviceToken({ ident, secret }),
});

const ending = (summary: string) => ({
  schema: { tags, summary, params, response: { 200: Gone, default: problems } },
});

/** Registering, and what comes after: secrets are told once and kept as salted hashes. */
export const deviceAccessRoutes = (
  app: App,
  registry: DeviceRegistry,
  now: () => Instant,
): void => {
  const changeOf = (request: FastifyRequest, ident: DeviceIdent): DeviceChange => {
    const { tenant, actor } = callerOf(request);
    return { tenant, ident, actor, at: now() };
  };

  const end =
    (work: DeviceRegistry['revoke']) =>
    async (
      request: FastifyRequest & { readonly params: z.infer<typeof params> },
      reply: FastifyReply,
    ) => {
      const { ident } = request.params;
      const outcome = await work(changeOf(request, ident))();
      return isLeft(outcome) ? refuse(reply, outcome.left) : reply.send({ ident });
    };

  app.post(
    '/devices',
    {
      schema: {
        tags,
        summary: 'Register a device and get its secret',
        params: NoParams,
        body: NewDevice,
        response: { 201: Issued, default: problems },
      },
    },
    async (request, reply) => {
      const { ident, datagrams } = request.body;
      const outcome = await registry.register({ ...changeOf(request, ident), datagrams })();
      if (isLeft(outcome)) return refuse(reply, outcome.left);
      reply.header('cache-control', 'no-store');
      return reply.code(201).send(issued(outcome.right));
    },
  );
  app.get(
    '/devices',
    {
      schema: {
        tags,
        summary: 'List devices, without their secrets',
        querystring: z.strictObject({ after: DeviceIdent.optional(), limit: PageLimit }),
        response: { 200: Devices, default: problems },
      },
    },
    async (request, reply) => {
      const { after = null, limit } = request.query;
      const { tenant } = callerOf(request);
      const outcome = await registry.list({ tenant, after, limit })();
      if (isLeft(outcome)) return refuse(reply, outcome.left);
      const items = outcome.right.map(({ changedAt, ...device }) => ({
        ...device,
        changed_at: changedAt,
      }));
      const next = items.length < limit ? null : (items.at(-1)?.ident ?? null);
      return reply.send({ items, next });
    },
  );
  app.post(
    '/devices/:ident/rotate',
    {
      schema: {
        tags,
        summary: 'Give a device another secret; the one before is no good any more',
        params,
        response: { 200: Issued, default: problems },
      },
    },
    async (request, reply) => {
      const outcome = await registry.rotate(changeOf(request, request.params.ident))();
      if (isLeft(outcome)) return refuse(reply, outcome.left);
      reply.header('cache-control', 'no-store');
      return reply.send(issued(outcome.right));
    },
  );
  app.post(
    '/devices/:ident/revoke',
    ending('Revoke the secret of a device, which stays registered'),
    end(registry.revoke),
  );
  app.delete(
    '/devices/:ident',
    ending('Give up a device, so that any tenant may register it'),
    end(registry.giveUp),
  );
};
