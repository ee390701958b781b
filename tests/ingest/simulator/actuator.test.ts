import { describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { DeviceOrder } from '#ingest/deviceLine.ts';
import { idleActuator, isOn, obey, orderIn } from '#ingest/simulator/actuator.ts';
import { intervalLater, newDevice, ordered } from '#ingest/simulator/device.ts';
import { Rates } from '#ingest/simulator/mischief.ts';
import { instant } from '#tests/support/samples.ts';

const now = instant('2026-03-02T08:00:00.000Z');
const parked = { now, speed_kmh: 0, hasFix: true };
const orderOf = (n: number, changed: Partial<DeviceOrder> = {}): DeviceOrder => ({
  order: `00000000-0000-4000-8000-00000000000${n}`,
  action: 'block',
  output: 2,
  expires_at: instant('2026-03-02T08:00:03.000Z'),
  ...changed,
});

describe('what a tracker does on an order', () => {
  it('switches the output that is named, and answers by the order', () => {
    const blocked = obey(idleActuator, orderOf(1), parked);
    expect([blocked.dout, isOn(blocked, 2), isOn(blocked, 1)]).toEqual([2, true, false]);
    expect(blocked.last).toEqual({
      ...{ order: orderOf(1).order, action: 'block', result: 'executed', at: now, dout: 2 },
    });
    const released = obey(blocked, orderOf(2, { action: 'release' }), { ...parked, speed_kmh: 90 });
    expect([released.dout, released.last?.result]).toEqual([0, 'executed']);
    const asked = obey(blocked, orderOf(3, { action: 'query_position' }), parked);
    expect([asked.dout, asked.last?.result]).toEqual([2, 'executed']);
  });

  it('refuses to block at speed and without a fix', () => {
    const moving = obey(idleActuator, orderOf(1), { ...parked, speed_kmh: 20.1 });
    expect([moving.dout, moving.last?.result]).toEqual([0, 'refused_speed']);
    const lost = obey(idleActuator, orderOf(1), { ...parked, hasFix: false });
    expect([lost.dout, lost.last?.result]).toEqual([0, 'refused_fix']);
  });

  it('drops what is too late, and what it has dealt with', () => {
    const late = { ...parked, now: orderOf(1).expires_at };
    expect(obey(idleActuator, orderOf(1), late)).toBe(idleActuator);
    const blocked = obey(idleActuator, orderOf(1), parked);
    const released = obey(blocked, orderOf(2, { action: 'release' }), parked);
    expect(obey(released, orderOf(1), parked)).toBe(released);
  });

  it('reads orders and nothing else', () => {
    expect(orderIn(Buffer.from(JSON.stringify(orderOf(1))))).toEqual(orderOf(1));
    for (const wrong of ['', 'x', '{}', JSON.stringify({ ...orderOf(1), output: 0 })]) {
      expect(orderIn(Buffer.from(wrong))).toBeNull();
    }
  });
});

describe('a simulated vehicle whose starter is cut', () => {
  const nature = {
    city: { origin: { lat: 34, lon: -6.8 }, blocks: 12 },
    seed: 'fleet:dev-1',
    ident: DeviceIdent.parse('dev-1'),
    rates: Rates.parse({ gaps: 0, bursts: 0, duplicates: 0, late: 0, broken: 0 }),
  };

  it('tells of its output at once, stands while it is blocked, and sets off again after', () => {
    const begin = newDevice(nature, 1_772_400_000);
    let state = ordered(begin, orderOf(1), now);
    const first = intervalLater(nature, state, 5);
    expect(first.transmissions[0]?.readings[0]?.dout).toBe(2);
    state = first.state;
    for (let n = 0; n < 1_000; n += 1) state = intervalLater(nature, state, 5).state;
    expect([state.vehicle.trips, state.vehicle.speed_kmh]).toEqual([0, 0]);
    const at = instantOf(1_772_400_000_000 - 1);
    const release = { action: 'release', expires_at: instantOf(1_772_400_000_000) } as const;
    state = ordered(state, orderOf(2, release), at);
    for (let n = 0; n < 1_000; n += 1) state = intervalLater(nature, state, 5).state;
    expect(state.vehicle.trips).toBeGreaterThan(0);
  });

  it('goes on if it was on its way', () => {
    let state = newDevice(nature, 1_772_400_000);
    while (state.vehicle.speed_kmh === 0) state = intervalLater(nature, state, 1).state;
    const { odometer_m } = state.vehicle;
    state = ordered(state, orderOf(1), now);
    expect(state.actuator.dout).toBe(2);
    for (let n = 0; n < 10; n += 1) state = intervalLater(nature, state, 1).state;
    expect(state.vehicle.odometer_m).toBeGreaterThan(odometer_m);
  });
});
