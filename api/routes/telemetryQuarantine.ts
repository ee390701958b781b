import { isUtf8 } from 'node:buffer';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { PageLimit } from '#api/fields.ts';
import { type KeptTelemetry, NOBODY } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import { type Looking, recordLooking } from '#api/recordLooking.ts';
import type { App } from '#api/zod.ts';
import type { Unavailable } from '#commands/ports.ts';
import { DeviceIdent, type Tenant } from '#domain/kernel/ids.ts';
import { microInstant } from '#ingest/microInstant.ts';
import { Listener, type NotTaken, type Stored } from '#ingest/ports.ts';
import { QuarantineCode, type QuarantineEntry } from '#ingest/quarantine.ts';

const URL = '/telemetry/quarantine';
const tags = ['telemetry'];
/** What 64 bits with a sign can hold. */
const ID_MAX = 2n ** 63n - 1n;
const RETRY_AFTER_S = 15;
/** Characters that no text has: controls, but for tabs and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const UNTEXTLIKE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

const EntryId = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((id) => id <= ID_MAX);
const params = z.strictObject({ entry_id: EntryId });
const which = { ident: DeviceIdent.optional(), code: QuarantineCode.optional() };

const Entry = z
  .strictObject({
    id: z.string(),
    ident: DeviceIdent.nullable(),
    sender: DeviceIdent.nullable(),
    code: QuarantineCode,
    field: z.string().nullable(),
    listener: Listener,
    format: z.string(),
    elements: z.int(),
    bytes: z.int(),
    count: z.int(),
    received_at: z.string(),
    first_seen: z.string(),
    last_seen: z.string(),
  })
  .meta({ id: 'QuarantineEntry' });
const Message = z.strictObject({
  ...Entry.shape,
  raw: z.base64().meta({ description: 'The bytes as they came.' }),
  text: z.string().nullable().meta({ description: 'The same as text, where it is text.' }),
});
const Entries = z.strictObject({ items: z.array(Entry), next: z.string().nullable() });
const Use = z.strictObject({
  ident: DeviceIdent.nullable(),
  entries: z.int(),
  bytes: z.int(),
  turned_away: z.int(),
  turned_away_bytes: z.int(),
});
const Uses = z.strictObject({ items: z.array(Use) });
const counts = { stored: z.int(), repeated: z.int(), sampled: z.int(), quarantined: z.int() };
const Replayed = z.strictObject({ released: z.boolean(), ...counts });
const ReplayedAll = z.strictObject({
  released: z.int(),
  waiting: z.int(),
  next: z.string().nullable().meta({ description: 'Send it as `after` to go on.' }),
});
const Gone = z.strictObject({ id: z.string() });

const told = (entry: QuarantineEntry): z.infer<typeof Entry> => ({
  id: String(entry.id),
  ident: entry.ident,
  sender: entry.sender,
  code: entry.code,
  field: entry.field,
  listener: entry.listener,
  format: entry.format,
  elements: entry.elements,
  bytes: entry.bytes,
  count: entry.count,
  received_at: microInstant(entry.received_at_us),
  first_seen: microInstant(entry.first_seen_us),
  last_seen: microInstant(entry.last_seen_us),
});

const textOf = (raw: Buffer): string | null => {
  const text = isUtf8(raw) ? raw.toString('utf8') : null;
  return text === null || UNTEXTLIKE.test(text) ? null : text;
};

const refusalOf = ({ detail }: NotTaken | Unavailable) =>
  ({ code: 'Unavailable', detail }) as const;

const views = (app: App, { kept: { quarantine }, ...looking }: Given): void => {
  const record = recordLooking(looking);
  app.get(
    URL,
    {
      schema: {
        tags,
        summary: 'List what waits in quarantine, oldest first, without its bytes',
        querystring: z.strictObject({ ...which, after: EntryId.optional(), limit: PageLimit }),
        response: { 200: Entries, default: problems },
      },
    },
    async (request, reply) => {
      const { ident = null, code = null, after = null, limit } = request.query;
      const { tenant } = callerOf(request);
      const found = await quarantine.list({ tenant, ident, code, after, limit })();
      if (isLeft(found)) return refuse(reply, found.left);
      const last = found.right.length < limit ? undefined : found.right.at(-1);
      return reply.send({ items: found.right.map(told), next: last ? String(last.id) : null });
    },
  );
  app.get(
    `${URL}/use`,
    {
      schema: {
        tags,
        summary: 'How full quarantine is, by device, and what found no room in it',
        response: { 200: Uses, default: problems },
      },
    },
    async (request, reply) => {
      const found = await quarantine.use(callerOf(request).tenant)();
      return isLeft(found) ? refuse(reply, found.left) : reply.send({ items: [...found.right] });
    },
  );
  app.get(
    `${URL}/:entry_id`,
    {
      schema: {
        tags,
        summary: 'Look into a message that could not be stored',
        params,
        response: { 200: Message, default: problems },
      },
    },
    async (request, reply) => {
      const recorded = await record(request, NOBODY);
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const { tenant } = callerOf(request);
      const found = await quarantine.inspect({ tenant, id: request.params.entry_id })();
      if (isLeft(found)) return refuse(reply, found.left);
      if (found.right === null) return refuse(reply, { code: 'QuarantineEntryUnknown' });
      const { raw } = found.right;
      reply.header('cache-control', 'no-store');
      return reply.send({ ...told(found.right), raw: raw.toString('base64'), text: textOf(raw) });
    },
  );
};

const replayedOne = (released: boolean, stored: Stored) => ({ released, ...stored });

const replays = (app: App, { kept }: Given): void => {
  const busy = new Set<Tenant>();
  app.post(
    `${URL}/:entry_id/replay`,
    {
      schema: {
        tags,
        summary:
          'Read a message again, after its cause is mended; it goes when all of it was taken',
        params,
        response: { 200: Replayed, default: problems },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const replayed = await kept.replayEntry({ tenant, id: request.params.entry_id });
      if (isLeft(replayed)) return refuse(reply, refusalOf(replayed.left));
      if (replayed.right === null) return refuse(reply, { code: 'QuarantineEntryUnknown' });
      return reply.send(replayedOne(replayed.right.released, replayed.right.stored));
    },
  );
  app.post(
    `${URL}/replay`,
    {
      schema: {
        tags,
        summary: 'Read all messages of a filter again, for fifteen seconds at most',
        body: z.strictObject({ ...which, after: EntryId.optional() }),
        response: { 200: ReplayedAll, default: problems },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      if (busy.has(tenant)) {
        return refuse(reply, { code: 'TooManyRequests', retry_after_s: RETRY_AFTER_S });
      }
      busy.add(tenant);
      try {
        const { ident = null, code = null, after = null } = request.body;
        const replayed = await kept.replayAll({ tenant, ident, code, after });
        if (isLeft(replayed)) return refuse(reply, refusalOf(replayed.left));
        const { next, ...became } = replayed.right;
        return reply.send({ ...became, next: next === null ? null : String(next) });
      } finally {
        busy.delete(tenant);
      }
    },
  );
};

const endings = (app: App, { kept: { quarantine } }: Given): void => {
  app.delete(
    `${URL}/:entry_id`,
    {
      schema: {
        tags,
        summary: 'Let go of a message, unread',
        params,
        response: { 200: Gone, default: problems },
      },
    },
    async (request, reply) => {
      const { entry_id: id } = request.params;
      const released = await quarantine.release({ tenant: callerOf(request).tenant, id })();
      if (isLeft(released)) return refuse(reply, released.left);
      if (!released.right) return refuse(reply, { code: 'QuarantineEntryUnknown' });
      return reply.send({ id: String(id) });
    },
  );
};

type Given = Looking & { readonly kept: KeptTelemetry };

/**
 * What devices said and could not be stored: an operator of the tenant lists it, looks into it, has it read
 * again when the cause is mended, or lets go of it.
 */
export const telemetryQuarantineRoutes = (app: App, given: Given): void => {
  views(app, given);
  replays(app, given);
  endings(app, given);
};
