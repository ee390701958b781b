import { execFile, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimHash } from '#adapters/claimHash.ts';
import { keyStore } from '#adapters/keyStore.ts';
import { all, ann, bob, cid, find, ownerOf, textOf } from '#tests/support/keyStores.ts';
import { temporaryKeys } from '#tests/support/postgresVaultHarness.ts';
import { acme } from '#tests/support/samples.ts';

const WORKER = join(import.meta.dirname, '..', 'support', 'keyStoreWorker.ts');
const PROCESSES = 3;
const KEYS_PER_PROCESS = 15;
const run = promisify(execFile);

describe('a key store in a directory', () => {
  let keys: Awaited<ReturnType<typeof temporaryKeys>> | undefined;
  const directory = (): string => {
    if (!keys) throw new Error('there is no directory');
    return keys.directory;
  };
  const contents = async (): Promise<Buffer[]> =>
    Promise.all((await readdir(directory())).map((name) => readFile(join(directory(), name))));
  beforeEach(async () => {
    keys = await temporaryKeys();
  });
  afterEach(() => keys?.remove());

  it('is there again when it is opened again', async () => {
    const inside = join(directory(), 'a', 'keys');
    const store = await keyStore(inside);
    const made = (await store.ensure(all)).map(textOf);
    expect(new Set(made).size).toBe(3);
    expect((await store.ensure([cid, ann, ann, ownerOf(4)])).map(textOf).slice(0, 3)).toEqual([
      made[2],
      made[0],
      made[0],
    ]);
    const again = await keyStore(inside);
    expect(again.id).toBe(store.id);
    expect(await find(again, all)).toEqual(made);
    expect(await find(again, [ownerOf(9)])).toEqual([null]);
  });

  it('has files for its owner alone, and no key in the clear but the epoch’s and the claims’', async () => {
    const store = await keyStore(directory());
    const made = await store.ensure(all);
    for (const name of await readdir(directory())) {
      if (name === 'lock') continue;
      expect((await stat(join(directory(), name))).mode & 0o777).toBe(0o600);
    }
    for (const { bytes } of made) {
      for (const file of await contents()) {
        expect(file.includes(bytes)).toBe(false);
        expect(file.includes(bytes.toString('base64'))).toBe(false);
      }
    }
  });

  it('destroys the epoch with what is erased, and gives a fresh key afterwards', async () => {
    const store = await keyStore(directory());
    const [annsKey, ...others] = (await store.ensure(all)).map(textOf);
    const epochKey = await readFile(join(directory(), 'epoch-1.key'));
    await store.destroy([ann]);
    await store.destroy([ann]);
    expect(await find(store, all)).toEqual([null, ...others]);
    expect((await readdir(directory())).sort()).toEqual([
      'claim.key',
      'current',
      'epoch-2.key',
      'epoch-2.wrapped',
      'lock',
    ]);
    for (const file of await contents()) expect(file.includes(epochKey)).toBe(false);
    const [fresh] = (await store.ensure([ann])).map(textOf);
    expect(fresh).not.toBe(annsKey);
    expect(await find(await keyStore(directory()), all)).toEqual([fresh, ...others]);
  });

  it('passes over the rest of a line that was torn', async () => {
    const store = await keyStore(directory());
    const made = (await store.ensure([ann, bob])).map(textOf);
    await appendFile(join(directory(), 'epoch-1.wrapped'), '[{"owner":{"tenant":"acme","subj');
    const again = await keyStore(directory());
    const [cids] = (await again.ensure([cid])).map(textOf);
    expect(await find(await keyStore(directory()), all)).toEqual([...made, cids]);
  });

  it('does not pass over corruption', async () => {
    const store = await keyStore(directory());
    await store.ensure([ann]);
    await store.ensure([bob]);
    const file = join(directory(), 'epoch-1.wrapped');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `x${text.slice(1)}`);
    await expect((await keyStore(directory())).find([bob])).rejects.toThrow('does not parse');
    const [first = '', ...rest] = text.split('\n');
    const swapped = first.replace(ann.subject, ownerOf(7).subject).replace('contact', 'document');
    await writeFile(file, [swapped, ...rest].join('\n'));
    const forged = { ...ownerOf(7), class: 'document' } as const;
    await expect((await keyStore(directory())).find([forged])).rejects.toThrow('does not open');
    await rm(join(directory(), 'current'));
    await expect(keyStore(directory())).rejects.toThrow('lost the pointer');
  });

  it('serves several processes that make and destroy keys at once', async () => {
    const outputs = await Promise.all(
      Array.from({ length: PROCESSES }, () =>
        run(process.execPath, [WORKER, directory(), 'make', String(KEYS_PER_PROCESS)]),
      ),
    );
    const lines = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(lines).toHaveLength((PROCESSES * KEYS_PER_PROCESS * 2) / 3);
    const store = await keyStore(directory());
    for (const line of lines) {
      const [subject = '', hex] = line.split(' ');
      const [key] = await store.find([{ tenant: acme, subject, class: 'identity' }]);
      expect(key?.bytes.toString('hex')).toBe(hex);
    }
    expect((await readdir(directory())).filter((name) => name.startsWith('epoch'))).toHaveLength(2);
  });

  it('waits for the holder of the lock, and has it as soon as the holder is killed', async () => {
    const store = await keyStore(directory());
    const holder = spawn(process.execPath, [WORKER, directory(), 'hold'], { stdio: 'pipe' });
    await once(holder.stdout, 'data');
    let made = false;
    const making = store.ensure([ann]).then(() => {
      made = true;
    });
    expect(await store.find([ann])).toEqual([null]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(made).toBe(false);
    holder.kill('SIGKILL');
    await making;
    expect(made).toBe(true);
  });

  it('hashes claims with one key for ever', async () => {
    const [one, other] = await Promise.all([claimHash(directory()), claimHash(directory())]);
    const store = await keyStore(directory());
    await store.ensure(all);
    await store.destroy([bob]);
    const later = await claimHash(directory());
    const key = await store.claimKey();
    const texts = fc.tuple(fc.constantFrom('vin', 'plate', 'driver'), fc.string());
    fc.assert(
      fc.property(texts, texts, ([kind, value], [otherKind, otherValue]) => {
        const hash = one.of({ kind, value });
        const bytes = Buffer.concat([Buffer.from(kind), Buffer.from([0]), Buffer.from(value)]);
        expect(hash).toBe(createHmac('sha256', key).update(bytes).digest('hex'));
        expect([other.of({ kind, value }), later.of({ kind, value })]).toEqual([hash, hash]);
        const same = kind === otherKind && value === otherValue;
        expect(later.of({ kind: otherKind, value: otherValue }) === hash).toBe(same);
      }),
    );
    await rm(join(directory(), 'claim.key'));
    await expect(claimHash(directory())).rejects.toThrow('lost its claim key');
    const elsewhere = await claimHash(join(directory(), randomUUID()));
    const plate = { kind: 'plate', value: 'B-X 1' };
    expect(elsewhere.of(plate)).not.toBe(one.of(plate));
  });
});
