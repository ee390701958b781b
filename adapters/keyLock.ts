import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyStoreError } from './keyDisk.ts';

const FILE = 'lock';
const WAIT_MAX_MS = 20_000;
const WAITING_MAX = 2_000;
const POLL_MIN_MS = 2;
const POLL_MAX_MS = 25;
/** Source: SQLite, "Result and Error Codes", SQLITE_BUSY. */
const SQLITE_BUSY = 5;

/** Does some work while nobody else on this machine works at the same key store. */
export type KeyLock = <Result>(work: () => Promise<Result>) => Promise<Result>;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;

/** True if the lock was had. */
const tryLock = (database: DatabaseSync): boolean => {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
};

const openLock = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch {
    throw keyStoreError('the lock file cannot be opened', 'LOCK');
  }
};

const holding = async <Result>(
  path: string,
  deadline_ms: number,
  work: () => Promise<Result>,
): Promise<Result> => {
  const database = openLock(path);
  try {
    while (!tryLock(database)) {
      if (performance.now() > deadline_ms) throw keyStoreError('the lock was not had', 'BUSY');
      await sleep(POLL_MIN_MS + Math.random() * (POLL_MAX_MS - POLL_MIN_MS));
    }
    return await work();
  } finally {
    database.close();
  }
};

/**
 * The lock of a key store: a lock file in its directory, held through SQLite, which holds nothing else. The
 * kernel keeps the lock and lets go of it the moment its holder dies, so a stale lock cannot be, and
 * neither can one that is taken from a living holder, as with an advisory lock of Postgres whose connection
 * broke. It also guards the directory itself, whichever database its users are connected to. Those of one
 * process queue up; others are polled for. Nothing else may open the lock file: closing it would let go of
 * the lock (POSIX).
 */
export const keyLock = (directory: string): KeyLock => {
  const path = join(directory, FILE);
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (work) => {
    if (waiting >= WAITING_MAX) {
      return Promise.reject(keyStoreError('too many wait for the lock', 'BUSY'));
    }
    waiting += 1;
    const deadline_ms = performance.now() + WAIT_MAX_MS;
    const mine = last
      .then(() => holding(path, deadline_ms, work))
      .finally(() => {
        waiting -= 1;
      });
    last = mine.catch(() => {});
    return mine;
  };
};
