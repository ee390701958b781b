import { expect, it } from 'vitest';
import { DEFAULT_RETENTION_DAYS } from '#adapters/retention.ts';
import type { PersonalEntry } from '#commands/ports.ts';
import {
  DAY_MS,
  entry,
  HOUR_MS,
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
const end = later(start, 10 * DAY_MS);

/** A vault in which nothing is due and nothing is orphaned that other tests have left. */
const scene = async (harness: () => VaultHarness) => {
  const vault = harness().open(RETENTION_DAYS);
  const tenant = randomTenant();
  const put = async (entries: readonly PersonalEntry[], event = randomEvent(), at = start) =>
    rightOf(await vault.put({ tenant, event, entries, at })());
  /** Puts what the log has as well. */
  const putLogged = async (entries: readonly PersonalEntry[], at = start) => {
    const event = randomEvent();
    await put(entries, event, at);
    harness().log(event);
  };
  const sweep = async (at: typeof start) => rightOf(await vault.sweep(at)());
  await sweep(later(start, 400 * DAY_MS));
  return { vault, tenant, person: randomPerson(), put, putLogged, sweep };
};

/** What becomes due later. */
export const vaultSweepingContract = (harness: () => VaultHarness): void => {
  it('carries out a scheduled erasure when its retention ends, once, and no other', async () => {
    const { vault, tenant, person, putLogged, sweep } = await scene(harness);
    const neighbour = randomPerson();
    await putLogged([entry(person, 'document', { number: 'D1' })]);
    await putLogged([entry(neighbour, 'document', { number: 'D2' })]);
    rightOf(await vault.erase({ tenant, subject: person, at: start })());
    await sweep(later(end, -1));
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D1' } });
    expect(await sweep(end)).toMatchObject({ erased: 1 });
    expect(await readAll(vault, tenant, person)).toEqual({});
    expect(await readAll(vault, tenant, neighbour)).toEqual({ document: { number: 'D2' } });
    expect(await sweep(end)).toEqual({ erased: 0, orphans: 0 });
    const again = rightOf(await vault.erase({ tenant, subject: person, at: end })());
    expect(again).toEqual({ erased: ['document'], held: [] });
    await vault.close();
  });

  it('puts a scheduled erasure off if something newer has come', async () => {
    const { vault, tenant, person, putLogged, sweep } = await scene(harness);
    await putLogged([entry(person, 'document', { number: 'D1' })]);
    rightOf(await vault.erase({ tenant, subject: person, at: start })());
    await putLogged([entry(person, 'document', { number: 'D2' })], later(start, DAY_MS));
    expect(await sweep(end)).toMatchObject({ erased: 0 });
    expect(await readAll(vault, tenant, person)).toEqual({ document: { number: 'D2' } });
    expect(await sweep(later(end, DAY_MS))).toMatchObject({ erased: 1 });
    expect(await readAll(vault, tenant, person)).toEqual({});
    await vault.close();
  });

  it('drops after a day what no event names', async () => {
    const { vault, tenant, person, put, putLogged, sweep } = await scene(harness);
    await putLogged([entry(person, 'identity', { name: 'Ann' })]);
    const orphan = randomEvent();
    const renamed = [entry(person, 'identity', { name: 'Mallory' })];
    const digests = await put(renamed, orphan, later(start, 1));
    await sweep(later(start, 24 * HOUR_MS));
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Mallory' } });
    expect(await sweep(later(start, 24 * HOUR_MS + 2))).toMatchObject({ orphans: 1 });
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Ann' } });
    const anew = await put(renamed, orphan, later(start, 25 * HOUR_MS));
    expect(anew[0]?.digest).not.toBe(digests[0]?.digest);
    await vault.close();
  });

  it('gives an entry that is put again another day', async () => {
    const { vault, tenant, person, put, sweep } = await scene(harness);
    const entries = [entry(person, 'identity', { name: 'Ann' })];
    const event = randomEvent();
    const digests = await put(entries, event);
    expect(await put(entries, event, later(start, 20 * HOUR_MS))).toEqual(digests);
    await sweep(later(start, 40 * HOUR_MS));
    expect(await put(entries, event, later(start, 41 * HOUR_MS))).toEqual(digests);
    harness().log(event);
    await sweep(later(start, 20 * DAY_MS));
    expect(await readAll(vault, tenant, person)).toEqual({ identity: { name: 'Ann' } });
    await vault.close();
  });

  it('answers an erasure without what was dropped', async () => {
    const { vault, tenant, person, put, putLogged, sweep } = await scene(harness);
    await putLogged([entry(person, 'identity', { name: 'Ann' })]);
    await put([entry(person, 'contact', { phone: '1' })]);
    await sweep(later(start, 2 * DAY_MS));
    const gone = rightOf(await vault.erase({ tenant, subject: person, at: start })());
    expect(gone).toEqual({ erased: ['identity'], held: [] });
    await vault.close();
  });
};
