import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { SweptVault } from '#adapters/retention.ts';
import type { PersonalEntry } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import {
  entry,
  later,
  randomEvent,
  randomPerson,
  randomTenant,
  readAll,
  rightOf,
  start,
  type VaultHarness,
} from './vaultHarness.ts';

const RUNS = 40;
const SIDE_BY_SIDE = 20;
const mismatch = { _tag: 'Left', left: { code: 'VaultMismatch' } };
const away = { _tag: 'Left', left: { code: 'Unavailable' } };

const anyData: fc.Arbitrary<PersonalEntry['data']> = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((key) => key !== '__proto__'),
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string({ unit: 'binary-ascii' }), { maxLength: 3 }),
  ),
);

/** A tenant with a person, and a vault to put things into. */
const scene = (harness: () => VaultHarness, opened: SweptVault[]) => {
  const vault = harness().open();
  opened.push(vault);
  const tenant = randomTenant();
  const put = (entries: readonly PersonalEntry[], event = randomEvent(), at = start) =>
    vault.put({ tenant, event, entries, at })();
  return { vault, tenant, person: randomPerson(), put };
};

/** What a vault keeps, and what it says about it. */
export const vaultKeepingContract = (harness: () => VaultHarness): void => {
  const opened: SweptVault[] = [];
  const aScene = () => scene(harness, opened);
  afterEach(async () => {
    await harness().up();
    await Promise.all(opened.splice(0).map((vault) => vault.close()));
  });

  it('answers a digest per entry, in their order, and gives the entries back', async () => {
    const { vault, tenant, person, put } = aScene();
    const entries = [
      entry(person, 'identity', { name: 'Ann' }),
      entry(person, 'contact', { phone: '1' }),
    ];
    const digests = rightOf(await put(entries));
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(digests).toEqual([
      { subject: person, class: 'identity', digest },
      { subject: person, class: 'contact', digest },
    ]);
    expect(await readAll(vault, tenant, person)).toEqual({
      identity: { name: 'Ann' },
      contact: { phone: '1' },
    });
  });

  it('keeps nothing for a command without personal data', async () => {
    expect(rightOf(await aScene().put([]))).toEqual([]);
  });

  it('gives back whatever JSON can say', async () => {
    const { vault, tenant, put } = aScene();
    await fc.assert(
      fc.asyncProperty(anyData, async (data) => {
        const person = randomPerson();
        rightOf(await put([entry(person, 'document', data)]));
        const { document } = await readAll(vault, tenant, person);
        expect(canonicalJson(document)).toBe(canonicalJson(data));
      }),
      { numRuns: RUNS },
    );
  });

  it('answers the same event again as before, also side by side', async () => {
    const { vault, tenant, person, put } = aScene();
    const entries = [entry(person, 'identity', { name: 'Ann', born: '1990-01-01' })];
    const reordered = [entry(person, 'identity', { born: '1990-01-01', name: 'Ann' })];
    const event = randomEvent();
    const answers = await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, (_, n) => put(n % 2 === 0 ? entries : reordered, event)),
    );
    const digests = new Set(answers.map((answer) => JSON.stringify(rightOf(answer))));
    expect(digests.size).toBe(1);
    const again = await put(entries, event, later(start, 1_000));
    expect(digests).toContain(JSON.stringify(rightOf(again)));
    expect(await readAll(vault, tenant, person)).toEqual({ identity: entries[0]?.data });
  });

  it('notices that the same event comes with something else', async () => {
    const { vault, tenant, person, put } = aScene();
    const event = randomEvent();
    const ann = entry(person, 'identity', { name: 'Ann' });
    rightOf(await put([ann, entry(person, 'contact', { phone: '1' })], event));
    for (const other of [
      [ann],
      [ann, entry(person, 'contact', { phone: '2' })],
      [ann, entry(person, 'document', { phone: '1' })],
      [ann, entry(randomPerson(), 'contact', { phone: '1' })],
      [entry(person, 'contact', { phone: '1' }), ann],
      [ann, entry(person, 'contact', { phone: '1' }), entry(person, 'document', {})],
    ]) {
      expect(await put(other, event)).toMatchObject(mismatch);
    }
    expect(await readAll(vault, tenant, person)).toEqual({
      identity: { name: 'Ann' },
      contact: { phone: '1' },
    });
  });

  it('gives the same content another digest under another event', async () => {
    const { person, put } = aScene();
    const entries = [entry(person, 'identity', { name: 'Ann' })];
    const [one, other] = [rightOf(await put(entries)), rightOf(await put(entries))];
    expect(one[0]?.digest).not.toBe(other[0]?.digest);
  });

  it('reads the newest entry of each class, the later of two at one instant', async () => {
    const { vault, tenant, person, put } = aScene();
    const named = (name: string) => [entry(person, 'identity', { name })];
    const renamed = later(start, 5);
    rightOf(await put(named('second'), randomEvent(), renamed));
    rightOf(await put(named('first'), randomEvent(), start));
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'second' } });
    rightOf(await put(named('third'), randomEvent(), renamed));
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'third' } });
  });

  it('keeps people and tenants apart', async () => {
    const [one, other] = [aScene(), aScene()];
    rightOf(await one.put([entry(one.person, 'identity', { name: 'Ann' })]));
    expect(await readAll(one.vault, one.tenant, other.person)).toEqual({});
    expect(await readAll(one.vault, other.tenant, one.person)).toEqual({});
    const event = randomEvent();
    rightOf(await one.put([entry(one.person, 'contact', { phone: '1' })], event));
    rightOf(await other.put([entry(other.person, 'contact', { phone: '2' })], event));
    expect(await readAll(other.vault, other.tenant, other.person)).toEqual({
      contact: { phone: '2' },
    });
  });

  it('says that it is away, and goes on when it is back', async () => {
    const { vault, tenant, person, put } = aScene();
    const event = randomEvent();
    const entries = [entry(person, 'identity', { name: 'Ann' })];
    const digests = rightOf(await put(entries, event));
    await harness().down();
    expect(await put(entries, event)).toMatchObject(away);
    expect(await put(entries)).toMatchObject(away);
    expect(await vault.read({ tenant, subject: person })()).toMatchObject(away);
    expect(await vault.erase({ tenant, subject: person, at: start })()).toMatchObject(away);
    expect(await vault.sweep(start)()).toMatchObject(away);
    await harness().up();
    expect(rightOf(await put(entries, event))).toEqual(digests);
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Ann' } });
  });
};
