import { describe, expect, it } from 'vitest';
import type { KeyStore } from '#adapters/keyStore.ts';
import { type CrashingDisk, crashingDisk, type Tear } from '#tests/support/crashingDisk.ts';
import {
  all,
  ann,
  bob,
  cid,
  coins,
  find,
  openOn,
  ownerOf,
  textOf,
  unlessDead,
} from '#tests/support/keyStores.ts';

/** More than a recovery takes. */
const RECOVERY_STEPS_MAX = 16;
/** How often the machine dies at one step, each time with other things on the plate. */
const LOSSES = 12;

const prepared = async () => {
  const plate = crashingDisk();
  const store = await openOn(plate);
  const other = await openOn(plate);
  const keys = (await store.ensure(all)).map(textOf);
  await other.find(all);
  const epochKey = plate.files().get('epoch-1.key');
  if (!epochKey) throw new Error('there is no epoch key');
  return { plate, store, other, keys, epochKey: Buffer.from(epochKey) };
};
type Prepared = Awaited<ReturnType<typeof prepared>>;

const epochFiles = ({ files }: CrashingDisk): string[] =>
  [...files().keys()].filter((name) => name.startsWith('epoch')).sort();

/** What befalls the machine; `seed` null: only the process dies, and others see all that it wrote. */
interface Death {
  readonly tear: Tear;
  readonly seed: number | null;
}
const deaths: readonly Death[] = Array.from({ length: LOSSES }, (_, index) => ({
  tear: index % 2 === 0 ? 'half' : 'hole',
  seed: index < 2 ? null : index * 0x2545f491,
}));
const befall = (plate: CrashingDisk, { seed }: Death): void => {
  if (seed === null) plate.nextProcess();
  else plate.losePower(coins(seed));
};

/** Only the process dies. */
const processDies: readonly Death[] = deaths.filter(({ seed }) => seed === null);

/**
 * Carries out `work` again and again, dying at its first step, its second, and so on, until it survives.
 */
const atEveryStep = async (
  work: (store: KeyStore) => Promise<unknown>,
  examine: (after: Prepared) => Promise<void>,
  of: readonly Death[] = deaths,
): Promise<number> => {
  for (let at = 1; ; at += 1) {
    for (const death of of) {
      const before = await prepared();
      before.plate.dieAt(at, death.tear);
      const survived = (await unlessDead(async () => [await work(before.store)])) !== null;
      if (survived) return at;
      befall(before.plate, death);
      await examine(before);
    }
  }
};

const STEPS_MIN = 15;

describe('a key store whose machine dies', () => {
  it('has the old epoch whole or the new one, wherever a change of epoch breaks off', async () => {
    const seen = new Set<string>();
    const steps = await atEveryStep(
      (store) => store.destroy([ann]),
      async ({ plate, keys, epochKey }) => {
        const recovered = await openOn(plate);
        expect(epochFiles(plate)).toHaveLength(2);
        const [annsKey, ...others] = await find(recovered, all);
        expect(others).toEqual(keys.slice(1));
        if (annsKey !== null) expect(annsKey).toBe(keys[0]);
        expect(plate.holds(epochKey)).toBe(annsKey !== null);
        seen.add(annsKey === null ? 'new' : 'old');
        await recovered.destroy([ann]);
        expect(await find(recovered, all)).toEqual([null, ...keys.slice(1)]);
        expect(plate.holds(epochKey)).toBe(false);
      },
    );
    expect(seen).toEqual(new Set(['old', 'new']));
    expect(steps).toBeGreaterThan(STEPS_MIN);
  });

  it('can be recovered even if the recovery breaks off', async () => {
    for (let at = 1; at < RECOVERY_STEPS_MAX; at += 1) {
      await atEveryStep(
        (store) => store.destroy([ann]),
        async ({ plate, keys }) => {
          plate.dieAt(at);
          await unlessDead(() => openOn(plate));
          plate.losePower(() => false);
          const [annsKey, ...others] = await find(await openOn(plate), all);
          expect(others).toEqual(keys.slice(1));
          expect([keys[0], null]).toContain(annsKey);
        },
        processDies,
      );
    }
  });

  it('lets a living process go on where another died, and loses nothing of it', async () => {
    const dan = ownerOf(4);
    await atEveryStep(
      (store) => store.destroy([ann]),
      async ({ plate, other, keys, epochKey }) => {
        const made = (await other.ensure([dan])).map(textOf);
        plate.losePower(() => false);
        const left = await find(await openOn(plate), [bob, cid, dan]);
        expect(left).toEqual([...keys.slice(1), ...made]);
        await other.destroy([ann]);
        expect(plate.holds(epochKey)).toBe(false);
        expect(await find(other, [ann, bob, cid, dan])).toEqual([null, ...left]);
      },
      processDies,
    );
  });

  it('finishes in a living process the destruction that another died of', async () => {
    await atEveryStep(
      (store) => store.destroy([ann]),
      async ({ plate, other, keys, epochKey }) => {
        await other.destroy([ann]);
        expect(plate.holds(epochKey)).toBe(false);
        expect(epochFiles(plate)).toHaveLength(2);
        expect(await find(other, all)).toEqual([null, ...keys.slice(1)]);
      },
      processDies,
    );
  });

  it('has destroyed what it says is destroyed, whatever happens to the machine', async () => {
    for (const death of deaths) {
      const { plate, store, keys, epochKey } = await prepared();
      expect(plate.holds(epochKey)).toBe(true);
      await store.destroy([ann]);
      expect(plate.holds(epochKey)).toBe(false);
      befall(plate, death);
      expect(plate.holds(epochKey)).toBe(false);
      expect(await find(await openOn(plate), all)).toEqual([null, ...keys.slice(1)]);
    }
  });

  it('keeps every key it has handed out, wherever the making of another breaks off', async () => {
    const dan = ownerOf(4);
    await atEveryStep(
      (store) => store.ensure([dan, ann, ownerOf(5)]),
      async ({ plate, other, keys }) => {
        const recovered = await openOn(plate);
        expect(await find(recovered, all)).toEqual(keys);
        const made = (await other.ensure([dan])).map(textOf);
        plate.losePower(() => false);
        expect(await find(await openOn(plate), [...all, dan])).toEqual([...keys, ...made]);
      },
    );
  });

  it('can be made anew wherever its making breaks off, and has one claim key', async () => {
    for (let at = 1; ; at += 1) {
      const plate = crashingDisk();
      plate.dieAt(at);
      if ((await unlessDead(() => openOn(plate))) !== null) break;
      plate.losePower(coins(at * 0x2545f491));
      const store = await openOn(plate);
      const [claimKey, keys] = [await store.claimKey(), (await store.ensure(all)).map(textOf)];
      plate.losePower(() => false);
      const again = await openOn(plate);
      expect(again.id).toBe(store.id);
      expect(await again.claimKey()).toEqual(claimKey);
      expect(await find(again, all)).toEqual(keys);
    }
  });
});
