import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { replay } from '#domain/kernel/decider.ts';
import { EVENT_MAX_BYTES } from '#domain/kernel/event.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type DetectionSettings,
  defaultSettings,
  detectionAt,
  WatchedFences,
} from '#domain/parks/detection.ts';
import { DetectionConfigured, ParkClosed, ParkOpened, parkEvents } from '#domain/parks/events.ts';
import { detectionOf, type ParkCommand, parkDecider } from '#domain/parks/park.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import {
  berlin,
  digest,
  euro,
  evening,
  lira,
  moment,
  morning,
  noon,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(parkDecider);

const content = { park: berlin, code: 'BER-1', name: 'Berlin Mitte', currency: euro };
const open = { type: 'OpenPark', ...content, when: morning } as const;
const close = { type: 'ClosePark', park: berlin, when: evening } as const;
const opened = fact(ParkOpened, morning, content);
const closed = fact(ParkClosed, evening, { park: berlin });

const strict: DetectionSettings = {
  ...defaultSettings,
  parking_min_s: 120,
  unposted_limit_kmh: 50,
};
const yard: WatchedFences = [{ fence: 'yard', digest: digest(1), rule: 'forbidden' }];
const configure = {
  type: 'ConfigureDetection',
  park: berlin,
  settings: strict,
  fences: yard,
  when: noon,
} as const;
const configured = (settings: DetectionSettings, fences: WatchedFences, when: typeof noon) =>
  fact(DetectionConfigured, when, { park: berlin, settings, fences });

const anyCommand: fc.Arbitrary<ParkCommand> = fc.oneof(
  fc.record({
    type: fc.constant('OpenPark'),
    park: fc.constant(berlin),
    code: fc.constantFrom('BER-1', 'BER-2'),
    name: fc.constant('Berlin Mitte'),
    currency: fc.constantFrom(euro, lira),
    when: anyMoment,
  }),
  fc.record({
    type: fc.constant('ConfigureDetection'),
    park: fc.constant(berlin),
    settings: fc.constantFrom(defaultSettings, strict),
    fences: fc.constantFrom([], yard),
    when: fc.constantFrom(morning, noon, evening),
  }),
  fc.record({ type: fc.constant('ClosePark'), park: fc.constant(berlin), when: anyMoment }),
);

describe('park', () => {
  it('opens', () => given().when(open).yields(opened));
  it('does not open twice', () => {
    given(opened)
      .when({ ...open, when: noon })
      .yields();
  });
  it.each([
    { ...open, code: 'BER-2' },
    { ...open, name: 'Berlin Wedding' },
    { ...open, currency: lira },
    { ...open, when: moment(morning.at, 'Europe/Istanbul') },
  ])('does not become another park by opening again', (other) => {
    given(opened).when(other).refuses('ParkAlreadyOpened');
  });
  it('closes', () => given(opened).when(close).yields(closed));
  it('does not close twice', () => given(opened, closed).when(close).yields());
  it('must exist to be closed', () => given().when(close).refuses('ParkUnknown'));
  it('does not open again once closed', () =>
    given(opened, closed).when(open).refuses('ParkClosed'));

  it('keeps zone and currency when it closes', () => {
    const zone = morning.zone;
    expect(replay(parkDecider, [opened])).toMatchObject({ phase: 'open', zone, currency: euro });
    expect(replay(parkDecider, [opened, closed])).toMatchObject({
      phase: 'closed',
      zone,
      currency: euro,
      since: evening.at,
    });
  });

  it('says how telemetry is judged, but not what holds then anyway', () => {
    const said = configured(strict, yard, noon);
    given(opened).when(configure).yields(said);
    given(opened, said).when(configure).yields();
    given(opened, said)
      .when({ ...configure, when: evening })
      .yields();
    given(opened, said)
      .when({ ...configure, when: morning })
      .yields(configured(strict, yard, morning));
    given(opened, said)
      .when({ ...configure, settings: defaultSettings })
      .yields(configured(defaultSettings, yard, noon));
    given(opened, said)
      .when({ ...configure, fences: [] })
      .yields(configured(strict, [], noon));
    given().when(configure).refuses('ParkUnknown');
    given(opened, closed).when(configure).refuses('ParkClosed');
  });

  it('keeps what was said in the order of time, and of two for one instant the later told behind', () => {
    const first = configured(strict, [], evening);
    const before = configured(strict, yard, morning);
    const instead = configured(defaultSettings, yard, evening);
    const state = replay(parkDecider, [opened, first, before, instead]);
    expect(detectionOf(state)).toEqual([
      { from: morning.at, settings: strict, fences: yard },
      { from: evening.at, settings: strict, fences: [] },
      { from: evening.at, settings: defaultSettings, fences: yard },
    ]);
    const at = (when: typeof noon.at) => detectionAt(detectionOf(state), when)?.settings ?? null;
    expect(at(moment('2026-03-02T07:59:59.999Z').at)).toBeNull();
    expect([at(morning.at), at(noon.at), at(evening.at)]).toEqual([
      strict,
      strict,
      defaultSettings,
    ]);
    expect(detectionOf(parkDecider.initial)).toEqual([]);
    expect(detectionOf(replay(parkDecider, [opened, first, closed]))).toHaveLength(1);
  });

  it('may be judged by the most that may be said, in one event', () => {
    const fences = Array.from({ length: 200 }, (_, index) => ({
      fence: `${'f'.repeat(45)}${String(index).padStart(3, '0')}`,
      digest: digest(index),
      rule: 'forbidden' as const,
    }));
    const most = { ...configured(strict, fences, noon).data };
    const text = canonicalJson(most);
    // The rest of the event, with its ids, keys and hashes, is less than 4 KiB.
    expect(text.length).toBeLessThan(EVENT_MAX_BYTES - 4 * 1024);
    const twice = [...yard, ...yard];
    expect(WatchedFences.safeParse(fences).success).toBe(true);
    expect(WatchedFences.safeParse([...fences, ...yard]).success).toBe(false);
    expect(WatchedFences.safeParse(twice).success).toBe(false);
  });

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(parkDecider, anyCommand);
    expect(seen.events).toEqual(parkEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual(['ParkAlreadyOpened', 'ParkClosed', 'ParkUnknown']);
  });
});
