import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes to be looked for, under a name that a test may print. */
export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The middle of what base64 makes of some bytes when they begin at one of its three offsets. */
const base64At = (bytes: Buffer, offset: number): string => {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(4, 4 * Math.floor((offset + bytes.length) / 3));
};

/** Some bytes as they are, as base64 at any offset, and as hexadecimal digits. */
const formsOf = (name: string, bytes: Buffer): Needle[] => [
  { name, bytes },
  { name: `${name}, hexadecimal`, bytes: Buffer.from(bytes.toString('hex')) },
  ...[0, 1, 2].map((offset) => ({
    name: `${name}, base64 at offset ${offset}`,
    bytes: Buffer.from(base64At(bytes, offset)),
  })),
];

/**
 * A text in the forms it might be found in: UTF-8 and UTF-16, each plain, as base64 and as hexadecimal
 * digits.
 */
export const textNeedles = (text: string): Needle[] => [
  ...formsOf(`${text} (UTF-8)`, Buffer.from(text, 'utf8')),
  ...formsOf(`${text} (UTF-16, little end first)`, Buffer.from(text, 'utf16le')),
  ...formsOf(`${text} (UTF-16, big end first)`, Buffer.from(text, 'utf16le').swap16()),
];

/** A key in the forms it might be found in. */
export const keyNeedles = (name: string, key: Buffer): Needle[] => formsOf(name, key);

/** What was found: the needle and the file. */
export interface Found {
  readonly needle: string;
  readonly file: string;
}

/** Looks through every file below some directories, byte by byte. */
export const searchFiles = async (
  directories: readonly string[],
  needles: readonly Needle[],
): Promise<{ readonly found: readonly Found[]; readonly files: readonly string[] }> => {
  const found: Found[] = [];
  const files: string[] = [];
  for (const directory of directories) {
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const bytes = await readFile(file);
      files.push(file);
      for (const needle of needles) {
        if (bytes.includes(needle.bytes)) found.push({ needle: needle.name, file });
      }
    }
  }
  return { found, files };
};
