import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const FILE_LINES_MAX = 300;
const COMMENT_COLUMNS_MAX = 110;
const FILES_MIN = 60;

/** Which packages and folders the files of a folder may import, besides their own folder. */
interface Rule {
  readonly folders: readonly string[];
  readonly packages: readonly string[] | 'any';
}

const any = 'any' as const;
const everything = [
  ...[
    'domain',
    'commands',
    'projections',
    'ingest',
    'api',
    'audit',
    'reports',
    'adapters',
    'simulators',
    'main',
    'web',
    'bench',
    'tests',
  ],
];

/**
 * The table of docs/ARCHITECTURE.md, "Rooms": who may import whom. `.` is the root, where the parts are
 * joined.
 */
const RULES: Readonly<Record<string, Rule>> = {
  domain: { folders: [], packages: ['zod', 'fp-ts/lib/Either.js'] },
  commands: { folders: ['domain'], packages: any },
  projections: { folders: ['domain'], packages: any },
  ingest: { folders: ['domain', 'commands'], packages: any },
  api: {
    folders: ['domain', 'commands', 'projections', 'audit', 'ingest', 'reports'],
    packages: any,
  },
  audit: { folders: ['domain'], packages: any },
  reports: { folders: ['domain', 'projections'], packages: any },
  'audit/verify': {
    folders: ['domain'],
    packages: ['zod', 'fp-ts/lib/Either.js', '@noble/hashes'],
  },
  adapters: {
    folders: ['domain', 'commands', 'projections', 'ingest', 'api', 'audit'],
    packages: any,
  },
  simulators: { folders: ['domain', 'ingest'], packages: any },
  main: { folders: everything, packages: any },
  web: { folders: ['audit'], packages: any },
  bench: { folders: everything, packages: any },
  tests: { folders: everything, packages: any },
  '.': { folders: everything, packages: any },
};

/** Of the whole of fp-ts only what the style allows, each where it allows it. */
const FP_TS = ['fp-ts/lib/Either.js', 'fp-ts/lib/TaskEither.js', 'fp-ts/lib/function.js'];

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });

const files = filesBelow(ROOT)
  .map((path) => relative(ROOT, path))
  .filter((path) => path.endsWith('.ts'));

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const roomOf = (path: string): string => {
  if (path.startsWith('audit/verify/')) return 'audit/verify';
  return path.includes('/') ? (path.split('/')[0] ?? '.') : '.';
};

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name ?? '');

/** What is wrong with an import, as a sentence; null if nothing is. */
const breach = (path: string, imported: string): string | null => {
  const room = roomOf(path);
  const rule = RULES[room];
  if (!rule) return `${path} lies in ${room}, which the table does not know`;
  if (imported.startsWith('..')) return `${path} imports ${imported}: use # across folders`;
  if (imported.startsWith('./')) return null;
  if (imported.startsWith('#')) {
    const target = imported.slice(1).split('/')[0] ?? '';
    const own = target === room.split('/')[0];
    return own || rule.folders.includes(target) ? null : `${path} may not import ${imported}`;
  }
  if (imported.startsWith('fp-ts') && !FP_TS.includes(imported))
    return `${path} imports ${imported}`;
  if (rule.packages === 'any' || rule.packages.includes(imported)) return null;
  return `${path} may not import ${imported}`;
};

const breachesOf = (path: string, text: string): string[] =>
  importsOf(text)
    .map((imported) => breach(path, imported))
    .filter((found) => found !== null);

/** What is looked at for imports: all but this file, which holds breaches as texts. */
const imports = () =>
  files
    .filter((path) => path !== 'tests/tidy.test.ts')
    .map((path) => [path, textOf(path)] as const);

const matching = (inside: RegExp, wrong: RegExp, except: readonly string[] = []): string[] =>
  files.filter((path) => inside.test(path) && !except.includes(path) && wrong.test(textOf(path)));

/** The code of a file, without comments, texts and what imports rename. */
const codeOf = (path: string): string =>
  textOf(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/`[^`]*`|'[^'\n]*'/g, '')
    .replaceAll(/^(?:import|export)\b[^;]*\bfrom\b[^;]*;/gm, '');

const production = /^(domain|commands|projections|ingest|api|audit|reports|adapters|simulators)\//;

describe('the house is tidy', () => {
  it('has been looked at', () => {
    expect(files.length).toBeGreaterThan(FILES_MIN);
    for (const room of ['domain', 'commands', 'projections', 'adapters', 'tests']) {
      expect(files.some((path) => roomOf(path) === room)).toBe(true);
    }
  });

  it('imports only as the table allows', () => {
    expect(imports().flatMap(([path, text]) => breachesOf(path, text))).toEqual([]);
  });

  it('would notice a breach', () => {
    const seeded = [
      ['domain/x.ts', `import { readFile } from 'node:fs';`],
      ['domain/x.ts', `import { store } from '#adapters/memoryEventStore.ts';`],
      ['projections/x.ts', `import { handle } from '#commands/handle.ts';`],
      ['api/x.ts', `import { thing } from '../domain/x.ts';`],
      ['commands/x.ts', `import * as E from 'fp-ts/Either';`],
      ['attic/x.ts', `import { z } from 'zod';`],
    ] as const;
    for (const [path, text] of seeded) expect(breachesOf(path, text)).toHaveLength(1);
    expect(breachesOf('domain/x.ts', `import { z } from 'zod';`)).toEqual([]);
  });

  it('keeps files short enough for one idea', () => {
    const long = files.filter((path) => textOf(path).split('\n').length - 1 > FILE_LINES_MAX);
    expect(long).toEqual([]);
  });

  it('keeps comments within their columns', () => {
    const wide = files.filter((path) =>
      textOf(path)
        .split('\n')
        .some(
          (line) =>
            /^\s*(\/\/|\*|\/\*\*)/.test(line) &&
            line.length > COMMENT_COLUMNS_MAX &&
            !line.includes('biome-ignore'),
        ),
    );
    expect(wide).toEqual([]);
  });

  it('knows no clock, chance or process in the domain', () => {
    const impure = /\bDate\b|Math\.random|\bprocess\b|\bsetTimeout\b/;
    expect(matching(/^domain\//, impure, ['domain/kernel/instant.ts'])).toEqual([]);
    expect(textOf('domain/kernel/instant.ts')).not.toMatch(/Date\.now|new Date\(\)/);
  });

  it('has no casts, no assertions of presence, no classes and no console', () => {
    const cast = /\bas (?!const\b)/;
    expect(files.filter((path) => production.test(path) && cast.test(codeOf(path)))).toEqual([]);
    expect('const x = y as Z;').toMatch(cast);
    expect(matching(production, /\bconsole\./)).toEqual([]);
    expect(matching(production, /^(export )?(abstract )?class (?!\w+ extends \w*Error)/m)).toEqual(
      [],
    );
  });

  it('has nothing left undone and no test switched off', () => {
    expect(matching(/./, new RegExp('\\b(TO' + 'DO|FIX' + 'ME)\\b'))).toEqual([]);
    expect(matching(/^tests\//, /\b(it|describe|test)\.(only|todo)\(/)).toEqual([]);
  });

  it('installs from wherever the reader installs from', () => {
    expect(textOf('package-lock.json')).not.toContain('"resolved"');
  });
});
