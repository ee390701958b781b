import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { Actor } from '#domain/kernel/event.ts';
import { ParkId, type Tenant } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { ImportField, ImportKind, ImportMapping } from './importMapping.ts';

/** So many rows that are wrong are listed, of each part of a file. */
export const FAULTS_LISTED_MAX = 100;

/** The cells of a row that we have a use for, by our names, and its last line in the file. */
export const ImportRow = z.strictObject({
  line: z.int(),
  cells: z.partialRecord(ImportField, z.string()),
});
export type ImportRow = z.infer<typeof ImportRow>;

/** In whose name rows are taken, and in which parks they may act. */
export const ImportedBy = z.strictObject({
  actor: Actor,
  parks: z.union([z.literal('*'), z.array(ParkId)]),
});
export type ImportedBy = z.infer<typeof ImportedBy>;

/** A file that is to be taken in. Of its text only the cells are kept that rows are made of. */
export const ImportFile = z.strictObject({
  id: z.uuid(),
  kind: ImportKind,
  dryRun: z.boolean(),
  mapping: ImportMapping,
  by: ImportedBy,
  takenAt: Instant,
  rows: z.array(ImportRow),
});
export type ImportFile = z.infer<typeof ImportFile>;

/** What is wrong with a row: its line in the file, and the column, null where it is none in particular. */
export const RowFault = z.strictObject({
  line: z.int(),
  column: z.string().nullable(),
  code: z.string(),
});
export type RowFault = z.infer<typeof RowFault>;

/** What became of some rows: taken, there already, or wrong. */
export const PartOutcome = z.strictObject({
  taken: z.int(),
  known: z.int(),
  wrong: z.int(),
  faults: z.array(RowFault),
});
export type PartOutcome = z.infer<typeof PartOutcome>;

/** How far a file has got: `done` of its `rows`. */
export const ImportStatus = z.strictObject({
  id: z.uuid(),
  kind: ImportKind,
  dryRun: z.boolean(),
  takenAt: Instant,
  rows: z.int(),
  done: z.int(),
  ...PartOutcome.shape,
});
export type ImportStatus = z.infer<typeof ImportStatus>;

/** Where files wait, and what became of them. */
export interface ImportFiles {
  /** Keeps a file, unless one of its id is known: false. */
  readonly keep: (tenant: Tenant, file: ImportFile) => TaskEither<Unavailable, boolean>;
  /** Null where there is none of that id, or nothing of it any more. */
  readonly read: (tenant: Tenant, id: string) => TaskEither<Unavailable, ImportFile | null>;
  /** Says what became of the rows from one on; said again, the last word holds. */
  readonly record: (
    tenant: Tenant,
    id: string,
    part: PartOutcome & { readonly from: number; readonly rows: number },
  ) => TaskEither<Unavailable, null>;
  /** The files of a tenant, the last ones first, or the one of an id. */
  readonly statuses: (
    tenant: Tenant,
    of: { readonly id: string } | { readonly limit: number },
  ) => TaskEither<Unavailable, readonly ImportStatus[]>;
  /** Lets go of what files said that were taken before a moment; they are still known. */
  readonly sweep: (before: Instant) => TaskEither<Unavailable, null>;
}
