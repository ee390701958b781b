import { describe, expect, it } from 'vitest';
import { defaultRules } from '#domain/immobilization/rules.ts';
import { doubtsOf, type Sighting } from '#domain/immobilization/stillness.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { parkedAt } from '#tests/support/immobilizer.ts';
import { instant } from '#tests/support/samples.ts';

const now = instant('2026-03-02T20:00:00.000Z');
const ago = (s: number) => instantOf(epochMs(now) - s * 1_000);

const parked = (ago_s: number, change: Partial<Sighting> = {}): Sighting =>
  parkedAt(ago(ago_s), change);

const minute = [parked(70), parked(50), parked(30), parked(10)];
const doubts = (
  sightings: readonly Sighting[],
  ignitionFrom: 'wire' | 'can' | 'voltage' | 'none' = 'wire',
) => doubtsOf(sightings, { at: now, rules: defaultRules, ignitionFrom });

describe('a vehicle stands', () => {
  it('when it is seen to for a minute, by two signals, until now', () => {
    expect(doubts(minute)).toEqual([]);
    expect(doubts(minute, 'can')).toEqual([]);
    const shaken = minute.map((each) => ({ ...each, ignition: null, moved: false }));
    expect(doubts(shaken, 'none')).toEqual([]);
  });

  it('for which noise of the receiver is no movement', () => {
    expect(doubts(minute.map((each) => ({ ...each, speed_kmh: 2 })))).toEqual([]);
  });
});

describe('it is not certain that a vehicle stands', () => {
  const cases: readonly [string, readonly Sighting[], readonly string[]][] = [
    ['of which nothing is known', [], ['unseen']],
    ['whose last reading is 31 s old', [parked(95), parked(65), parked(31)], ['stale']],
    [
      'whose reading says now and came 31 s ago',
      [parked(90), parked(60), parked(0, { receivedAt: ago(31), at: ago(29) })],
      ['stale'],
    ],
    [
      'whose readings were all kept back',
      minute.map((each) => ({ ...each, buffered: true })),
      ['unseen'],
    ],
    [
      'whose newest reading was kept back',
      [parked(70), parked(50), parked(35), parked(5, { buffered: true })],
      ['stale', 'not_held'],
    ],
    [
      'whose readings came late',
      minute.map((each) => ({ ...each, at: ago((epochMs(now) - epochMs(each.at)) / 1_000 + 31) })),
      ['unseen'],
    ],
    [
      'that has no fix',
      [...minute.slice(0, 2), parked(10, { valid: false })],
      ['no_fix', 'not_held'],
    ],
    ['that has been seen to stand for 59 s', [parked(64), parked(5)], ['not_held']],
    ['with a gap of 66 s', [parked(76), parked(10)], ['not_held']],
    ['that moves', [...minute, parked(2, { speed_kmh: 3 })], ['moving']],
    ['that moved half a minute ago', [...minute, parked(40, { speed_kmh: 30 })], ['moving']],
    [
      'of which a buffer says that it moved',
      [...minute, parked(20, { speed_kmh: 30, buffered: true, receivedAt: ago(1) })],
      ['moving'],
    ],
    ['whose ignition is on', [...minute, parked(2, { ignition: true })], ['ignition_on']],
    ['that is shaken', [...minute, parked(2, { moved: true })], ['motion_felt']],
    [
      'that satellites alone say stands, as they do where they are jammed',
      minute.map((each) => ({ ...each, ignition: null })),
      ['one_signal_only', 'not_held'],
    ],
    ['whose clock is ahead', [...minute, parked(-3)], ['clock_ahead']],
    ['that is on a bridge', minute.map((each) => ({ ...each, zone: 'bridge' })), ['no_stop_zone']],
    [
      'whose place is not known',
      minute.map((each) => ({ ...each, zone: 'unknown' })),
      ['place_unknown'],
    ],
  ];
  it.each(cases)('%s', (_, sightings, expected) => {
    expect(doubts(sightings)).toEqual(expected);
  });

  it('by an ignition that is guessed from a voltage', () => {
    expect(doubts(minute, 'voltage')).toEqual(['one_signal_only', 'not_held']);
  });
});
