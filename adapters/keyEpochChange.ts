import { randomBytes } from 'node:crypto';
import { setImmediate as otherWork } from 'node:timers/promises';
import { type KeyDisk, keyStoreError } from './keyDisk.ts';
import {
  CURRENT_FILE,
  type CurrentEpoch,
  catchUp,
  type DataKey,
  type Epoch,
  freshKey,
  KEY_BYTES,
  keyFile,
  lineOf,
  readCurrent,
  unwrap,
  wrappedFile,
} from './keyEpoch.ts';

const EPOCH_FILE = /^epoch-(\d+)\.(?:key|wrapped)$/;
const KEYS_AT_ONCE = 1_000;

const mustSync = async (disk: KeyDisk, name: string): Promise<void> => {
  if (!(await disk.sync(name))) throw keyStoreError('a file vanished', 'GONE');
};

/** Writes a file and reads it back. Its name is durable only after `syncDirectory`. */
export const writeFile = async (disk: KeyDisk, name: string, bytes: Buffer): Promise<void> => {
  await disk.write(name, bytes, 0);
  await disk.truncate(name, bytes.length);
  await mustSync(disk, name);
  if (!(await disk.read(name, 0))?.equals(bytes)) {
    throw new Error('the key store does not read back what was written');
  }
};

/** Destroys the key of an epoch: overwritten durably, then unlinked together with what it wrapped. */
const destroyEpoch = async (disk: KeyDisk, epoch: number): Promise<void> => {
  const key = await disk.read(keyFile(epoch), 0);
  if (key) {
    await disk.write(keyFile(epoch), randomBytes(Math.max(key.length, KEY_BYTES)), 0);
    await mustSync(disk, keyFile(epoch));
    await disk.unlink(keyFile(epoch));
  }
  await disk.unlink(wrappedFile(epoch));
  await disk.syncDirectory();
};

/** The numbers of the epochs of which there are files. */
export const epochsOf = (names: readonly string[]): ReadonlySet<number> =>
  new Set(names.map((name) => EPOCH_FILE.exec(name)?.[1]).flatMap((n) => (n ? [Number(n)] : [])));

/**
 * Destroys what changes of epoch that broke off have left: an old epoch, or one that never came into force.
 */
export const tidy = async (disk: KeyDisk, current: CurrentEpoch | null): Promise<void> => {
  // The pointer may name an epoch since a moment ago and not durably so.
  await disk.syncDirectory();
  for (const epoch of epochsOf(await disk.list())) {
    if (epoch !== current?.epoch) await destroyEpoch(disk, epoch);
  }
};

const writeEpoch = async (
  disk: KeyDisk,
  current: CurrentEpoch,
  keys: readonly DataKey[],
): Promise<Epoch> => {
  const key = freshKey();
  const file = wrappedFile(current.epoch);
  await writeFile(disk, keyFile(current.epoch), key);
  const lines: Buffer[] = [];
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    lines.push(lineOf({ current, key }, keys.slice(from, from + KEYS_AT_ONCE)));
    await otherWork();
  }
  await writeFile(disk, file, Buffer.concat(lines));
  await disk.syncDirectory();

  const readBack = (await disk.read(keyFile(current.epoch), 0)) ?? Buffer.alloc(0);
  const epoch = { current, key: readBack, wrapped: new Map(), known_bytes: 0 };
  await catchUp(disk, epoch);
  for (const [index, { owner, id, bytes }] of keys.entries()) {
    const again = unwrap(epoch, owner);
    if (again?.id !== id || !again.bytes.equals(bytes)) throw new Error('a key did not survive');
    if (index % KEYS_AT_ONCE === 0) await otherWork();
  }
  return epoch;
};

const pointTo = async (disk: KeyDisk, current: CurrentEpoch): Promise<void> => {
  const next = `${CURRENT_FILE}.next`;
  await writeFile(disk, next, Buffer.from(JSON.stringify(current)));
  await disk.rename({ from: next, to: CURRENT_FILE });
  await disk.syncDirectory();
  const readBack = await readCurrent(disk);
  if (readBack?.epoch !== current.epoch || readBack.store !== current.store) {
    throw new Error('the pointer to the epoch does not read back');
  }
};

/**
 * Begins an epoch in which only `keys` live on. It is durable and read back before the pointer names it,
 * and the pointer is so before the former epoch's key is destroyed. Under the lock, in a store that was
 * tidied.
 */
export const beginEpoch = async (
  disk: KeyDisk,
  change: { readonly to: CurrentEpoch; readonly keys: readonly DataKey[] },
): Promise<Epoch> => {
  const epoch = await writeEpoch(disk, change.to, change.keys);
  await pointTo(disk, change.to);
  await tidy(disk, change.to);
  return epoch;
};

/**
 * Adds keys to the epoch in force, durable and read back. Under the lock, on an epoch that has caught up.
 */
export const addKeys = async (
  disk: KeyDisk,
  epoch: Epoch,
  keys: readonly DataKey[],
): Promise<void> => {
  const file = wrappedFile(epoch.current.epoch);
  const line = lineOf(epoch, keys);
  const from = epoch.known_bytes;
  // What a crash left of a line goes first.
  await disk.truncate(file, from);
  await disk.write(file, line, from);
  // What is caught up with is durable.
  await catchUp(disk, epoch);
  for (const { owner, id, bytes } of keys) {
    const again = unwrap(epoch, owner);
    if (again?.id !== id || !again.bytes.equals(bytes)) throw new Error('a key does not read back');
  }
};
