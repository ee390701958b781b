import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import type { KeyDisk } from './keyDisk.ts';
import { seal, unseal } from './seal.ts';

const NEW_LINE = 0x0a;

/** The length of every key here: 256 bits. */
export const KEY_BYTES = 32;

/** Whose personal data a data key is for, and of which class. */
export const KeyOwner = z.strictObject({ tenant: Tenant, subject: z.string(), class: PiiClass });
export type KeyOwner = z.infer<typeof KeyOwner>;

/** A data key in the clear. `id` is random and tells it from an earlier key of the same owner. */
export interface DataKey {
  readonly owner: KeyOwner;
  readonly id: string;
  readonly bytes: Buffer;
}

/** Which epoch of which store is in force. A store has the same random id all its life. */
export const CurrentEpoch = z.strictObject({ store: z.uuid(), epoch: z.int().min(1) });
export type CurrentEpoch = z.infer<typeof CurrentEpoch>;

/** A data key wrapped by the epoch key. */
const WrappedKey = z.strictObject({ owner: KeyOwner, id: z.uuid(), wrapped: z.base64() });
type WrappedKey = z.infer<typeof WrappedKey>;

/** A line of an epoch's file: the keys that were added together. */
const Line = z.array(WrappedKey).min(1);

/** An epoch as this process knows it; others may have added keys behind `known_bytes` of its file. */
export interface Epoch {
  readonly current: CurrentEpoch;
  readonly key: Buffer;
  readonly wrapped: Map<string, WrappedKey>;
  known_bytes: number;
}

/** The pointer to the epoch in force. */
export const CURRENT_FILE = 'current';

/** The file that holds the key of an epoch and nothing else. */
export const keyFile = (epoch: number): string => `epoch-${epoch}.key`;

/** The file that holds the wrapped keys of an epoch, appended to as keys are made. */
export const wrappedFile = (epoch: number): string => `epoch-${epoch}.wrapped`;

/** One text per owner. */
export const nameOf = ({ tenant, subject, class: kind }: KeyOwner): string =>
  canonicalJson([tenant, subject, kind]);

const sealKeyOf = (
  { current, key }: Pick<Epoch, 'current' | 'key'>,
  { owner, id }: Pick<DataKey, 'owner' | 'id'>,
) => ({ key, context: ['data-key', current.store, current.epoch, nameOf(owner), id] });

/** A random key for a new epoch. */
export const freshKey = (): Buffer => randomBytes(KEY_BYTES);

/**
 * Data keys as one line of an epoch's file. What is appended at once must be one line: then whatever a
 * crash leaves of it is a last line that does not parse.
 */
export const lineOf = (epoch: Pick<Epoch, 'current' | 'key'>, keys: readonly DataKey[]): Buffer => {
  const wrappedKeys = keys.map(({ owner, id, bytes }) => {
    const wrapped = seal(sealKeyOf(epoch, { owner, id }), bytes).toString('base64');
    return { owner, id, wrapped } satisfies WrappedKey;
  });
  return Buffer.from(`${JSON.stringify(wrappedKeys)}\n`);
};

/** The data key of an owner; null where there is none. Throws for one that does not open: corruption. */
export const unwrap = (epoch: Epoch, owner: KeyOwner): DataKey | null => {
  const held = epoch.wrapped.get(nameOf(owner));
  if (!held) return null;
  const { id } = held;
  const bytes = unseal(sealKeyOf(epoch, { owner, id }), Buffer.from(held.wrapped, 'base64'));
  if (bytes?.length !== KEY_BYTES) throw new Error('a wrapped key does not open');
  return { owner, id, bytes };
};

const parseLine = (line: Buffer): readonly WrappedKey[] | null => {
  try {
    return Line.parse(JSON.parse(line.toString('utf8')));
  } catch {
    return null;
  }
};

/**
 * Takes in whole lines. What a crash left of the last one is left out; any other broken line is corruption.
 */
const takeIn = (epoch: Epoch, bytes: Buffer): void => {
  let from = 0;
  for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, from)) {
    const line = parseLine(bytes.subarray(from, end));
    if (!line) {
      if (end === bytes.length - 1) break;
      throw new Error('a line of wrapped keys does not parse');
    }
    for (const wrapped of line) epoch.wrapped.set(nameOf(wrapped.owner), wrapped);
    from = end + 1;
  }
  epoch.known_bytes += from;
};

/** The pointer to the epoch in force; null in a new store. */
export const readCurrent = async (disk: KeyDisk): Promise<CurrentEpoch | null> => {
  const bytes = await disk.read(CURRENT_FILE, 0);
  return bytes && CurrentEpoch.parse(JSON.parse(bytes.toString('utf8')));
};

/**
 * Takes in the keys that others have added. Whoever added them may have died before they were durable, so
 * they are made so before anything is written under them. False if the file is gone: the epoch is over.
 */
export const catchUp = async (disk: KeyDisk, epoch: Epoch): Promise<boolean> => {
  const file = wrappedFile(epoch.current.epoch);
  const from = epoch.known_bytes;
  const bytes = await disk.read(file, from);
  if (!bytes) return false;
  if (bytes.length === 0) return true;
  if (!(await disk.sync(file))) return false;
  // Another reader may have been faster, and has perhaps seen less.
  takeIn(epoch, bytes.subarray(epoch.known_bytes - from));
  return true;
};

/**
 * The epoch that the pointer names, made durable first, should whoever switched to it have died over it.
 * Null if it ended while it was read.
 */
export const loadEpoch = async (disk: KeyDisk, current: CurrentEpoch): Promise<Epoch | null> => {
  await disk.syncDirectory();
  const key = await disk.read(keyFile(current.epoch), 0);
  const epoch = { current, key: key ?? Buffer.alloc(0), wrapped: new Map(), known_bytes: 0 };
  const complete = (await catchUp(disk, epoch)) && epoch.key.length === KEY_BYTES;
  // While the pointer stands, nobody destroys what it names: what was read is whole.
  if ((await readCurrent(disk))?.epoch !== current.epoch) return null;
  if (!complete) throw new Error('the epoch in force is not whole');
  return epoch;
};
