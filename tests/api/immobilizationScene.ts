import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { type DemoBearer, secondFactor } from '#api/demoTokens.ts';
import { vehicleOf } from '#commands/aggregate.ts';
import { type DriversStep, takeStep } from '#commands/immobilization/steps.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import { JobId, VehicleId } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import { parkedAt, starter } from '#tests/support/immobilizer.ts';
import { rightOf, testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { aVehicle, call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

/** The specification's request, word for word. */
export const lockdown = { method: 'vialon_relay', reason: 'safety_lockdown' };

const HOLD_S = 130;
const REPORT_S = 10;

/** What a parked vehicle told of itself up to a moment. */
const standing = (now_ms: number): readonly Sighting[] =>
  Array.from({ length: HOLD_S / REPORT_S }, (_, n) =>
    parkedAt(instantOf(now_ms - n * REPORT_S * 1_000), { dout: 0 }),
  );

/** Blocking engines by requests, on some API and its ledger, whose clock is `now_ms`. */
export const blocking = async (
  api: TestApi,
  ledger: Pick<Workspace, 'load' | 'submit' | 'now'>,
  now_ms: () => number,
) => {
  /** Somebody by name, who showed a second factor just now and may block engines. */
  const as = (subject: string, who: Partial<DemoBearer> = {}) =>
    api.bearer({
      ...{ role: 'operator', permissions: ['immobilize'], subject },
      ...secondFactor(now_ms()),
      ...who,
    });
  const ask = async (
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => call(api, method, url, body, headers ?? (await as('ann')));
  const ids = await fleet(api);
  const of = (vehicle: string) => `/access/${vehicle}`;
  const install = (vehicle: string, change: Readonly<Record<string, string>> = {}) =>
    ask('PUT', `${of(vehicle)}/immobilizer`, { ...starter, unit: vehicle, ...change });
  /** Another vehicle that is ready to be rented, with nothing built in. */
  const another = async (): Promise<string> => {
    const { body } = await call(api, 'POST', '/transport_registry', aVehicle(ids.park));
    const ready = { occurred_at: START };
    await call(api, 'POST', `/transport_registry/${body.id}/commission`, ready);
    return body.id;
  };
  await install(ids.vehicle);

  const block = (
    body: unknown = lockdown,
    headers?: Readonly<Record<string, string>>,
    vehicle = ids.vehicle,
  ) => ask('POST', `${of(vehicle)}/immobilize`, body, headers);
  const jobUrl = (job: string, vehicle = ids.vehicle) => `${of(vehicle)}/immobilize/${job}`;
  const look = async (job: string, headers?: Readonly<Record<string, string>>) =>
    call(api, 'GET', jobUrl(job), undefined, headers ?? (await as('ann')));
  const release = (body: unknown = { reason: 'mistake' }, headers?: Record<string, string>) =>
    ask('POST', `${of(ids.vehicle)}/release`, body, headers);
  const onJob =
    (word: 'approve' | 'cancel' | 'review') =>
    (job: string, body: unknown, headers?: Readonly<Record<string, string>>) =>
      ask('POST', `${jobUrl(job)}/${word}`, body, headers);

  /** What whoever drives a job would do with it: the reactor does not run here. */
  const drive = async (job: string, ...steps: readonly DriversStep[]): Promise<void> => {
    const vehicle = VehicleId.parse(ids.vehicle);
    for (const step of steps) {
      const loaded = rightOf(await ledger.load(vehicleOf(acme, vehicle)));
      const known = loaded.state.vehicle;
      if (!known) throw new Error('no such vehicle');
      rightOf(await takeStep(ledger)({ tenant: acme, job: JobId.parse(job) }, known, step));
    }
  };
  const sent = (): DriversStep => ({
    type: 'StartDispatch',
    attempt: 1,
    sightings: standing(now_ms()),
    newBlocksAllowed: true,
  });
  return {
    ids,
    ...{ as, ask, of, install, another, block, look, release, jobUrl, drive },
    ...{ approve: onJob('approve'), cancel: onJob('cancel'), review: onJob('review') },
    /** The block is on its way, and nothing is known of it. */
    dispatch: (job: string) => drive(job, sent()),
    /** The block was sent, and the device's output shows it. */
    complete: (job: string) => drive(job, sent(), { type: 'NoteConfirmed', by: 'relay_output' }),
  };
};

/** Blocking engines by requests, on a log in memory and a clock that can be put forward. */
export const blockingScene = async () => {
  const log = memoryLog();
  let ahead_ms = 0;
  const now_ms = () => Date.now() + ahead_ms;
  const { ledger } = testLedger(memoryEventStore(log));
  const workspace = { ...ledger, now: () => instantOf(now_ms()) };
  const api = await testApi(log, { workspace });
  return {
    api,
    ...(await blocking(api, workspace, now_ms)),
    /** Lets so many seconds pass at once. */
    pass: (by_s: number): void => {
      ahead_ms += by_s * 1_000;
    },
    /** So many seconds from now, as an instant. */
    inSeconds: (by_s: number) => instantOf(now_ms() + by_s * 1_000),
    types: (): readonly string[] => log.records.map(({ type }) => type),
  };
};

export type BlockingScene = Awaited<ReturnType<typeof blockingScene>>;

/** A test with a scene of its own. */
export const withScene = (test: (scene: BlockingScene) => Promise<void>) => async () => {
  const scene = await blockingScene();
  try {
    await test(scene);
  } finally {
    await scene.api.app.close();
  }
};
