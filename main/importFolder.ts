import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import { ActorId, Tenant } from '#domain/kernel/ids.ts';
import { type ImportKind, ImportMapping } from '#ingest/imports/importMapping.ts';
import { askImport, type ImportParts } from '#ingest/imports/imports.ts';
import { IMPORT_CHARS_MAX } from '#ingest/imports/readImport.ts';

const MAPPING = 'mapping.json';
/** A file that changed a moment ago may still be written. */
const QUIET_MS = 60_000;
const FILES_MAX = 1_000;

const by = {
  actor: { kind: 'system', id: ActorId.parse(deriveUuid('actor', 'import')), role: 'import' },
  parks: '*',
} as const;

const namesIn = async (directory: string): Promise<readonly string[]> => {
  try {
    return (await readdir(directory)).sort().slice(0, FILES_MAX);
  } catch {
    // No such folder: nobody has put anything there.
    return [];
  }
};

/** The files of a folder that may be read by now. */
const readableIn = async (directory: string, now_ms: number): Promise<readonly string[]> => {
  const paths: string[] = [];
  for (const name of await namesIn(directory)) {
    if (!name.endsWith('.csv')) continue;
    const path = join(directory, name);
    const { mtimeMs, size } = await stat(path);
    if (now_ms - mtimeMs >= QUIET_MS && size <= IMPORT_CHARS_MAX) paths.push(path);
  }
  return paths;
};

const mappingIn = async (directory: string): Promise<ImportMapping> => {
  const names = await namesIn(directory);
  if (!names.includes(MAPPING)) return ImportMapping.parse({});
  return ImportMapping.parse(JSON.parse(await readFile(join(directory, MAPPING), 'utf8')));
};

/**
 * Looks into `<directory>/<tenant>/<kind>` for files, which stay where they are: one that was taken in before
 * is known by what it says. Answers how many were new. `refused` is told of files that are none.
 */
export const lookIntoFolder =
  (
    parts: ImportParts,
    directory: string,
    {
      now_ms,
      refused,
    }: { readonly now_ms: () => number; readonly refused: (code: string) => void },
  ) =>
  async (tenant: Tenant, kind: ImportKind): Promise<number> => {
    const folder = join(directory, tenant, kind);
    const mapping = await mappingIn(folder);
    let found = 0;
    for (const path of await readableIn(folder, now_ms())) {
      const text = await readFile(path, 'utf8');
      const file = { kind, mapping, text, dryRun: false, nonce: '', by };
      const taken = await askImport(parts)(tenant, file);
      if (isLeft(taken)) refused(taken.left.code);
      else found += taken.right.isNew ? 1 : 0;
    }
    return found;
  };

/** The tenants that have a folder. */
export const tenantsIn = async (directory: string): Promise<readonly Tenant[]> =>
  (await namesIn(directory)).flatMap((name) => Tenant.safeParse(name).data ?? []);
