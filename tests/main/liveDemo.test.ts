import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fleetPlan } from '#ingest/demo/fleetPlan.ts';
import { rentedAtEnd } from '#ingest/demo/rentedVehicles.ts';
import { readConfig } from '#main/config.ts';
import { demoTenant } from '#main/fillDemo.ts';
import { liveDemo } from '#main/liveDemo.ts';
import { openLedger } from '#main/openLedger.ts';
import { instant } from '#tests/support/samples.ts';
import { startServer } from '#tests/support/serverProcess.ts';
import { portOf, startedFleet } from '#tests/support/startedFleet.ts';

const MOVES_MAX_MS = 30_000;
const POLL_MS = 250;
const since = instant('2026-01-01T00:00:00.000Z');

describe('the demo, once it is filled in', () => {
  it('moves: its vehicles speak by MQTT, and speak again after another start', async () => {
    const fleet = await startedFleet({ MQTT_PORT: '0' });
    let server = fleet.first;
    onTestFinished(async () => {
      await server.terminate();
      await fleet.close();
    });
    const found = [await fleet.fitted(0), await fleet.fitted(1), await fleet.fitted(2)];
    const vehicles = found.map(({ vehicle }, park) => ({ vehicle, park }));
    const open = await openLedger(readConfig(fleet.environment), { keepAdopted: true });
    onTestFinished(open.close);
    const honest = { gaps: 0, bursts: 0, duplicates: 0, late: 0, broken: 0 };
    const demo = { tenant: demoTenant, seed: 'x', since, rates: honest, vehicles, address: '' };

    /** Lets them move until each has told so much in all. */
    const move = async (rows: number): Promise<void> => {
      const stopping = new AbortController();
      const mqtt = `mqtt://127.0.0.1:${await portOf(server, 'mqtt')}`;
      const moved = liveDemo(open, { ...demo, mqtt }, stopping.signal);
      const end_ms = Date.now() + MOVES_MAX_MS;
      const enough = async (): Promise<boolean> => {
        const told = await Promise.all(found.map(({ vehicle }) => fleet.rowsOf(vehicle)));
        return told.every(({ length }) => length >= rows);
      };
      while (!(await enough()) && Date.now() < end_ms) await sleep(POLL_MS);
      stopping.abort();
      await moved;
      expect(await enough()).toBe(true);
    };
    await move(1);
    await server.terminate();
    server = await startServer(fleet.environment);
    await move(2);
    const rows = (await Promise.all(found.map(({ vehicle }) => fleet.rowsOf(vehicle)))).flat();
    const idents = new Set(rows.map(({ ident }) => ident));
    expect(idents).toEqual(new Set(vehicles.map(({ vehicle }) => `demo-${vehicle}`)));
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['mqtt/flespi']));
  }, 90_000);

  it('knows which vehicles somebody has at the end of its history', () => {
    const steps = fleetPlan('equinomix', instant('2026-03-02T00:00:00.000Z'));
    const rented = rentedAtEnd(steps);
    expect(rented.length).toBeGreaterThan(12);
    expect(new Set(rented).size).toBe(rented.length);
    const begun = steps.filter(({ type }) => type === 'rent').length;
    const ended = steps.filter(({ type }) => type === 'return').length;
    expect(rented).toHaveLength(begun - ended);
    expect(rented).not.toContain(0);
  });
});
