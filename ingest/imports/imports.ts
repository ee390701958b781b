import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { BatchJob, BatchJobs, BatchWork } from '#commands/batchJobs.ts';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import { stateCache } from '#commands/stateCache.ts';
import { type Workspace, workspace as workspaceOn } from '#commands/workspace.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { dryStore } from './dryStore.ts';
import type { ImportKind, ImportMapping } from './importMapping.ts';
import {
  FAULTS_LISTED_MAX,
  type ImportedBy,
  type ImportFile,
  type ImportFiles,
  type RowFault,
} from './ports.ts';
import { type FileRefusal, readImport } from './readImport.ts';
import { saidBy } from './saidBy.ts';
import { takeRow } from './takeRow.ts';

/** The kind of job that takes some rows of a file. */
export const IMPORT = 'import';

/** So many rows a job, which take some seconds of the minutes that it has. A dry run is one job. */
const ROWS_PER_JOB = 500;
const STATES_REMEMBERED = 10_000;

const Data = z.strictObject({ import: z.uuid(), from: z.coerce.number().int().min(0) });

/** What takes files in: where they wait, the jobs, and how many rows one of those takes. */
export interface ImportParts {
  readonly workspace: Workspace;
  readonly files: ImportFiles;
  readonly jobs: Pick<BatchJobs, 'put'>;
  readonly rowsPerJob?: number;
}

/** A file as somebody hands it over. `nonce` tells one dry run of a file from another. */
export interface HandedFile {
  readonly kind: ImportKind;
  readonly mapping: ImportMapping;
  readonly text: string;
  readonly dryRun: boolean;
  readonly nonce: string;
  readonly by: ImportedBy;
}

const jobFor = (tenant: Tenant, id: string, from: number): BatchJob => ({
  ...{ kind: IMPORT, tenant, key: `${id}:${from}` },
  data: { import: id, from: String(from) },
});

/**
 * Has a file taken in. The same file, mapped alike, is the same import, and what it says is in the ledger
 * once; a dry run is one of its own each time.
 */
export const askImport =
  ({ workspace, files, jobs }: ImportParts) =>
  async (
    tenant: Tenant,
    { kind, mapping, text, dryRun, nonce, by }: HandedFile,
  ): Promise<
    Either<FileRefusal | Unavailable, { readonly id: string; readonly isNew: boolean }>
  > => {
    const rows = readImport(mapping)(text);
    if (isLeft(rows)) return rows;
    const digest = digestOf({ mapping, text });
    const id = deriveUuid('import-file', tenant, kind, digest, dryRun ? nonce : '');
    const takenAt = workspace.now();
    const file: ImportFile = { id, kind, dryRun, mapping, by, takenAt, rows: [...rows.right] };
    const kept = await files.keep(tenant, file)();
    if (isLeft(kept)) return kept;
    const put = await jobs.put(jobFor(tenant, id, 0))();
    return isLeft(put) ? put : right({ id, isNew: kept.right });
  };

const dry = (real: Workspace): Workspace => {
  const { vault, claimHash, now, platformZone } = real;
  return workspaceOn({
    ...{ vault, claimHash, now, platformZone, store: dryStore(real.store) },
    cache: stateCache({ entries_max: STATES_REMEMBERED }),
    observeConflict: () => {},
  });
};

/**
 * Takes some rows of a file, and then puts the job for those behind them. Killed half-way or tried again it
 * goes over the same rows, of which those that were taken are known. Rows that are wrong are listed and
 * passed over; where a store is away, all waits.
 */
export const importWork =
  (parts: ImportParts): BatchWork =>
  async ({ tenant, data }, signal) => {
    const { import: id, from } = Data.parse(data);
    const { files, jobs, workspace, rowsPerJob = ROWS_PER_JOB } = parts;
    const unavailable = left({ code: 'unavailable', again: true });
    const found = await files.read(tenant, id)();
    if (isLeft(found)) return unavailable;
    const file = found.right;
    if (file === null) return left({ code: 'import_unknown', again: false });
    const to = file.dryRun ? file.rows.length : Math.min(from + rowsPerJob, file.rows.length);
    const read = saidBy(file.kind, file.mapping);
    const take = takeRow(file.dryRun ? dry(workspace) : workspace, tenant, file.by, id);
    const counts = { taken: 0, known: 0, wrong: 0 };
    const faults: RowFault[] = [];
    const refuse = (why: readonly RowFault[]): void => {
      counts.wrong += 1;
      faults.push(...why.slice(0, FAULTS_LISTED_MAX - faults.length));
    };
    for (const row of file.rows.slice(from, to)) {
      if (signal.aborted) return left({ code: 'out_of_time', again: true });
      const said = read(row);
      if (isLeft(said)) {
        refuse(said.left);
        continue;
      }
      const taken = await take(said.right);
      if (!isLeft(taken)) counts[taken.right] += 1;
      else if (taken.left.again) return left(taken.left);
      else refuse([{ line: row.line, column: null, code: taken.left.code }]);
    }
    const part = { from, rows: to - from, ...counts, faults };
    const recorded = await files.record(tenant, id, part)();
    if (isLeft(recorded)) return unavailable;
    if (to >= file.rows.length) return right(null);
    const put = await jobs.put(jobFor(tenant, id, to))();
    return isLeft(put) ? unavailable : right(null);
  };
