import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { NoParams } from '#api/commandRoute.ts';
import { problems, refuse } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { ImportKind, ImportMapping } from '#ingest/imports/importMapping.ts';
import type { HandedFile } from '#ingest/imports/imports.ts';
import { type ImportFiles, type ImportStatus, RowFault } from '#ingest/imports/ports.ts';
import { type FileRefusal, IMPORT_CHARS_MAX } from '#ingest/imports/readImport.ts';

/** The text, and what JSON adds to it. */
const BODY_MAX_BYTES = 2 * IMPORT_CHARS_MAX;
const LISTED_MAX = 20;

/**
 * What takes files in, as routes ask for it. `look` looks into the folder of a tenant and a kind, and answers
 * how many files were new; null where no folder is configured.
 */
export interface Imports {
  readonly ask: (
    tenant: Tenant,
    file: HandedFile,
  ) => Promise<Either<FileRefusal | Unavailable, { readonly id: string; readonly isNew: boolean }>>;
  readonly statuses: ImportFiles['statuses'];
  readonly look: ((tenant: Tenant, kind: ImportKind) => Promise<number>) | null;
}

const tag = 'etl';
const Body = z.strictObject({
  kind: ImportKind,
  mapping: ImportMapping.prefault({}),
  dry_run: z
    .boolean()
    .default(false)
    .meta({ description: 'Says what would happen, and does not.' }),
  text: z.string().min(1).max(IMPORT_CHARS_MAX),
});

/** How far a file has got, as it is told. */
export const ImportReply = z
  .strictObject({
    import_id: z.uuid(),
    kind: ImportKind,
    dry_run: z.boolean(),
    taken_at: Instant,
    phase: z
      .enum(['waiting', 'done'])
      .meta({ description: 'Waiting: not all rows were looked at.' }),
    rows: z.int(),
    done: z.int().meta({ description: 'How many rows were looked at.' }),
    taken: z.int().meta({ description: 'In a dry run: would be.' }),
    known: z.int().meta({ description: 'Were there already.' }),
    wrong: z.int(),
    errors: z.array(RowFault).meta({ description: 'The first hundred.' }),
  })
  .meta({ id: 'Import' });

/** A file as it is told. */
export const importReply = ({
  id,
  dryRun,
  takenAt,
  faults,
  ...counts
}: ImportStatus): z.infer<typeof ImportReply> => ({
  ...{ import_id: id, dry_run: dryRun, taken_at: takenAt, ...counts, errors: faults },
  phase: counts.done < counts.rows ? 'waiting' : 'done',
});

/** The files that a tenant had taken in last. */
export const lastImports = async ({ statuses }: Imports, tenant: Tenant) =>
  statuses(tenant, { limit: LISTED_MAX })();

/** Files that are taken in row by row, in the background. */
export const importRoutes = (app: App, imports: Imports): void => {
  app.post(
    '/etl/imports',
    {
      bodyLimit: BODY_MAX_BYTES,
      config: { command: { target: 'content' } },
      schema: {
        tags: [tag],
        summary: 'Have a table taken in, row by row; the same again changes nothing',
        params: NoParams,
        body: Body,
        response: {
          202: z.strictObject({ import_id: z.uuid(), new: z.boolean() }),
          default: problems,
        },
      },
    },
    async (request, reply) => {
      const { kind, mapping, text, dry_run: dryRun } = request.body;
      const { tenant, parks } = callerOf(request);
      const { actor, command: nonce } = asked(request).origin;
      const by = { actor, parks: parks === '*' ? parks : [...parks] };
      const done = await imports.ask(tenant, { kind, mapping, text, dryRun, nonce, by });
      if (isLeft(done)) {
        const refusal = done.left;
        if (refusal.code === 'Unavailable') return refuse(reply, refusal);
        const columns = refusal.code === 'ColumnsMissing' ? refusal.columns.join(', ') : '';
        return refuse(reply, { code: 'ImportRefused', why: snakeCase(refusal.code), columns });
      }
      const { id, isNew } = done.right;
      reply.header('location', `/api/v1/etl/imports/${id}`);
      return reply.code(202).send({ import_id: id, new: isNew });
    },
  );
  app.get(
    '/etl/imports/:import_id',
    {
      schema: {
        tags: [tag],
        summary: 'What became of a file, and what is wrong with its rows',
        params: z.strictObject({ import_id: z.uuid() }),
        response: { 200: ImportReply, default: problems },
      },
    },
    async (request, reply) => {
      const { import_id: id } = request.params;
      const found = await imports.statuses(callerOf(request).tenant, { id })();
      if (isLeft(found)) return refuse(reply, found.left);
      const [status] = found.right;
      return status ? reply.send(importReply(status)) : refuse(reply, { code: 'ImportUnknown' });
    },
  );
  app.post(
    '/etl/status',
    {
      schema: {
        tags: [tag],
        summary: 'Look now for files of a kind in the folder of the tenant',
        body: z.strictObject({ import: ImportKind }),
        response: { 202: z.strictObject({ found: z.int() }), default: problems },
      },
    },
    async (request, reply) => {
      if (imports.look === null) return refuse(reply, { code: 'ImportFolderMissing' });
      const found = await imports.look(callerOf(request).tenant, request.body.import);
      return reply.code(202).send({ found });
    },
  );
};
