import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { reactorMarks } from '#adapters/reactorMarks.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { wialonRelay } from '#adapters/wialonRelay.ts';
import { vehicleOf } from '#commands/aggregate.ts';
import {
  approveBlock,
  cancelBlock,
  requestBlock,
  requestRelease,
} from '#commands/immobilization/requests.ts';
import { runReactor } from '#commands/reactors/reactor.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { BlockReason } from '#domain/immobilization/words.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { readConfig } from '#main/config.ts';
import { openImmobilizer } from '#main/openImmobilizer.ts';
import { type OpenLedger, openLedger } from '#main/openLedger.ts';
import { requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { type AskedJob, tellOf } from './immobilizeClocks.ts';
import { type BenchVehicle, benchFleet, mixedConduct } from './immobilizeFleet.ts';
import { paced } from './immobilizePace.ts';
import { bareRelay } from './immobilizePeer.ts';
import { benchReadings } from './immobilizeReadings.ts';
import { compared, figuresOf, loads, report, say, spread } from './immobilizeReport.ts';
import { simulatorProcess } from './immobilizeUnits.ts';
import type { Figure } from './measure.ts';
import type { Rig } from './rig.ts';

const JOBS = 1_000;
const BURST_S = 6;
/** By then each has been shown, or is called unconfirmed. */
const SETTLED_S = 20;
/** A device that was away has to be heard for so long again. */
const HELD_S = 75;
/** So that those of six seconds are in flight together. */
const DEVICE = { acts_ms: 8_000, jitter_ms: 2_000 } as const;
const method = 'vialon_relay';

const unitOf = ({ unit, conduct }: Pick<BenchVehicle, 'unit' | 'conduct'>) =>
  ({
    ...{ id: unit, name: `unit ${unit}`, ...DEVICE },
    connection: conduct === 'lost' || conduct === 'silent' ? 'offline' : 'online',
    speed_kmh: conduct === 'moving' ? 45 : 0,
    ignition: conduct === 'moving',
  }) as const;

const block =
  (ledger: Workspace, reason: BlockReason) =>
  async (of: BenchVehicle): Promise<AskedJob> => {
    const asked = { vehicle: of.vehicle, method, reason, legalBasis: null, waits: true } as const;
    return { of, id: rightOf(await requestBlock(ledger)(requestOf(reason), asked)).id };
  };

const release =
  (ledger: Workspace) =>
  async (of: BenchVehicle): Promise<AskedJob> => {
    const asked = { vehicle: of.vehicle, method, reason: 'resolved' } as const;
    return { of, id: rightOf(await requestRelease(ledger)(requestOf('release'), asked)).id };
  };

/** Another person agrees to a block. */
const approve =
  (ledger: Workspace) =>
  async ({ of, id: job }: AskedJob): Promise<void> => {
    const { vehicle } = of;
    const loaded = rightOf(await ledger.load(vehicleOf(acme, vehicle)));
    const asked = loaded.state.vehicle?.immobilization.jobs.get(job);
    if (asked?.kind !== 'block') throw new Error('a block is gone');
    const { origin, mayActIn } = requestOf('approve');
    const actor = { ...origin.actor, id: ActorId.parse(uuid8(4)) };
    const request = { origin: { ...origin, actor }, mayActIn };
    rightOf(await approveBlock(ledger)(request, { vehicle, job, basis: asked.basis }));
  };

interface Scene {
  readonly open: OpenLedger;
  readonly simulator: Awaited<ReturnType<typeof simulatorProcess>>;
  readonly fleet: readonly BenchVehicle[];
  readonly waiting: readonly BenchVehicle[];
  readonly readings: Awaited<ReturnType<typeof benchReadings>>;
}

const scenarios = async (scene: Scene): Promise<readonly Figure[]> => {
  const { open, simulator, fleet, waiting, readings } = scene;
  const { ledger } = open;
  const alone = fleet.map(({ unit }) => unit + 2 * JOBS);
  const bare = await bareRelay(simulator, alone, BURST_S);
  say(`relay alone: load average ${loads()}`);
  for (const [clock, values] of Object.entries(bare))
    say(`  ${clock}: ${values.length}, ${spread(values)} ms`);

  readings.lose(true);
  const theft = await paced(fleet, BURST_S, block(ledger, 'theft'));
  await sleep(SETTLED_S * 1_000);
  const forTheft = await tellOf(ledger, theft, ['parked']);
  report('blocks for theft', forTheft);

  readings.lose(false);
  const held = await paced(waiting, BURST_S, block(ledger, 'theft'));
  const released = await paced(fleet, BURST_S, release(ledger));
  await sleep(SETTLED_S * 1_000);
  const releases = await tellOf(ledger, released, ['parked', 'moving']);
  report(`releases while ${held.length} blocks wait`, releases);
  for (const { of, id: job } of held) {
    rightOf(
      await cancelBlock(ledger)(requestOf('cancel'), {
        vehicle: of.vehicle,
        job,
        reason: 'mistake',
      }),
    );
  }

  await sleep(HELD_S * 1_000);
  const owed = await paced(fleet, BURST_S, block(ledger, 'arrears'));
  readings.lose(true);
  await paced(owed, BURST_S, approve(ledger));
  await sleep(SETTLED_S * 1_000);
  const forMoney = await tellOf(ledger, owed, ['parked']);
  report('blocks for money, approved', forMoney);
  return [
    ...figuresOf('theft', forTheft, bare),
    ...figuresOf('money', forMoney, bare),
    ...figuresOf('release', releases, null),
    ...(await compared(open, simulator, { fleet, blocks: 2 })),
  ];
};

/**
 * A thousand blocks in flight at once, by the product's own store, telemetry, reactor, queue and relay,
 * against the Wialon simulator in a process of its own; and as many releases while as many other blocks wait.
 */
export const immobilizeBench = async ({ ledgerDatabase }: Rig): Promise<readonly Figure[]> => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-bench-'));
  const url = await ledgerDatabase();
  const config = readConfig({
    DATABASE_URL: url,
    DATA_DIR: directory,
    DEMO: 'off',
    LOG_LEVEL: 'error',
  });
  const logger = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const simulator = await simulatorProcess();
  const open = await openLedger(config, { keepAdopted: false });
  const store = telemetryStore({ url });
  const wanted = Array.from({ length: JOBS }, (_, index) => index + 1);
  const mixed = wanted.map((unit) => ({ unit, conduct: mixedConduct(unit) }));
  const moving = wanted.map((unit) => ({ unit: unit + JOBS, conduct: 'moving' as const }));
  const idle = wanted.map((unit) => ({ unit: unit + 2 * JOBS, conduct: 'parked' as const }));
  await simulator.add([...mixed, ...moving, ...idle].map(unitOf));
  const fleet = await benchFleet(open, [...mixed, ...moving]);
  say('the fleet is there');
  const readings = await benchReadings(store, fleet);
  say('its readings are there');
  const relay = wialonRelay(simulator);
  const immobilizer = openImmobilizer(open, { store, relayOf: () => relay }, logger);
  const stopping = new AbortController();
  const marks = reactorMarks(open.sql);
  const observeFailure = (failure: object) => logger.error(failure, 'reaction');
  const reacting = runReactor({ store: open.store, marks, observeFailure })(
    immobilizer.reactor,
    stopping.signal,
  );
  try {
    const parts = { fleet: fleet.slice(0, JOBS), waiting: fleet.slice(JOBS) };
    return await scenarios({ open, simulator, readings, ...parts });
  } finally {
    await readings.stop();
    stopping.abort();
    await reacting;
    await immobilizer.stop();
    await relay.close();
    await simulator.end();
    await store.close();
    await open.close();
    await rm(directory, { recursive: true, force: true });
  }
};
