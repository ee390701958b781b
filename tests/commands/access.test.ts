import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import type { KnownRest } from '#commands/access.ts';
import { onDriver } from '#commands/drivers.ts';
import { keptStreams } from '#commands/keptStreams.ts';
import { lockOutDriver } from '#commands/lockouts.ts';
import type { EventStore } from '#commands/ports.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import type { Workspace } from '#commands/workspace.ts';
import { AccessDecided } from '#domain/access/events.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import { driverStream, type StreamName } from '#domain/kernel/streams.ts';
import { allEvents, requestOf, rightOf, smallFleet, testLedger } from '#tests/support/ledger.ts';
import { acme, ann, bob, instant } from '#tests/support/samples.ts';

const at = instant('2026-03-02T08:00:00.000Z');
const agreed = { plan: null, rate: null, odometer_m: null, rest_s: null, at };

const lockOut = async (ledger: Workspace, driver: DriverId): Promise<void> => {
  const lockout = { driver, reason: 'conduct', until: null, at };
  rightOf(await lockOutDriver(ledger)(requestOf(lockout), lockout));
};

/** A store that is away for writers of vehicles while `broken` says so. */
const fragile = (store: EventStore, fault: { broken: boolean }): EventStore => ({
  ...store,
  append: (request) => async () =>
    fault.broken && request.stream.startsWith('vehicle-')
      ? left({ code: 'Unavailable', detail: 'test' })
      : store.append(request)(),
});

const decisionsIn = async (store: EventStore) =>
  (await allEvents(store)).filter(({ type }) => type === 'AccessDecided');

describe('a decision on a rental', () => {
  it('stands when its rental could not be written, whatever happened before it comes again', async () => {
    const log = memoryLog();
    const fault = { broken: false };
    const store = fragile(memoryEventStore(log), fault);
    const { ledger } = testLedger(store);
    const { vehicle, ann: driver } = await smallFleet(ledger);
    const asked = { ...agreed, vehicle, driver };
    const request = requestOf(asked, 'take');
    fault.broken = true;
    expect(await startRental(ledger)(request, asked)).toMatchObject({
      left: { code: 'Unavailable' },
    });
    await lockOut(ledger, driver);
    fault.broken = false;
    // Another process asks again: the decision is in the log, not in its memory.
    const other = testLedger(memoryEventStore(log)).ledger;
    rightOf(await startRental(other)(request, asked));
    expect(await decisionsIn(store)).toHaveLength(1);
    const types = (await allEvents(store)).map(({ type }) => type);
    expect(types.indexOf('AccessDecided')).toBeLessThan(types.indexOf('RentalStarted'));
  });

  it('takes the rest that is known where the caller tells none, and keeps what it went by', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, ann: driver } = await smallFleet(ledger);
    const questions: object[] = [];
    const knownRest: KnownRest = async (question) => {
      questions.push(question);
      return 3_600;
    };
    const take = async (rest_s: number | null, name: string, time: string) => {
      const asked = { ...agreed, vehicle, driver, rest_s, at: instant(time) };
      const { id } = rightOf(await startRental(ledger, knownRest)(requestOf(name), asked));
      const back = { rental: id, reason: 'returned', odometer_m: null, at: asked.at } as const;
      rightOf(await endRental(ledger)(requestOf(back), back));
    };
    await take(null, 'one', '2026-03-02T08:00:00.000Z');
    await take(50_000, 'two', '2026-03-02T09:00:00.000Z');
    expect(questions).toEqual([{ tenant: acme, driver, at, known: null }]);
    const decided = (await decisionsIn(store)).map(({ data }) => {
      const { rest_s, verdict, reasons } = AccessDecided.data.parse(data);
      return [rest_s, verdict, reasons.some(({ code }) => code === 'rest_short')];
    });
    expect(decided).toEqual([
      [3_600, 'allowed_with_warnings', true],
      [50_000, 'allowed_with_warnings', false],
    ]);
    const mine = { ...agreed, vehicle, driver, at: instant('2026-03-01T00:00:00.000Z') };
    await startRental(ledger, knownRest)(requestOf('too early'), mine);
    expect(questions).toHaveLength(1);
  });

  it('is one where the same request comes twice at once', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, ann: driver } = await smallFleet(ledger);
    const asked = { ...agreed, vehicle, driver };
    const request = requestOf(asked, 'take');
    const take = () => startRental(ledger)(request, asked);
    const [one, two] = await Promise.all([take(), take()]);
    expect(rightOf(one).id).toBe(rightOf(two).id);
    expect(await decisionsIn(store)).toHaveLength(1);
  });

  it('is refused under a key that was used for something else', async () => {
    const { ledger } = testLedger();
    const { vehicle, ann: driver } = await smallFleet(ledger);
    await lockOut(ledger, driver);
    const asked = { ...agreed, vehicle, driver };
    const denied = await startRental(ledger)(requestOf(asked, 'take'), asked);
    expect(denied).toMatchObject({ left: { code: 'AccessDenied' } });
    const other = await startRental(ledger)(requestOf('something else', 'take'), asked);
    expect(other).toMatchObject({ left: { code: 'IdempotencyKeyReused' } });
  });

  it('is not taken where the driver or the vehicle refuses anyway', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, ann: driver, bob: second } = await smallFleet(ledger);
    const out = { driver, id: driver, at };
    rightOf(
      await onDriver(ledger)(requestOf(out), out, (when) => ({
        type: 'DeactivateDriver',
        driver,
        reason: 'left',
        when,
      })),
    );
    const asked = { ...agreed, vehicle, driver };
    expect(await startRental(ledger)(requestOf(asked), asked)).toMatchObject({
      left: { code: 'DriverInactive' },
    });
    const taken = { ...agreed, vehicle, driver: second };
    rightOf(await startRental(ledger)(requestOf(taken), taken));
    expect(await startRental(ledger)(requestOf(taken), taken)).toMatchObject({
      left: { code: 'VehicleRented' },
    });
    expect(await decisionsIn(store)).toHaveLength(1);
  });
});

describe('streams that are kept', () => {
  it('are read once, until there are too many of them', async () => {
    const reads: StreamName[] = [];
    const read = keptStreams(async (stream) => {
      reads.push(stream);
      return right([]);
    }, 1);
    const [one, other] = [driverStream(acme, ann), driverStream(acme, bob)];
    for (const stream of [one, one, other, one]) rightOf(await read(stream));
    expect(reads).toEqual([one, other, one]);
  });

  it('are asked for again when they could not be read', async () => {
    let reads = 0;
    const read = keptStreams(async () => {
      reads += 1;
      return left({ code: 'Unavailable', detail: 'test' });
    }, 1);
    await read(driverStream(acme, ann));
    await read(driverStream(acme, ann));
    expect(reads).toBe(2);
  });
});
