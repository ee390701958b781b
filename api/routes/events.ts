import type { FastifyRequest } from 'fastify';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { type Admitted, callerOf, mayActIn } from '#api/caller.ts';
import { EventReply } from '#api/eventReply.ts';
import { excerpt, frames, type Wanted } from '#api/feed.ts';
import { PageLimit, WirePosition } from '#api/fields.ts';
import { liveStreams } from '#api/liveStreams.ts';
import { type AccessRecords, NOBODY } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import type { EventStore } from '#commands/ports.ts';
import { ledgerEvents } from '#domain/events.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';

const KEYS_MAX = 50;
const STREAMS_MAX = 200;
const PARK_KEY = 'park:';

const EventTypeName = z.string().refine((name) => ledgerEvents.has(name));
const list = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .string()
    .max(8_000)
    .transform((text) => text.split(','))
    .pipe(z.array(item).max(KEYS_MAX))
    .default([]);

const Query = z.strictObject({
  after: WirePosition.optional(),
  keys: list(SubjectKey).meta({ description: 'Subjects, separated by commas: any of them.' }),
  types: list(EventTypeName).meta({ description: 'Types, separated by commas: any of them.' }),
  limit: PageLimit,
});
const Feed = z.strictObject({
  events: z.array(EventReply),
  next: z.string().nullable().meta({ description: 'Send it as `after` for what follows.' }),
  caught_up: z.boolean(),
});
const CatalogueEntry = z.strictObject({
  type: z.string(),
  schema: z.int(),
  about: z.string(),
  data: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of `data`.' }),
});

interface Deps {
  readonly store: EventStore;
  readonly accessRecords: AccessRecords;
  readonly now: () => Instant;
}

/** Where a caller is bound to parks, only what says which park it is of can be theirs to see. */
const maySee =
  (caller: Admitted) =>
  ({ keys }: LedgerEvent): boolean => {
    if (caller.parks === '*') return true;
    const parks = keys.filter((key) => key.startsWith(PARK_KEY));
    return parks.some((key) => mayActIn(caller)(ParkId.parse(key.slice(PARK_KEY.length))));
  };

const wantedBy = (request: FastifyRequest, query: z.infer<typeof Query>): Wanted => {
  const caller = callerOf(request);
  return {
    tenant: caller.tenant,
    keys: new Set(query.keys),
    types: new Set(query.types),
    maySee: maySee(caller),
  };
};

const recordExport = ({ accessRecords, now }: Deps, request: FastifyRequest) => {
  const { tenant, actor, role } = callerOf(request);
  return accessRecords.record({
    tenant,
    actor,
    role,
    subject: NOBODY,
    classes: [],
    purpose: 'events_exported',
    requestId: request.id,
    at: now(),
  })();
};

/** The catalogue of what can happen, and the log itself: in pages, or live. */
export const eventRoutes = (app: App, deps: Deps): void => {
  const follow = liveStreams(app, { streams_max: STREAMS_MAX });
  app.get(
    '/events',
    {
      schema: {
        tags: ['events'],
        summary: 'The log in pages; with Accept: text/event-stream, live',
        querystring: Query,
        response: { 200: Feed, default: problems },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const recorded = await recordExport(deps, request);
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const wanted = wantedBy(request, query);
      if (request.headers.accept?.includes('text/event-stream')) {
        const last = WirePosition.safeParse(request.headers['last-event-id']).data;
        const after = last ?? query.after ?? null;
        return follow(request, reply, async (signal) =>
          right(frames(deps.store, wanted, { after, signal })),
        );
      }
      const { limit, after = null } = query;
      const found = await excerpt(deps.store)(wanted, { after, limit });
      if (isLeft(found)) return refuse(reply, found.left);
      const { events, next, caughtUp } = found.right;
      return reply.send({
        events: [...events],
        next: next === null ? null : String(next),
        caught_up: caughtUp,
      });
    },
  );
  const types = [...ledgerEvents.values()].map(({ type, schema, about, data }) => ({
    type,
    schema,
    about,
    data: z.record(z.string(), z.unknown()).parse(z.toJSONSchema(data)),
  }));
  app.get(
    '/event-types',
    {
      schema: {
        tags: ['events'],
        summary: 'Every type of event: its meaning and the schema of its data',
        response: { 200: z.strictObject({ types: z.array(CatalogueEntry) }), default: problems },
      },
    },
    async (_request, reply) => reply.send({ types }),
  );
};
