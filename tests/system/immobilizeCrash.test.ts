import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { FaultKind } from '#simulators/wialon/faults.ts';
import { ended, expectTrue, isIn, JOB_MAX_MS, reaches } from '#tests/support/blockedTruth.ts';
import {
  type BlockedVehicle,
  blockingFleet,
  countOf,
  HOLD_MS,
  waitUntil,
} from '#tests/support/blockingFleet.ts';

const TEST_MAX_MS = 180_000;
const SENDING = 'unit/send_cmd';
const DRIVING = { speed_kmh: 40, ignition: true };
const PARKED = { speed_kmh: 0, ignition: false };
/** How long after the last request the process dies: before, while and after orders are sent. */
const KILLED_AFTER_MS = [0, 900];
describe('a product that is killed again and again while it blocks engines', () => {
  it(
    'goes on where each job stood, sends no block twice, and says what is true',
    async ({ onTestFinished }) => {
      const { simulator, vehicle, kill, restart, close } = await blockingFleet();
      onTestFinished(close);
      const [driving, calledOff, owing, released] = [
        await vehicle(DRIVING),
        await vehicle(DRIVING),
        await vehicle(),
        await vehicle(),
      ];
      const lies = { obedience: 'lies' } as const;
      const [lying, wordless, refused] = [
        await vehicle(lies),
        await vehicle({ answers: 'none' }),
        await vehicle(),
      ];
      // With one that lies nothing ever shows that the order arrived: there a second one would be sent.
      const answerLost = [await vehicle(), await vehicle(lies)];
      const answerLate = [await vehicle(), await vehicle(lies)];
      const batches: BlockedVehicle[][] = [];
      for (const _ of KILLED_AFTER_MS) batches.push([await vehicle(), await vehicle()]);
      await owing.warn();
      await sleep(HOLD_MS);

      await ended(released, await released.block());
      expect(released.unit.isBlocked()).toBe(true);
      released.unit.change({ connection: 'offline' });
      const release = await released.release();
      const jobs: { readonly vehicle: BlockedVehicle; readonly job: string }[] = [];
      const begin = async (each: BlockedVehicle, reason?: string): Promise<string> => {
        const job = await each.block(reason);
        jobs.push({ vehicle: each, job });
        return job;
      };
      const waits = await begin(driving);
      const off = await begin(calledOff);
      const money = await begin(owing, 'arrears');
      await reaches(released, release, isIn('dispatching'));
      await reaches(driving, waits, isIn('waiting_safe'));
      await reaches(calledOff, off, isIn('waiting_safe'));
      await reaches(owing, money, isIn('waiting_approval'));
      await calledOff.cancel(off);

      const fault = (kind: FaultKind, { id: unit }: BlockedVehicle) =>
        simulator.faults.add({ kind, code: 1003, service: SENDING, unit });
      for (const each of answerLost) fault('reset_after', each);
      for (const each of answerLate) fault('answer_late', each);
      fault('error', refused);
      for (const each of [lying, wordless, ...answerLost, refused]) {
        await reaches(each, await begin(each), isIn('dispatching'));
      }
      for (const each of answerLate) {
        const job = await begin(each);
        const carried = async () => each.unit.carried().length;
        await waitUntil(carried, (orders) => orders > 0, JOB_MAX_MS);
        expect(countOf(await each.look(job), 'block_answered')).toBe(0);
      }
      expect(simulator.faults.list()).toEqual([]);
      for (const [round, after_ms] of KILLED_AFTER_MS.entries()) {
        await Promise.all((batches[round] ?? []).map((each) => begin(each)));
        await sleep(after_ms);
        await kill();
        await restart();
      }

      driving.unit.change(PARKED);
      released.unit.change({ connection: 'online' });
      await owing.approve(money);
      const status = new Map<BlockedVehicle, string>();
      for (const each of jobs) {
        const seen = await ended(each.vehicle, each.job);
        expectTrue(each.vehicle, seen);
        status.set(each.vehicle, seen.status);
      }
      const [lost, lostByLiar] = answerLost;
      const [late, lateByLiar] = answerLate;
      for (const each of [driving, owing, wordless, lost, late]) {
        expect([each?.id, each && status.get(each)]).toEqual([each?.id, 'completed']);
      }
      for (const each of [lying, lostByLiar, lateByLiar]) {
        expect([each?.id, each && status.get(each)]).toEqual([each?.id, 'unconfirmed']);
      }
      expect(status.get(calledOff)).toBe('cancelled');
      expect(calledOff.blocksTaken()).toBe(0);
      expect((await ended(released, release)).status).toBe('completed');
      expect(released.unit.isBlocked()).toBe(false);

      const freed = await Promise.all(
        jobs.map(async (each) => ({ ...each, job: await each.vehicle.release() })),
      );
      await kill();
      await restart();
      for (const each of freed) {
        expect((await ended(each.vehicle, each.job)).status).toBe('completed');
        expect(each.vehicle.unit.isBlocked()).toBe(false);
        expect(each.vehicle.blocksCarried()).toBeLessThanOrEqual(1);
      }
      const { violations } = simulator;
      expect(violations).toEqual({ running: 0, polls: 0, heavy: 0, logins: 0 });
    },
    TEST_MAX_MS,
  );
});
