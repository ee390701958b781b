import { expect, it } from 'vitest';
import { DEFAULT_RETENTION_DAYS } from '#adapters/retention.ts';
import type { PersonalEntry } from '#commands/ports.ts';
import {
  DAY_MS,
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

const RETENTION_DAYS = { ...DEFAULT_RETENTION_DAYS, document: 10 };

/** A person with an identity, a contact and a document, and somebody else who must not be touched. */
const scene = async (harness: () => VaultHarness) => {
  const vault = harness().open(RETENTION_DAYS);
  const tenant = randomTenant();
  const [person, neighbour] = [randomPerson(), randomPerson()];
  const put = (entries: readonly PersonalEntry[], event = randomEvent(), at = start) =>
    vault.put({ tenant, event, entries, at })();
  const dossier = (subject: string) => [
    entry(subject, 'identity', { name: 'Ann' }),
    entry(subject, 'contact', { phone: '1' }),
    entry(subject, 'document', { number: 'D1' }),
  ];
  const event = randomEvent();
  const digests = rightOf(await put(dossier(person), event));
  rightOf(await put(dossier(neighbour)));
  const everything = await readAll(vault, tenant, neighbour);
  const erase = async (at = start) => rightOf(await vault.erase({ tenant, subject: person, at })());
  return { vault, tenant, person, neighbour, put, event, dossier, digests, everything, erase };
};

/** What is left of a person who is erased. */
export const vaultErasingContract = (harness: () => VaultHarness): void => {
  it('erases what no retention holds, says what is held until when, and nobody else', async () => {
    const { vault, tenant, person, neighbour, everything, erase } = await scene(harness);
    const held = [{ class: 'document', until: later(start, 10 * DAY_MS) }];
    expect(await erase()).toEqual({ erased: ['identity', 'contact'], held });
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    expect(await readAll(vault, tenant, neighbour)).toEqual(everything);
    await vault.close();
  });

  it('may be asked to erase twice, and answers as before', async () => {
    const { vault, tenant, person, erase } = await scene(harness);
    const answer = await erase();
    expect(await erase()).toEqual(answer);
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    await vault.close();
  });

  it('erases side by side as well', async () => {
    const { vault, tenant, person, put, neighbour, everything, erase } = await scene(harness);
    const others = Array.from({ length: 5 }, randomPerson);
    const [answers] = await Promise.all([
      Promise.all([erase(), erase(), erase()]),
      ...others.map((other) => put([entry(other, 'identity', { name: other })])),
      ...others.map(() => vault.erase({ tenant, subject: randomPerson(), at: start })()),
    ]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    expect(await readAll(vault, tenant, neighbour)).toEqual(everything);
    for (const other of others) {
      expect(await readAll(vault, tenant, other)).toEqual({ identity: { name: other } });
    }
    await vault.close();
  });

  it('erases everything once no retention holds it', async () => {
    const { vault, tenant, person, erase } = await scene(harness);
    const end = later(start, 10 * DAY_MS);
    expect((await erase(later(end, -1))).held).toHaveLength(1);
    expect(await erase(end)).toEqual({ erased: ['identity', 'contact', 'document'], held: [] });
    expect(await readAll(vault, tenant, person)).toEqual({});
    await vault.close();
  });

  it('counts a retention from the newest entry of the class', async () => {
    const { vault, person, put, erase } = await scene(harness);
    const renewed = later(start, 3 * DAY_MS);
    rightOf(await put([entry(person, 'document', { number: 'D2' })], randomEvent(), renewed));
    rightOf(await put([entry(person, 'document', { number: 'D0' })], randomEvent(), start));
    const held = [{ class: 'document', until: later(renewed, 10 * DAY_MS) }];
    expect((await erase(renewed)).held).toEqual(held);
    await vault.close();
  });

  it('knows nothing of whom it never kept anything', async () => {
    const { vault, tenant } = await scene(harness);
    const gone = await vault.erase({ tenant, subject: randomPerson(), at: start })();
    expect(rightOf(gone)).toEqual({ erased: [], held: [] });
    await vault.close();
  });

  it('answers a command sent again with the digests of what was erased, and keeps nothing', async () => {
    const { vault, tenant, person, put, event, dossier, digests, erase } = await scene(harness);
    await erase();
    expect(rightOf(await put(dossier(person), event))).toEqual(digests);
    const [identity, contact, document] = dossier(person);
    if (!(identity && contact && document)) throw new Error('the dossier is too thin');
    const other = { ...identity, data: { name: 'Bob' } };
    // What was erased cannot be compared; what is held can.
    expect(rightOf(await put([other, contact, document], event))).toEqual(digests);
    const forged = { ...document, data: { number: 'D9' } };
    expect(await put([identity, contact, forged], event)).toMatchObject({
      left: { code: 'VaultMismatch' },
    });
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    await vault.close();
  });

  it('keeps what comes after an erasure, and shows nothing of before', async () => {
    const { vault, tenant, person, put, erase } = await scene(harness);
    await erase();
    // Of a clock that lags behind: what is gone is the newer one and must not stand in the way.
    const [event, lagging] = [randomEvent(), later(start, -DAY_MS)];
    rightOf(await put([entry(person, 'identity', { name: 'Ann II' })], event, lagging));
    expect(await readAll(vault, tenant, person)).toEqual({
      identity: { name: 'Ann II' },
      document: { number: 'D1' },
    });
    expect((await erase()).erased).toEqual(['identity', 'contact']);
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    await vault.close();
  });

  it('counts a retention from what can still be read', async () => {
    const { vault, person, put, erase } = await scene(harness);
    const renewed = later(start, 5 * DAY_MS);
    rightOf(await put([entry(person, 'document', { number: 'D2' })], randomEvent(), renewed));
    expect((await erase(later(start, 15 * DAY_MS))).held).toEqual([]);
    rightOf(await put([entry(person, 'document', { number: 'D3' })], randomEvent(), start));
    const held = [{ class: 'document', until: later(start, 10 * DAY_MS) }];
    expect((await erase(later(start, 9 * DAY_MS))).held).toEqual(held);
    await vault.close();
  });
};
