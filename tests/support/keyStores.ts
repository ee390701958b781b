import type { DataKey, KeyOwner } from '#adapters/keyEpoch.ts';
import type { KeyLock } from '#adapters/keyLock.ts';
import { type KeyStore, keyStoreOn } from '#adapters/keyStore.ts';
import { CRASH, type CrashingDisk } from './crashingDisk.ts';
import { acme, uuid8 } from './samples.ts';

const unlocked: KeyLock = (work) => work();
/** A process that opens the store on a disk, while no other works at it. */
export const openOn = ({ disk }: Pick<CrashingDisk, 'disk'>) =>
  keyStoreOn({ disk, lock: unlocked });

/** The n-th owner of a key. */
export const ownerOf = (n: number): KeyOwner => ({
  tenant: acme,
  subject: uuid8(n),
  class: n % 2 === 0 ? 'identity' : 'contact',
});
/** Three owners. */
export const ann = ownerOf(1);
export const bob = ownerOf(2);
export const cid = ownerOf(3);
export const all = [ann, bob, cid];

/** A key as a text, to be compared; null for none. */
export const textOf = (key: DataKey | null | undefined): string | null =>
  key ? `${key.id} ${key.bytes.toString('hex')}` : null;
/** The keys of some owners, as texts. */
export const find = async (store: KeyStore, owners: readonly KeyOwner[]) =>
  (await store.find(owners)).map(textOf);

/** Coins that fall as the bits of a seed tell, then over again. */
export const coins = (seed: number): (() => boolean) => {
  let thrown = 0;
  return () => ((seed >>> (thrown++ % 31)) & 1) === 1;
};

/** What a step that may die comes to; null if it died. Any other error is one. */
export const unlessDead = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.message === CRASH) return null;
    throw error;
  }
};
