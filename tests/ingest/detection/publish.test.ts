import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { configureDetection } from '#commands/detection.ts';
import { recordRental } from '#commands/rentals.ts';
import { DetectionSettings } from '#domain/parks/detection.ts';
import { instantAt } from '#ingest/microInstant.ts';
import { requestOf, springMorning } from '#tests/support/ledger.ts';
import { acme, instant } from '#tests/support/samples.ts';
import {
  DAY_US,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomIdent,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';

import { type LedgerScene, ledgerScene } from './ledgerScene.ts';

const times = (count: number, speed: number): readonly number[] =>
  Array.from({ length: count }, () => speed);
/** Eight minutes at 40 km/h with 25 seconds above the limit, and then ten at rest. */
const trip = [...times(50, 40), ...times(6, 65), ...times(40, 40), ...times(120, 0)];

const rent = async ({ ledger, vehicle, ann }: LedgerScene, at_us: number) => {
  const at = instantAt(at_us);
  const asked = {
    vehicle,
    driver: ann,
    plan: null,
    rate: null,
    at,
    endedAt: instantAt(at_us + HOUR_US),
  };
  return rightOf(await recordRental(ledger)(requestOf(asked), asked));
};

describe('telling the ledger', () => {
  it('tells of a trip and a violation of the rental’s driver, once, with what they rest on', async () => {
    const scene = await ledgerScene();
    const rental = await rent(scene, NOON_US - MINUTE_US);
    await scene.drive(NOON_US, trip);
    expect(await scene.lookAround()).toEqual([
      'parking: kept_back goes_on',
      'speeding: told',
      'trip: told',
    ]);
    const [speeding, whole] = (await scene.facts()).toSorted((one, other) =>
      one.type < other.type ? -1 : 1,
    );
    expect(whole).toMatchObject({
      type: 'TripRecorded',
      when: { at: instantAt(NOON_US) },
      data: { driver: scene.ann, rental: rental.id, endedAt: instantAt(NOON_US + 480 * SECOND_US) },
    });
    expect(speeding).toMatchObject({
      type: 'IncidentRecorded',
      data: {
        kind: 'speeding',
        driver: scene.ann,
        max_speed_kmh: 65,
        limit_kmh: 50,
        duration_s: 30,
      },
    });
    if (whole?.type !== 'TripRecorded' || speeding?.type !== 'IncidentRecorded') throw new Error();
    expect(speeding.data.trip).toBe(whole.data.trip);
    const digest = whole.data.evidence;
    if (digest === null) throw new Error('no evidence');
    const clip = rightOf(await scene.memory.clip({ tenant: acme, digest })());
    const text = gunzipSync(clip?.bytes ?? Buffer.alloc(0));
    expect(createHash('sha256').update(text).digest('hex')).toBe(digest);
    // The trip's 97 readings, and half a minute more.
    expect(String(text).trim().split('\n')).toHaveLength(1 + 97 + 6);
    expect(await scene.lookAround()).toEqual([]);
  });

  it('amends what late readings change, and strikes out what turns out to be none', async () => {
    const scene = await ledgerScene();
    await rent(scene, NOON_US - MINUTE_US);
    await scene.drive(NOON_US, trip);
    await scene.drive(NOON_US + 30 * MINUTE_US, [...times(90, 45), ...times(100, 0)]);
    await scene.lookAround();
    const before = await scene.facts();
    expect(before.filter(({ type }) => type === 'TripRecorded')).toHaveLength(2);
    // The vehicle had not stood in between: what seemed two trips was one.
    await scene.drive(NOON_US + 480 * SECOND_US + SECOND_US, times(270, 30));
    await scene.lookAround();
    const after = (await scene.facts()).slice(before.length);
    const of = (type: string) => after.filter((fact) => fact.type === type);
    expect(of('TripVoided')).toHaveLength(1);
    expect(of('TripAmended')).toMatchObject([
      { data: { endedAt: instantAt(NOON_US + 1_800 * SECOND_US + 450 * SECOND_US) } },
    ]);
    expect(of('TripRecorded')).toHaveLength(0);
  });

  it('tells of movement without a rental while it goes on, and takes it back when one becomes known', async () => {
    const scene = await ledgerScene();
    await scene.drive(NOON_US, times(80, 40));
    expect(await scene.lookAround()).toContain('unrented_movement: told');
    expect(await scene.facts()).toMatchObject([
      { type: 'IncidentRecorded', data: { kind: 'unauthorised_use', driver: null, rental: null } },
    ]);
    await rent(scene, NOON_US - MINUTE_US);
    await scene.react('RentalRecorded');
    await scene.lookAround();
    expect((await scene.facts()).at(-1)).toMatchObject({
      type: 'IncidentVoided',
      data: { reason: 'measured_wrong' },
    });
  });

  it('judges by the settings that hold in the park at the time, also when they are told later', async () => {
    const scene = await ledgerScene();
    await rent(scene, NOON_US - MINUTE_US);
    await scene.drive(NOON_US, trip);
    await scene.lookAround();
    const settings = DetectionSettings.parse({ speeding_begins_over_kmh: 20 });
    const asked = {
      park: scene.park,
      settings,
      fences: [],
      at: instant('2026-03-01T00:00:00.000Z'),
    };
    rightOf(await configureDetection(scene.ledger, scene.shapes)(requestOf(asked), asked));
    await scene.react('DetectionConfigured');
    await scene.lookAround();
    const last = (await scene.facts()).at(-1);
    expect(last).toMatchObject({ type: 'IncidentVoided' });
  });

  it('notes a stay in a fence, or lays a forbidden one at the driver’s door', async () => {
    const scene = await ledgerScene();
    await rent(scene, NOON_US - MINUTE_US);
    const around = (fence: string, lat: number) =>
      ({ shape: 'circle', fence, centre: { lat, lon: 11 }, radius_m: 700 }) as const;
    const fences = [
      { fence: around('depot', 48), rule: 'noted' },
      { fence: around('lake', 48.03), rule: 'forbidden' },
    ] as const;
    const settings = DetectionSettings.parse({});
    const asked = { park: scene.park, settings, fences, at: springMorning };
    rightOf(await configureDetection(scene.ledger, scene.shapes)(requestOf(asked), asked));
    await scene.drive(NOON_US, trip);
    await scene.lookAround();
    const stays = (await scene.facts()).filter(
      (fact) => 'kind' in fact.data && fact.data.kind === 'geofence',
    );
    expect(stays).toMatchObject([
      { type: 'ConditionNoted', data: { matter: 'depot', driver: scene.ann } },
      { type: 'IncidentRecorded', data: { fence: 'lake', driver: scene.ann } },
    ]);
  });

  it('hears of movement from one device only where there are two, and of faults from each', async () => {
    const scene = await ledgerScene();
    await rent(scene, NOON_US - MINUTE_US);
    const second = randomIdent();
    await scene.fitIn(second);
    const speaker = [scene.ident, second].toSorted()[0];
    const other = speaker === second ? scene.ident : second;
    await scene.drive(NOON_US, trip, { ident: other, dtcs: ['P0301'] });
    expect(await scene.lookAround()).toEqual([
      'fault: told',
      'parking: kept_back goes_on',
      'speeding: kept_back another_device_speaks',
      'trip: kept_back another_device_speaks',
    ]);
    await scene.drive(NOON_US, trip, { ident: speaker ?? scene.ident });
    expect(await scene.lookAround()).toContain('trip: told');
  });

  it('says which readings came too late, as a fact', async () => {
    const scene = await ledgerScene();
    await scene.drive(NOON_US, trip);
    await scene.lookAround();
    scene.pass(8 * DAY_US);
    await scene.lookAround();
    const count = (await scene.facts()).length;
    await scene.drive(NOON_US + SECOND_US, times(3, 40));
    await scene.lookAround();
    expect((await scene.facts()).slice(count)).toMatchObject([
      { type: 'LateDataIgnored', data: { ident: scene.ident, readings: 3 } },
    ]);
  });

  it('tells the same once, although it forgets again and again that it told it', async () => {
    const scene = await ledgerScene();
    await rent(scene, NOON_US - MINUTE_US);
    await scene.drive(NOON_US, trip);
    scene.forget(true);
    const told = await scene.lookAround();
    expect(told.filter((each) => each === 'trip: told').length).toBeGreaterThan(5);
    const facts = await scene.facts();
    expect(facts.map(({ type }) => type).toSorted()).toEqual(['IncidentRecorded', 'TripRecorded']);
    scene.forget(false);
    await scene.lookAround();
    expect(await scene.facts()).toEqual(facts);
  });
});
