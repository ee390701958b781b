import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const FILE_MAX_BYTES = 512 * 1024 * 1024;
const { O_CREAT, O_RDONLY, O_RDWR } = constants;

/**
 * The files of one directory, as small steps: after each of them the machine may die. Nothing is durable
 * before `sync` (what a file holds) and `syncDirectory` (which files there are, and under which names).
 */
export interface KeyDisk {
  readonly list: () => Promise<readonly string[]>;
  /** What a file holds from an offset on; null where there is no such file. */
  readonly read: (name: string, from_bytes: number) => Promise<Buffer | null>;
  /** Writes at an offset, creating the file for its owner alone. */
  readonly write: (name: string, bytes: Buffer, at_bytes: number) => Promise<void>;
  readonly truncate: (name: string, length_bytes: number) => Promise<void>;
  /** False where there is no such file. */
  readonly sync: (name: string) => Promise<boolean>;
  readonly syncDirectory: () => Promise<void>;
  readonly rename: (names: { readonly from: string; readonly to: string }) => Promise<void>;
  /** A file that is not there is left so. */
  readonly unlink: (name: string) => Promise<void>;
}

const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

/**
 * An error with a code of the key store's own, so that nobody takes a full disk for a database that is
 * away.
 */
export const keyStoreError = (problem: string, code: string): Error =>
  Object.assign(new Error(`key store: ${problem}`), { code: `KEY_STORE_${code}` });

/**
 * The code of an error that means the key store is out of reach or overburdened; null for a bug or
 * corruption.
 */
export const keyStoreOutage = (error: unknown): string | null => {
  const code = codeOf(error);
  return code.startsWith('KEY_STORE_') ? code : null;
};

const attempt = async <Result>(step: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    throw /^E[A-Z0-9]+$/.test(code) ? keyStoreError(`${step} failed`, code) : error;
  }
};

/** Undefined where there is no such file. */
const unlessMissing = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

const withFile = async <Result>(
  path: string,
  flags: number,
  work: (file: FileHandle) => Promise<Result>,
): Promise<Result> => {
  const file = await open(path, flags, FILE_MODE);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
};

const readFrom = async (file: FileHandle, from_bytes: number): Promise<Buffer> => {
  const { size } = await file.stat();
  if (size > FILE_MAX_BYTES) throw new Error('a file of the key store is too large');
  const bytes = Buffer.alloc(Math.max(0, size - from_bytes));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(
      bytes,
      filled,
      bytes.length - filled,
      from_bytes + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
};

const writeAt = async (file: FileHandle, bytes: Buffer, at_bytes: number): Promise<void> => {
  let written = 0;
  while (written < bytes.length) {
    const left = bytes.length - written;
    const { bytesWritten } = await file.write(bytes, written, left, at_bytes + written);
    written += bytesWritten;
  }
};

const syncFile = (path: string): Promise<void> =>
  withFile(path, O_RDONLY, (directory) => directory.sync());

/** A directory of the file system, made if need be and open to its owner alone. */
export const keyDisk = async (directory: string): Promise<KeyDisk> => {
  const pathOf = (name: string) => join(directory, name);
  await attempt('creating', async () => {
    const first = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    for (let made = resolve(directory); made.length >= (first?.length ?? Infinity); ) {
      made = dirname(made);
      await syncFile(made);
    }
  });
  return {
    list: () => attempt('listing', () => readdir(directory)),
    read: (name, from_bytes) =>
      attempt('reading', async () => {
        const read = (file: FileHandle) => readFrom(file, from_bytes);
        return (await unlessMissing(() => withFile(pathOf(name), O_RDONLY, read))) ?? null;
      }),
    write: (name, bytes, at_bytes) =>
      attempt('writing', () =>
        withFile(pathOf(name), O_RDWR | O_CREAT, (file) => writeAt(file, bytes, at_bytes)),
      ),
    truncate: (name, length_bytes) =>
      attempt('truncating', () =>
        withFile(pathOf(name), O_RDWR, (file) => file.truncate(length_bytes)),
      ),
    sync: (name) =>
      attempt('syncing', async () => {
        const synced = await unlessMissing(async () => {
          await syncFile(pathOf(name));
          return true;
        });
        return synced ?? false;
      }),
    syncDirectory: () => attempt('syncing', () => syncFile(directory)),
    rename: ({ from, to }) => attempt('renaming', () => rename(pathOf(from), pathOf(to))),
    unlink: (name) =>
      attempt('unlinking', async () => {
        await unlessMissing(() => unlink(pathOf(name)));
      }),
  };
};
