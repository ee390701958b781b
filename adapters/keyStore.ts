import { randomUUID } from 'node:crypto';
import { setImmediate as otherWork } from 'node:timers/promises';
import { type KeyDisk, keyDisk, keyStoreError } from './keyDisk.ts';
import {
  type CurrentEpoch,
  catchUp,
  type DataKey,
  type Epoch,
  freshKey,
  KEY_BYTES,
  type KeyOwner,
  loadEpoch,
  nameOf,
  readCurrent,
  unwrap,
  wrappedFile,
} from './keyEpoch.ts';
import { addKeys, beginEpoch, epochsOf, tidy, writeFile } from './keyEpochChange.ts';
import { type KeyLock, keyLock } from './keyLock.ts';

const CLAIM_KEY_FILE = 'claim.key';
const LOAD_ATTEMPTS_MAX = 10;
const KEYS_AT_ONCE = 1_000;

/**
 * The keys of personal data, in a directory outside the database and its backups: one random key of 256
 * bits per tenant, subject and class, wrapped by the key of an epoch. What cannot be reached or had in time
 * throws an error with a code that `keyStoreOutage` knows.
 */
export interface KeyStore {
  /** The random id that the store has had since it was made. */
  readonly id: string;
  /** The keys of some owners, in their order; null where there is none (any more). */
  readonly find: (owners: readonly KeyOwner[]) => Promise<readonly (DataKey | null)[]>;
  /**
   * The keys of some owners, in their order; those there were not are made, durable before they are
   * answered.
   */
  readonly ensure: (owners: readonly KeyOwner[]) => Promise<readonly DataKey[]>;
  /**
   * Destroys the keys of some owners for good, by a change of epoch that only the other keys live through.
   * Answers when nothing on the disk can bring them back. Asked again, it finishes what broke off.
   */
  readonly destroy: (owners: readonly KeyOwner[]) => Promise<void>;
  /** The key of the hashes of claims. Made with the store, never changed. */
  readonly claimKey: () => Promise<Buffer>;
}

interface Parts {
  readonly disk: KeyDisk;
  readonly lock: KeyLock;
}

const gone = () => keyStoreError('its files are gone', 'GONE');

const readClaimKey = async (disk: KeyDisk): Promise<Buffer> => {
  const key = await disk.read(CLAIM_KEY_FILE, 0);
  if (key?.length !== KEY_BYTES) throw new Error('the key store has lost its claim key');
  return key;
};

/** Makes a new store. The pointer comes last: a store without it has never been used. */
const found = async (disk: KeyDisk): Promise<CurrentEpoch> => {
  for (const epoch of epochsOf(await disk.list())) {
    const used = epoch > 1 || ((await disk.read(wrappedFile(epoch), 0))?.length ?? 0) > 0;
    if (used) throw new Error('the key store has lost the pointer to its epoch');
  }
  await tidy(disk, null);
  await writeFile(disk, CLAIM_KEY_FILE, freshKey());
  const current = { store: randomUUID(), epoch: 1 };
  await beginEpoch(disk, { to: current, keys: [] });
  return current;
};

/** The epoch in force, kept as long as the pointer names it. */
const epochCache = (disk: KeyDisk) => {
  let known: Epoch | null = null;
  return {
    get: async (): Promise<Epoch> => {
      for (let attempt = 0; attempt < LOAD_ATTEMPTS_MAX; attempt += 1) {
        const current = await readCurrent(disk);
        if (!current) throw gone();
        if (known?.current.epoch === current.epoch) return known;
        const loaded = await loadEpoch(disk, current);
        if (loaded) known = loaded;
      }
      throw keyStoreError('its epoch changes too often', 'BUSY');
    },
    put: (epoch: Epoch): void => {
      known = epoch;
    },
  };
};

type EpochCache = ReturnType<typeof epochCache>;

/** For work under the lock, where nobody else adds keys. */
const wholeEpoch = async (disk: KeyDisk, cache: EpochCache): Promise<Epoch> => {
  const epoch = await cache.get();
  if (!(await catchUp(disk, epoch))) throw gone();
  return epoch;
};

const finding =
  (disk: KeyDisk, cache: EpochCache): KeyStore['find'] =>
  async (owners) => {
    for (let attempt = 0; attempt < LOAD_ATTEMPTS_MAX; attempt += 1) {
      const epoch = await cache.get();
      const areKnown = owners.every((owner) => epoch.wrapped.has(nameOf(owner)));
      if (areKnown || (await catchUp(disk, epoch))) {
        return owners.map((owner) => unwrap(epoch, owner));
      }
    }
    throw gone();
  };

const ensuring =
  ({ disk, lock }: Parts, cache: EpochCache): KeyStore['ensure'] =>
  async (owners) => {
    const find = finding(disk, cache);
    const there = (await find(owners)).filter((key) => key !== null);
    if (there.length === owners.length) return there;
    return lock(async () => {
      const epoch = await wholeEpoch(disk, cache);
      const missing = owners.filter((owner) => !epoch.wrapped.has(nameOf(owner)));
      const distinct = new Map(missing.map((owner) => [nameOf(owner), owner])).values();
      const made = [...distinct].map((owner) => ({ owner, id: randomUUID(), bytes: freshKey() }));
      if (made.length > 0) await addKeys(disk, epoch, made);
      return owners.map((owner) => unwrap(epoch, owner)).filter((key) => key !== null);
    });
  };

const survivorsOf = async (epoch: Epoch, doomed: ReadonlySet<string>): Promise<DataKey[]> => {
  const keys: DataKey[] = [];
  for (const [name, { owner }] of epoch.wrapped) {
    const key = doomed.has(name) ? null : unwrap(epoch, owner);
    if (key) keys.push(key);
    if (keys.length % KEYS_AT_ONCE === 0) await otherWork();
  }
  return keys;
};

const destroying =
  ({ disk, lock }: Parts, cache: EpochCache): KeyStore['destroy'] =>
  (owners) =>
    lock(async () => {
      const epoch = await wholeEpoch(disk, cache);
      await tidy(disk, epoch.current);
      const doomed = new Set(owners.map(nameOf).filter((name) => epoch.wrapped.has(name)));
      if (doomed.size === 0) return;
      const keys = await survivorsOf(epoch, doomed);
      const { store, epoch: number } = epoch.current;
      cache.put(await beginEpoch(disk, { to: { store, epoch: number + 1 }, keys }));
    });

/**
 * A key store on a disk and under a lock of one's choice; made if there is none, tidied if a crash left
 * something.
 */
export const keyStoreOn = async ({ disk, lock }: Parts): Promise<KeyStore> => {
  const { store } = await lock(async () => {
    const current = await readCurrent(disk);
    if (!current) return found(disk);
    await readClaimKey(disk);
    await tidy(disk, current);
    return current;
  });
  const cache = epochCache(disk);
  return {
    id: store,
    find: finding(disk, cache),
    ensure: ensuring({ disk, lock }, cache),
    destroy: destroying({ disk, lock }, cache),
    claimKey: () => readClaimKey(disk),
  };
};

/** The key store in a directory, which is made if need be. */
export const keyStore = async (directory: string): Promise<KeyStore> =>
  keyStoreOn({ disk: await keyDisk(directory), lock: keyLock(directory) });
