import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { standingOf } from '#commands/aggregate.ts';
import { eraseSubject } from '#commands/eraseSubject.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { amendIncident, recordIncident } from '#commands/incidents.ts';
import { type AttributedFacts, attributionReactor } from '#commands/reactors/attributionReactor.ts';
import { erasureReactor } from '#commands/reactors/erasureReactor.ts';
import type { Reactor } from '#commands/reactors/reactor.ts';
import { standingReactor } from '#commands/reactors/standingReactor.ts';
import { recordRental, voidRental } from '#commands/rentals.ts';
import { recordTrip, voidTrip } from '#commands/trips.ts';
import type { Workspace } from '#commands/workspace.ts';
import { unmeasured } from '#domain/incidents/events.ts';
import { ConclusionId, type FineId, type IncidentId, type VehicleId } from '#domain/kernel/ids.ts';
import { allEvents, requestOf, rightOf, smallFleet, testLedger } from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { acme, digest, instant, money, uuid8 } from '#tests/support/samples.ts';

const concluded = { id: ConclusionId.parse(uuid8(0xc1)), evidence: digest(1) };
const morning = instant('2026-03-02T08:00:00.000Z');
const nine = instant('2026-03-02T09:00:00.000Z');
const noon = instant('2026-03-02T12:00:00.000Z');

const scene = async () => {
  const store = memoryEventStore(memoryLog());
  const { ledger } = testLedger(store);
  return { store, ledger, marks: memoryMarks(), ...(await smallFleet(ledger)) };
};

const fineOf = async (ledger: Workspace, vehicle: VehicleId): Promise<FineId> => {
  const told = { vehicle, named: null, offence: 'speeding', reference: 'R1', points: 2, at: nine };
  const asked = { ...told, amount: money('7000') };
  return rightOf(await issueFine(ledger)(requestOf(asked), asked)).id;
};

const knownFacts = (
  fines: readonly FineId[],
  incidents: readonly IncidentId[],
): AttributedFacts => ({
  ofVehicle: async () => right({ fines, incidents }),
});

describe('a reactor that may act on several events at once', () => {
  it('does so up to its bound, and marks them only when all are acted on', async () => {
    const { store, marks } = await scene();
    let [now, most] = [0, 0];
    const markedEarly: boolean[] = [];
    const reactor: Reactor = {
      name: 'several',
      atOnce_max: 3,
      handles: ['ParkOpened', 'DriverRegistered', 'VehicleRegistered', 'VehicleCommissioned'],
      react: async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        markedEarly.push(marks.at.has('several'));
        now -= 1;
        return right(null);
      },
    };
    await settle(store, marks, reactor);
    expect(most).toBe(3);
    expect(markedEarly).toEqual([false, false, false, false, false]);
  });
});

describe('a fact about a rental that comes late', () => {
  it('moves fines, incidents and trips of its time to the driver, and back when it never was', async () => {
    const { store, ledger, marks, vehicle, ann } = await scene();
    const fine = await fineOf(ledger, vehicle);
    const speeding = { vehicle, named: null, kind: 'speeding', at: nine, trip: null } as const;
    const speeds = { ...unmeasured, max_speed_kmh: 90, limit_kmh: 50 };
    const measured = { ...speeding, ...speeds, endedAt: noon, concluded };
    const { id: incident } = rightOf(await recordIncident(ledger)(requestOf('i'), measured));
    const report = { distance_m: 5, max_speed_kmh: 50, over_limit_s: null };
    const driven = { vehicle, at: nine, endedAt: noon, report, concluded };
    rightOf(await recordTrip(ledger)(requestOf('t'), driven));
    const late = { vehicle, driver: ann, plan: null, rate: null, at: morning, endedAt: noon };
    const { id: rental } = rightOf(await recordRental(ledger)(requestOf('r'), late));
    const reactor = attributionReactor(ledger, knownFacts([fine], [incident]));
    await settle(store, marks, reactor);
    const moved = (await allEvents(store)).slice(-3);
    expect(moved.map(({ type }) => type)).toEqual([
      'FineReattributed',
      'IncidentReattributed',
      'TripAmended',
    ]);
    for (const { data, actor, causationId } of moved) {
      expect(data).toMatchObject({ driver: ann, rental });
      expect([actor.kind, typeof causationId]).toEqual(['system', 'string']);
    }
    expect(moved[2]?.data).toMatchObject({ startedAt: null, evidence: digest(1) });
    const before = (await allEvents(store)).length;
    await settle(store, memoryMarks(), reactor);
    expect(await allEvents(store)).toHaveLength(before);
    rightOf(await voidRental(ledger)(requestOf('v'), { rental, reason: 'wrong_driver', at: noon }));
    await settle(store, marks, reactor);
    const back = (await allEvents(store)).slice(-3);
    for (const { data } of back) expect(data).toMatchObject({ driver: null, rental: null });
  });
});

describe('what was told before a rental came in between', () => {
  it('is judged once more: a trip that never was stays as it is, an amended incident moves', async () => {
    const { store, ledger, marks, vehicle, ann } = await scene();
    const report = { distance_m: 5, max_speed_kmh: 50, over_limit_s: null };
    const driven = { vehicle, at: nine, endedAt: noon, report, concluded };
    const { id: trip } = rightOf(await recordTrip(ledger)(requestOf('t'), driven));
    rightOf(await voidTrip(ledger)(requestOf('v'), { trip, reason: 'late_data' }));
    const about = { vehicle, named: null, kind: 'harsh_driving', concluded } as const;
    const times = { ...unmeasured, at: nine, endedAt: noon, trip: null };
    const asked = { ...about, ...times };
    const { id: incident } = rightOf(await recordIncident(ledger)(requestOf('i'), asked));
    const amend = { ...times, incident, evidence: digest(2), reason: 'went_on' } as const;
    // Neither read models nor the recording tell the reactor of the incident: its amendment has to.
    const reactor = attributionReactor(ledger, knownFacts([], []));
    await settle(store, marks, reactor);
    rightOf(await amendIncident(ledger)(requestOf('a'), amend));
    const late = { vehicle, driver: ann, plan: null, rate: null, at: morning, endedAt: noon };
    rightOf(await recordRental(ledger)(requestOf('r'), late));
    const { length } = await allEvents(store);
    await settle(store, marks, reactor);
    const added = (await allEvents(store)).slice(length);
    expect(added.map(({ type, data }) => [type, data['driver']])).toEqual([
      ['IncidentReattributed', ann],
    ]);
  });
});

describe('what becomes of fines', () => {
  it('is copied into the standing of who bears them, once however often it is seen', async () => {
    const { store, ledger, marks, vehicle, ann } = await scene();
    const had = { vehicle, driver: ann, plan: null, rate: null, at: morning, endedAt: noon };
    rightOf(await recordRental(ledger)(requestOf('r'), had));
    const fine = await fineOf(ledger, vehicle);
    const confirm = await onFine(ledger)(requestOf('c'), { fine, at: noon }, (when) => ({
      type: 'ConfirmFine',
      fine,
      when,
    }));
    rightOf(confirm);
    await settle(store, marks, standingReactor(ledger));
    const copied = (await allEvents(store)).filter(({ type }) => type === 'StandingFineCopied');
    expect(copied.map(({ data }) => [data['driver'], data['status']])).toEqual([
      [ann, 'issued'],
      [ann, 'confirmed'],
    ]);
    await settle(store, memoryMarks(), standingReactor(ledger));
    const { state } = rightOf(await ledger.load(standingOf(acme, ann)));
    expect(state.fines.get(fine)).toMatchObject({ status: 'confirmed', points: 2 });
    const again = (await allEvents(store)).filter(({ type }) => type === 'StandingFineCopied');
    expect(again).toHaveLength(2);
  });
});

describe('the erasure reactor', () => {
  it('has a vault that forgot about it erase a driver again, and no vehicle', async () => {
    const { ledger, store, marks, ann, vehicle } = await scene();
    for (const subject of [
      { kind: 'driver', id: ann } as const,
      { kind: 'vehicle', id: vehicle } as const,
    ]) {
      rightOf(await eraseSubject(ledger)(requestOf(subject), { subject, at: noon }));
    }
    const events = await allEvents(store);
    const asked: string[] = [];
    const erase: Workspace['vault']['erase'] = (request) => {
      asked.push(request.subject);
      return ledger.vault.erase(request);
    };
    const restored = { ...ledger, vault: { ...ledger.vault, erase } };
    await settle(store, marks, erasureReactor(restored));
    expect(asked).toEqual([ann]);
    expect(await allEvents(store)).toEqual(events);
  });
});
