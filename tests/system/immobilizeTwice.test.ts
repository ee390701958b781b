import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ended, expectTrue, isIn, JOB_MAX_MS, reaches } from '#tests/support/blockedTruth.ts';
import { blockingFleet, countOf, waitUntil } from '#tests/support/blockingFleet.ts';

const TEST_MAX_MS = 180_000;
const VEHICLES = 40;
const MADE_AT_ONCE = 8;
const REPORT_MS = 2_000;
const SENT_BEFORE_DEATH = 6;
const PARKS_EVERY_MS = 400;
/** Of what the dead process was about to send nobody knows; of what it had not begun, the other does. */
const COMPLETED_MIN = VEHICLES / 4;
const IN_FLIGHT = 'ledger_immobilization_in_flight';
const DRIVING = { speed_kmh: 40, ignition: true };
const PARKED = { speed_kmh: 0, ignition: false };

type Scene = Awaited<ReturnType<typeof blockingFleet>>;

const manyVehicles = async ({ vehicle }: Scene) => {
  const made: Awaited<ReturnType<typeof vehicle>>[] = [];
  while (made.length < VEHICLES) {
    const some = Array.from({ length: MADE_AT_ONCE }, () =>
      vehicle({ ...DRIVING, report_ms: REPORT_MS }),
    );
    made.push(...(await Promise.all(some)));
  }
  return made;
};

/** They come to stand one after another, so that for a while both processes have something to do. */
const parkInTurn = async (vehicles: Awaited<ReturnType<typeof manyVehicles>>): Promise<void> => {
  for (const { unit } of vehicles) {
    unit.change(PARKED);
    await sleep(PARKS_EVERY_MS);
  }
};

describe('two processes on one database', () => {
  it(
    `share ${VEHICLES} blocks, never drive the same one, and one ends what the other leaves behind`,
    async ({ onTestFinished }) => {
      const scene = await blockingFleet();
      onTestFinished(scene.close);
      const second = await scene.second();
      onTestFinished(second.kill);
      const vehicles = await manyVehicles(scene);
      const jobs = await Promise.all(
        vehicles.map(async (vehicle) => ({ vehicle, job: await vehicle.block() })),
      );
      for (const { vehicle, job } of jobs) await reaches(vehicle, job, isIn('waiting_safe'));
      const drives = async (of?: { readonly address: string }): Promise<void> => {
        const driven = () => scene.figure(IN_FLIGHT, of);
        await waitUntil(driven, (count) => count > 0, JOB_MAX_MS);
      };
      await drives();
      await drives(second);
      const parked = parkInTurn(vehicles);
      await waitUntil(
        async () => ({
          sent: vehicles.filter((each) => each.blocksTaken() > 0).length,
          driven: await scene.figure(IN_FLIGHT, second),
        }),
        ({ sent, driven }) => sent >= SENT_BEFORE_DEATH && driven > 0,
        JOB_MAX_MS,
      );
      await second.kill();
      await parked;

      let completed = 0;
      for (const { vehicle, job } of jobs) {
        const seen = await ended(vehicle, job);
        expectTrue(vehicle, seen);
        completed += seen.status === 'completed' ? 1 : 0;
        expect(countOf(seen, 'block_requested')).toBe(1);
      }
      expect(completed).toBeGreaterThan(COMPLETED_MIN);
      // Whoever was driven by both would be given an order by the other one by now.
      await sleep(REPORT_MS);
      for (const vehicle of vehicles) expect(vehicle.blocksTaken()).toBeLessThanOrEqual(1);
      const { violations } = scene.simulator;
      expect(violations).toEqual({ running: 0, polls: 0, heavy: 0, logins: 0 });
    },
    TEST_MAX_MS,
  );
});
