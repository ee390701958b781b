import { right } from 'fp-ts/lib/Either.js';
import { onTestFinished } from 'vitest';
import { memoryFenceShapes } from '#adapters/memoryFenceShapes.ts';
import { watches } from '#adapters/watches.ts';
import { ignoreLateData } from '#commands/conditions.ts';
import { fitDevice } from '#commands/devices.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { detectionReactor } from '#ingest/detection/detectionReactor.ts';
import { lookAtWatch } from '#ingest/detection/lookAtWatch.ts';
import { publish } from '#ingest/detection/publish.ts';
import { detectionRound } from '#ingest/detection/runDetection.ts';
import { detectorRequest } from '#ingest/detection/telling.ts';
import { vehicleTimeline } from '#ingest/detection/vehicleTimeline.ts';
import { instantAt } from '#ingest/microInstant.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import {
  allEvents,
  requestOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import {
  DAY_US,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomDevice,
  randomIdent,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';

const LOOKS_MAX = 20;
const METRES_PER_DEGREE = 111_195;

/** A vehicle with a device, on a ledger in memory, and telemetry and detection's memory in Postgres. */
export const ledgerScene = async () => {
  const harness = await telemetryHarness();
  const { ledger, store } = testLedger();
  const fleet = await smallFleet(ledger);
  const { vehicle, park } = fleet;
  let now_us = NOON_US + HOUR_US;
  const telemetry = harness.open({ now_us: () => now_us });
  const memory = watches({ url: harness.url });
  const shapes = memoryFenceShapes();
  onTestFinished(async () => {
    await memory.close();
    await telemetry.close();
    await harness.close();
  });
  const fitIn = async (ident: DeviceIdent): Promise<void> => {
    const asked = { vehicle, ident, at: springMorning, removed: null };
    rightOf(await fitDevice(ledger)(requestOf(asked), asked));
  };
  const ident = randomIdent();
  await fitIn(ident);
  const told: string[] = [];
  let forgetful = false;
  const forgetting: typeof memory = {
    ...memory,
    published: (asked, publication) =>
      forgetful ? async () => right(null) : memory.published(asked, publication),
  };
  const round = detectionRound({
    watches: memory,
    look: lookAtWatch({
      watches: memory,
      timelineOf: vehicleTimeline({ workspace: ledger, shapes }),
      ignore: async ({ key, from_us, to_us, readings }) => {
        const from = instantAt(from_us);
        const said = {
          vehicle: key.vehicle,
          ident: key.ident,
          from,
          to: instantAt(to_us),
          readings,
        };
        rightOf(await ignoreLateData(ledger)(detectorRequest(acme, vehicle, 'late'), said));
        return right(null);
      },
      raw_retention_us: 7 * DAY_US,
      now_us: () => now_us,
    }),
    publish: publish({ watches: forgetting, workspace: ledger, now_us: () => now_us }),
    now_us: () => now_us,
    observe: {
      looked: () => {},
      published: ({ asked, publication }) => {
        const code = 'code' in publication ? ` ${publication.code}` : '';
        told.push(`${asked.conclusion.kind}: ${publication.outcome}${code}`);
      },
    },
  });
  const reactor = detectionReactor({
    workspace: ledger,
    watches: memory,
    vehiclesOf: async () => right([vehicle]),
  });

  /** Looks until nothing is due, a quarter of a minute between, and answers what became of what was told. */
  const lookAround = async (): Promise<readonly string[]> => {
    told.length = 0;
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      rightOf(await round());
      now_us += 16 * SECOND_US;
    }
    return [...told].sort();
  };

  const device = randomDevice();
  /** Readings every five seconds to the north, one for each speed in km/h, received a minute before now. */
  const drive = async (
    from_us: number,
    speeds: readonly number[],
    more: Partial<TelemetryRow> = {},
  ): Promise<void> => {
    let lat = 48;
    const rows = speeds.map((speed_kmh, index) => {
      lat += ((speed_kmh / 3.6) * 5) / METRES_PER_DEGREE;
      return device.row({
        ...{ tenant: acme, vehicle, ident, lat, lon: 11, speed_kmh, limit_kmh: 50 },
        device_time_us: from_us + index * 5 * SECOND_US,
        received_at_us: now_us - MINUTE_US,
        ...more,
      });
    });
    rightOf(await telemetry.append({ rows, quarantined: [] })());
  };

  /** The facts that detection told the ledger, in their order. */
  const facts = async () =>
    (await allEvents(store))
      .filter(({ actor }) => actor.role === 'detector')
      .map((event) => decodeFact(event));

  return {
    ...fleet,
    park,
    ident,
    ledger,
    store,
    shapes,
    memory,
    fitIn,
    drive,
    facts,
    lookAround,
    /** As if it crashed each time after the ledger was told. */
    forget: (does: boolean) => {
      forgetful = does;
    },
    /** Has the reactor see the last event of a type. */
    react: async (type: string): Promise<void> => {
      const page = rightOf(await store.readAll({ after: null, limit: 5_000 })());
      const record = page.findLast((each) => each.type === type);
      if (!record) throw new Error(`no ${type}`);
      const event = parseEvent(record.text);
      const stimulus = { event, fact: decodeFact(event), position: record.position };
      rightOf(await reactor.react(stimulus));
    },
    pass: (time_us: number) => {
      now_us += time_us;
    },
  };
};

/** What a test of telling the ledger works with. */
export type LedgerScene = Awaited<ReturnType<typeof ledgerScene>>;
