import { describe, expect, it } from 'vitest';
import {
  amendCondition,
  concludedCondition,
  ignoreLateData,
  noteCondition,
  voidCondition,
} from '#commands/conditions.ts';
import { recordRental } from '#commands/rentals.ts';
import { ConclusionId, DeviceIdent, ParkId } from '#domain/kernel/ids.ts';
import {
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme, digest, instant, uuid8 } from '#tests/support/samples.ts';

const eight = instant('2026-03-02T08:00:00.000Z');
const noon = instant('2026-03-02T12:00:00.000Z');
const before = instant('2026-02-28T22:30:00.000Z');

const conclusion = ConclusionId.parse(uuid8(0xc1));
const concluded = { id: conclusion, evidence: digest(1) };
const ident = DeviceIdent.parse('000000000000017');
const elsewhere = () => requestOf('x', 'x', [ParkId.parse(uuid8(0x99))]);

const scene = async () => {
  const { ledger, store } = testLedger();
  const fleet = await smallFleet(ledger);
  return { ...fleet, ledger, store, last: async () => (await allEvents(store)).at(-1) };
};

describe('a condition that was concluded from telemetry', () => {
  const about = { concluded, kind: 'fault', matter: 'P0301', ident, endedAt: null } as const;

  it('goes by the conclusion, lies with whoever had the vehicle, and is not told twice', async () => {
    const { ledger, store, vehicle, park, ann, last } = await scene();
    const rented = { vehicle, driver: ann, plan: null, rate: null, at: eight, endedAt: noon };
    rightOf(await recordRental(ledger)(requestOf('r'), rented));
    const asked = { ...about, vehicle, at: eight };
    const { id } = rightOf(await noteCondition(ledger)(requestOf('one'), asked));
    expect(id).toBe(concludedCondition(acme, conclusion));
    const event = await last();
    expect(event).toMatchObject({
      type: 'ConditionNoted',
      stream: `condition-acme.${id}`,
      occurredAt: eight,
      data: { driver: ann, kind: 'fault', matter: 'P0301', evidence: digest(1) },
    });
    expect(event?.keys).toEqual(
      expect.arrayContaining([
        `asset:${vehicle}`,
        `condition:${id}`,
        `park:${park}`,
        `driver:${ann}`,
      ]),
    );
    const { length } = await allEvents(store);
    rightOf(await noteCondition(ledger)(requestOf('two'), asked));
    expect(await allEvents(store)).toHaveLength(length);
    const early = await noteCondition(ledger)(requestOf('three'), { ...asked, at: before });
    expect(early).toMatchObject({
      left: { code: 'FactBeforeRegistration', registeredAt: springMorning },
    });
  });

  it('goes on, ends, and is struck out, within the parks of who asks', async () => {
    const { ledger, vehicle, last } = await scene();
    const asked = { ...about, vehicle, at: eight };
    const { id: condition } = rightOf(await noteCondition(ledger)(requestOf('one'), asked));
    const over = {
      condition,
      at: eight,
      endedAt: noon,
      evidence: null,
      reason: 'went_on',
    } as const;
    const unknown = { left: { code: 'ConditionUnknown' } };
    expect(await amendCondition(ledger)(elsewhere(), over)).toMatchObject(unknown);
    rightOf(await amendCondition(ledger)(requestOf('two'), over));
    expect(await last()).toMatchObject({
      type: 'ConditionAmended',
      occurredAt: eight,
      data: { startedAt: eight, endedAt: noon, evidence: digest(1) },
    });
    rightOf(await voidCondition(ledger)(requestOf('three'), { condition, reason: 'late_data' }));
    expect(await last()).toMatchObject({ type: 'ConditionVoided', occurredAt: eight });
  });
});

describe('late data of which nothing came', () => {
  it('is told once, and of another time once more', async () => {
    const { ledger, store, vehicle, park, last } = await scene();
    const asked = { vehicle, ident, from: eight, to: noon, readings: 12 };
    rightOf(await ignoreLateData(ledger)(requestOf('one'), asked));
    expect(await last()).toMatchObject({
      type: 'LateDataIgnored',
      occurredAt: eight,
      keys: [`asset:${vehicle}`, `park:${park}`],
      data: { ident, to: noon, readings: 12 },
    });
    const { length } = await allEvents(store);
    rightOf(await ignoreLateData(ledger)(requestOf('two'), asked));
    expect(await allEvents(store)).toHaveLength(length);
    rightOf(await ignoreLateData(ledger)(requestOf('three'), { ...asked, readings: 13 }));
    expect(await allEvents(store)).toHaveLength(length + 1);
    expect(await ignoreLateData(ledger)(elsewhere(), asked)).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
  });
});
