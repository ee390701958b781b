import { isRight } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generationsIn } from '#projections/generations.ts';
import type { EventSource } from '#projections/ports.ts';
import { rebuild } from '#projections/rebuild.ts';
import { type Happening, lastOfSubject, odometers } from '#tests/support/testProjections.ts';
import { cutConnections, expectFaithful, type TestLedger, testLedger } from './harness.ts';

const never = new AbortController().signal;
const read = (of: number, odometer_m: number): Happening => ({
  type: 'read',
  vehicle: of,
  odometer_m,
});
const readings = (count: number): readonly Happening[] =>
  Array.from({ length: count }, (_, n) => read(n % 9, 1_000 + n));

describe('a rebuild that does not get to its end', () => {
  const EVENTS = 12_000;
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await testLedger();
    await ledger.happen(...readings(EVENTS));
  });
  afterEach(() => ledger.close());

  const announce = async () => true;
  const parts = (more: { readonly signal?: AbortSignal; readonly source?: EventSource } = {}) => ({
    sql: ledger.sql,
    source: ledger.store,
    announce,
    signal: never,
    ...more,
  });

  it.each([1, 2])('goes on from where it was stopped, after %i pages', async (pages) => {
    const stopper = new AbortController();
    let asked = 0;
    const source: EventSource = {
      ...ledger.store,
      readAll: (request) => {
        asked += 1;
        if (asked > pages) stopper.abort();
        return ledger.store.readAll(request);
      },
    };
    const first = parts({ source, signal: stopper.signal });
    const stopped = await rebuild(first)({ projection: lastOfSubject });
    expect(stopped).toEqual({ _tag: 'Left', left: { code: 'interrupted' } });
    const [half] = await generationsIn(ledger.sql, { state: 'building' });
    const position = half?.checkpoint.position ?? 0n;
    expect(position).toBeGreaterThan(0n);
    expect(position).toBeLessThan(BigInt(EVENTS));
    const outcome = await rebuild(parts())({ projection: lastOfSubject });
    expect(outcome).toMatchObject({
      right: { generation: half?.generation.generation, events: EVENTS - Number(position) },
    });
    await expectFaithful(ledger, [lastOfSubject]);
  });

  it('begins again where that is asked for', async () => {
    const stopper = new AbortController();
    stopper.abort();
    await rebuild(parts({ signal: stopper.signal }))({ projection: odometers });
    const outcome = await rebuild(parts())({ projection: odometers, fromStart: true });
    expect(outcome).toMatchObject({ right: { generation: 2, events: EVENTS } });
    await expectFaithful(ledger, [odometers]);
  });

  it('goes on after the database has cut its connections', async () => {
    let pages = 0;
    const source: EventSource = {
      ...ledger.store,
      readAll: (request) => async () => {
        pages += 1;
        if (pages === 2) await cutConnections(ledger.url);
        return ledger.store.readAll(request)();
      },
    };
    await rebuild(parts({ source }))({ projection: odometers }).catch(() => null);
    expect(pages).toBeGreaterThan(1);
    expect(isRight(await rebuild(parts())({ projection: odometers }))).toBe(true);
    await expectFaithful(ledger, [odometers]);
  });

  it('does not get in the way of another one of the same read model', async () => {
    const both = await Promise.allSettled([
      rebuild(parts())({ projection: odometers }),
      rebuild(parts())({ projection: odometers }),
    ]);
    const won = both.filter((each) => each.status === 'fulfilled' && isRight(each.value));
    expect(won.length).toBeGreaterThanOrEqual(1);
    await rebuild(parts())({ projection: odometers });
    await expectFaithful(ledger, [odometers]);
  });
});
