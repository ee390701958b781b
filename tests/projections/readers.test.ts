import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parkKey } from '#domain/kernel/subjects.ts';
import { explain } from '#projections/explain.ts';
import { readModelStatus } from '#projections/lag.ts';
import type { Sighting } from '#projections/ports.ts';
import { isCursor, type Page, type PageRequest, readPage, readRow } from '#projections/query.ts';
import { runSampler, sampleRows } from '#projections/sampler.ts';
import { positionWaiter } from '#projections/waitFor.ts';
import { acme } from '#tests/support/samples.ts';
import {
  lastOfSubject,
  type OdometerRow,
  odometers,
  type ParkRow,
  POISON_M,
  park,
  parkCounts,
  vehicle,
} from '#tests/support/testProjections.ts';
import {
  decodedLog,
  reached,
  started,
  type TestLedger,
  testLedger,
  timelineOf,
  wholeLog,
} from './harness.ts';

const all = [odometers, parkCounts, lastOfSubject];
const read = (of: number, odometer_m: number) =>
  ({ type: 'read', vehicle: of, odometer_m }) as const;

describe('readers', () => {
  let ledger: TestLedger;
  let end: bigint;
  beforeEach(async () => {
    ledger = await testLedger();
    end = await ledger.happen(
      { type: 'registered', vehicle: 1, park: 1 },
      { type: 'registered', vehicle: 2, park: 1 },
      { type: 'registered', vehicle: 3, park: 2 },
      { type: 'registered', vehicle: 4, park: 3 },
      read(1, 5_000),
      read(2, 3_000),
      { type: 'moved', vehicle: 1, from: 1, to: 2 },
      read(3, 5_000),
    );
    const runner = started(ledger, all);
    await reached(ledger.sql, end, all);
    await runner.stop();
  });
  afterEach(() => ledger.close());

  it('get a row by its key, through the schema', async () => {
    const row = await readRow(ledger.sql)(odometers, { tenant: acme, key: vehicle(2) });
    expect(row).toMatchObject({ vehicle: vehicle(2), park: park(0), odometer_m: 3_000, reads: 1 });
    expect(await readRow(ledger.sql)(odometers, { tenant: acme, key: 'nobody' })).toBeNull();
  });

  it.each([
    { order: null, keys: [1, 2, 3, 4] },
    { order: { column: 'odometer_m', direction: 'rising' } as const, keys: [4, 2, 1, 3] },
    { order: { column: 'odometer_m', direction: 'falling' } as const, keys: [1, 3, 2, 4] },
    { order: { column: 'known_at', direction: 'rising' } as const, keys: null },
  ])('page through rows in order: $order', async ({ order, keys }) => {
    for (const limit of [1, 2, 3, 10]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < 10; page += 1) {
        const request: PageRequest = { tenant: acme, filters: [], order, cursor, limit };
        const { rows, next }: Page<OdometerRow> = await readPage(ledger.sql)(odometers, request);
        seen.push(...rows.map(({ key }) => key));
        cursor = next;
        if (cursor === null) break;
        expect(isCursor(cursor)).toBe(true);
      }
      if (keys) expect(seen).toEqual(keys.map(vehicle));
      expect(new Set(seen).size).toBe(4);
    }
    expect(isCursor('nonsense')).toBe(false);
  });

  it('list rows without a value in the ordering column last, and page through them', async () => {
    await ledger.sql`
      update test_parks_v1_g1 set row = jsonb_set(row, '{lastDay}', 'null') where key <> ${park(3)}`;
    for (const direction of ['rising', 'falling'] as const) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const order = { column: 'last_day', direction };
        const page: Page<ParkRow> = await readPage(ledger.sql)(parkCounts, {
          tenant: acme,
          filters: [],
          order,
          cursor,
          limit: 1,
        });
        seen.push(...page.rows.map(({ key }) => key));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual([park(3), park(1), park(2)]);
    }
  });

  it('filter by look-up columns', async () => {
    const keysWith = async (filters: PageRequest['filters']) => {
      const request: PageRequest = { tenant: acme, filters, order: null, cursor: null, limit: 10 };
      return (await readPage(ledger.sql)(odometers, request)).rows.map(({ key }) => key);
    };
    expect(await keysWith([{ column: 'odometer_m', is: '5000' }])).toEqual([
      vehicle(1),
      vehicle(3),
    ]);
    expect(await keysWith([{ column: 'park', is: park(3) }])).toEqual([vehicle(4)]);
    expect(await keysWith([{ column: 'odometer_m', from: '3000', below: '5000' }])).toEqual([
      vehicle(2),
    ]);
    expect(await keysWith([{ column: 'odometer_m', is: null }])).toEqual([]);
    expect(await keysWith([{ column: 'known_at', from: '2100-01-01T00:00:00.000Z' }])).toEqual([]);
    await expect(keysWith([{ column: 'toString', is: 'x' }])).rejects.toThrow('has no column');
  });

  it('have a row explained by the events that made it', async () => {
    const parts = { sql: ledger.sql, eventsOfSubject: timelineOf(ledger.store) };
    const explanation = await explain(parts)(odometers, { tenant: acme, key: vehicle(1) });
    if (isLeft(explanation)) throw new Error(explanation.left.code);
    const log = decodedLog(await wholeLog(ledger.store));
    const { events, agrees, isParked, position, version, generation, row } = explanation.right;
    expect({ agrees, isParked, position, version, generation }).toEqual({
      agrees: true,
      isParked: false,
      position: end,
      version: 1,
      generation: 1,
    });
    expect(row).toMatchObject({ odometer_m: 5_000, reads: 1 });
    expect(events).toMatchObject([
      { id: log[0]?.id, position: 1n, type: 'VehicleRegistered', recordedAt: log[0]?.recordedAt },
      { id: log[4]?.id, position: 5n, type: 'OdometerRead', occurredAt: log[4]?.fact.when.at },
    ]);
    const counted = await explain(parts)(parkCounts, { tenant: acme, key: park(2) });
    expect(counted).toMatchObject({ right: { agrees: true, eventsInAll: 2 } });
  });

  it('are shown only events of the row, however much more its subject has lived through', async () => {
    const parts = { sql: ledger.sql, eventsOfSubject: timelineOf(ledger.store) };
    const byPark = { ...odometers, subject: () => parkKey(park(1)) };
    const explanation = await explain(parts)(byPark, { tenant: acme, key: vehicle(2) });
    expect(explanation).toMatchObject({ right: { events: [{ position: 2n }], eventsInAll: 1 } });
  });

  it('are told when nothing can be explained yet', async () => {
    const blind = { sql: ledger.sql, eventsOfSubject: async () => null };
    const address = { tenant: acme, key: vehicle(1) };
    expect(await explain(blind)(odometers, address)).toEqual(left({ code: 'timeline_behind' }));
    const other = { ...odometers, version: 2 };
    expect(await explain(blind)(other, address)).toEqual(left({ code: 'no_live_table' }));
  });

  it('are protected by a sampler, which finds a row that was tampered with', async () => {
    const seen: Sighting[] = [];
    const observe = (sighting: Sighting) => seen.push(sighting);
    const parts = { sql: ledger.sql, eventsOfSubject: timelineOf(ledger.store), observe };
    for (const projection of all) expect(await sampleRows(parts)(projection, 50)).toEqual([]);
    expect(seen).toContainEqual({ type: 'sampled', readModel: odometers.name, rows: 4 });
    await ledger.sql`
      update test_odometers_v1_g1 set row = jsonb_set(row, '{odometer_m}', '1') where key = ${vehicle(2)}`;
    const drift = { readModel: odometers.name, tenant: acme, key: vehicle(2), position: end };
    expect(await sampleRows(parts)(odometers, 50)).toEqual([drift]);
    expect(seen).toContainEqual({ type: 'drifted', ...drift });
  });

  it('are protected all day, even while it fails', async () => {
    const seen: Sighting[] = [];
    const failures: unknown[] = [];
    const stopper = new AbortController();
    let calls = 0;
    const eventsOfSubject = async (...request: Parameters<ReturnType<typeof timelineOf>>) => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return timelineOf(ledger.store)(...request);
    };
    const observe = (sighting: Sighting) => {
      seen.push(sighting);
      if (seen.length === 4) stopper.abort();
    };
    await runSampler(
      { sql: ledger.sql, eventsOfSubject, observe },
      {
        projections: all,
        rows_max: 2,
        pause_ms: 1,
        signal: stopper.signal,
        failed: (error) => failures.push(error),
      },
    );
    expect(failures).toHaveLength(1);
    expect(seen.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => 'sampled'));
  });

  it('do not have a parked row reported as drift', async () => {
    const runner = started(ledger, all);
    await reached(ledger.sql, await ledger.happen(read(2, POISON_M), read(2, 3_500)), all);
    await runner.stop();
    const parts = { sql: ledger.sql, eventsOfSubject: timelineOf(ledger.store), observe: () => {} };
    expect(await sampleRows(parts)(odometers, 50)).toEqual([]);
    const explanation = await explain(parts)(odometers, { tenant: acme, key: vehicle(2) });
    expect(explanation).toMatchObject({ right: { isParked: true, agrees: true } });
  });

  it('wait for a position, but not for ever', async () => {
    const waiter = positionWaiter(ledger.sql);
    const readModel = odometers.name;
    expect(await waiter.waitFor({ readModel, position: end, timeout_ms: 1_000 })).toEqual(
      right(end),
    );
    const behind = await waiter.waitFor({ readModel, position: end + 1n, timeout_ms: 60 });
    expect(behind).toEqual(left({ code: 'projection_behind', readModel, reached: end }));
    const unknown = await waiter.waitFor({ readModel: 'nothing', position: 1n, timeout_ms: 60 });
    expect(unknown).toMatchObject({ left: { reached: null } });
  });

  it('are woken by a runner in the same process, and find one elsewhere by looking', async () => {
    const near = positionWaiter(ledger.sql);
    const far = positionWaiter(ledger.sql);
    const runner = started(ledger, all, near.nudge);
    const waiting = [near, far].flatMap((waiter) =>
      all.map(({ name: readModel }) =>
        waiter.waitFor({ readModel, position: end + 2n, timeout_ms: 10_000 }),
      ),
    );
    await ledger.happen(read(1, 5_100), read(1, 5_200));
    expect((await Promise.all(waiting)).every(isRight)).toBe(true);
    await runner.stop();
  });

  it('can tell how far behind the end of the log a read model is', async () => {
    const status = readModelStatus({ sql: ledger.sql, source: ledger.store, densePositions: true });
    expect(await status()).toMatchObject(
      all.map(() => ({ lag_ms: 0, behind_events: 0n, head: end })),
    );
    await ledger.happen(read(1, 5_100), read(1, 5_200));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [first] = await status();
    expect(first).toMatchObject({
      behind_events: 2n,
      position: end,
      head: end + 2n,
      isClosed: true,
    });
    expect(first?.lag_ms).toBeGreaterThanOrEqual(25);
    const opaque = readModelStatus({
      sql: ledger.sql,
      source: ledger.store,
      densePositions: false,
    });
    expect((await opaque())[0]?.behind_events).toBeNull();
  });
});
