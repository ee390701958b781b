import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const PACKAGES_MIN = 300;

const Package = z.looseObject({
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const document = textOf('docs/DEPENDENCIES.md').split('## Licences')[1] ?? '';
/** Which licences may be, by the table for people: those for anywhere, and those for the place. */
const allowed = (where: string): ReadonlySet<string> =>
  new Set(
    [...document.matchAll(/^\| `([^`]+)`\s*\| (\w+)\s*\|/gm)].flatMap(([, name = '', scope]) =>
      scope === 'anywhere' || scope === where ? [name] : [],
    ),
  );
const silent = new Set([...document.matchAll(/^- `([^`]+)`$/gm)].map(([, name]) => name));

/** Whether an expression of SPDX is met: of alternatives one, of what holds together all. */
const isMet = (expression: string, may: ReadonlySet<string>): boolean =>
  expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((name) => may.has(name.trim())));

/**
 * The licence that a file of its text is headed by, where a package names none: some say only there that it
 * is MIT.
 */
const licenceIn = (file: string): string | undefined =>
  existsSync(file) && readFileSync(file, 'utf8').startsWith('MIT License\n') ? 'MIT' : undefined;

/** What is wrong with the licence of a package; null if nothing is. */
const wrongWith = (path: string, found: z.infer<typeof Package>): string | null => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const file = join(ROOT, path, 'package.json');
  const isHere = existsSync(file);
  const licence =
    found.license ??
    (isHere ? Package.parse(JSON.parse(readFileSync(file, 'utf8'))).license : undefined) ??
    licenceIn(join(ROOT, path, 'LICENSE'));
  if (licence === undefined) {
    // What npm left out on this machine is looked at where it is installed.
    const isElsewhere = !isHere && found.optional === true;
    return isElsewhere || (silent.has(name) && found.dev === true) ? null : `${name}: none stated`;
  }
  const may = allowed(found.dev === true ? 'development' : 'delivery');
  return isMet(licence, may) ? null : `${name}: ${licence}`;
};

describe('licences', () => {
  it('of all that is installed are ones that we may live with', () => {
    const { packages } = Lock.parse(JSON.parse(textOf('package-lock.json')));
    const others = Object.entries(packages).filter(([path]) => path !== '');
    expect(others.length).toBeGreaterThan(PACKAGES_MIN);
    expect(others.map(([path, found]) => wrongWith(path, found)).filter(Boolean)).toEqual([]);
  });

  it('would be noticed', () => {
    expect(allowed('delivery').size).toBeGreaterThan(5);
    expect(wrongWith('node_modules/x', { license: 'GPL-3.0-only' })).toBe('x: GPL-3.0-only');
    expect(wrongWith('node_modules/x', { license: '(MIT AND SSPL-1.0)' })).not.toBeNull();
    expect(wrongWith('node_modules/x', { license: '(SSPL-1.0 OR MIT)' })).toBeNull();
    expect(wrongWith('node_modules/x', { license: 'MPL-2.0' })).not.toBeNull();
    expect(wrongWith('node_modules/x', { license: 'MPL-2.0', dev: true })).toBeNull();
    expect(wrongWith('node_modules/a/node_modules/x', {})).toBe('x: none stated');
  });
});
