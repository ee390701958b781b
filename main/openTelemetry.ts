import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Logger } from 'pino';
import { boundDevices } from '#adapters/boundDevices.ts';
import { bindingsOfDevice } from '#adapters/deviceBindings.ts';
import { telemetryQuarantine } from '#adapters/telemetryQuarantine.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { unboundEntries } from '#adapters/unboundEntries.ts';
import type { KeptTelemetry } from '#api/ports.ts';
import type { Unavailable } from '#commands/ports.ts';
import { cachedBindings } from '#ingest/cachedBindings.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { liveStates } from '#ingest/liveStates.ts';
import type { Intake, NotTaken } from '#ingest/ports.ts';
import { replayAll, replayEntry } from '#ingest/replay.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import { sweepBindings } from '#ingest/sweepBindings.ts';
import { sweepUnbound } from '#ingest/sweepUnbound.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import type { OpenLedger } from './openLedger.ts';
import { repeatedly } from './repeatedly.ts';

const ROLL_UP_PAUSE_MS = 60_000;
const SWEEP_PAUSE_MS = 2_000;
const REBIND_PAUSE_MS = 5_000;
const TIDY_PAUSE_MS = 3_600_000;

/** Where telemetry goes, and the work that keeps it in order. */
export interface OpenTelemetry {
  readonly intake: Intake;
  readonly kept: Omit<KeptTelemetry, 'evidence'>;
  readonly recentRows: TelemetryStore['recentRows'];
  /** To be called when no listener hands anything over any more. */
  readonly stop: () => Promise<void>;
}

/** Opens the store of telemetry beside the ledger, and begins rolling up and tidying. */
export const openTelemetry = ({ url, sql, config }: OpenLedger, logger: Logger): OpenTelemetry => {
  const store = telemetryStore({ url, retention: config.telemetryRetention });
  const bindingsOf = bindingsOfDevice(sql);
  const bindings = cachedBindings({ bindingsOf });
  const writer = telemetryWriter({
    store,
    bindings,
    sampling_interval_ms: config.samplingInterval_ms,
    refused: (error) => logger.error({ work: 'telemetry', err: error }, 'background'),
  });
  const quarantine = telemetryQuarantine({ url });
  const replaying = { quarantine, writer, read: readTelemetry };
  const live = liveStates({
    store,
    failed: (error) => logger.error({ work: 'live telemetry', err: error }, 'background'),
  });
  const stopping = new AbortController();
  const sweep = sweepUnbound(
    {
      entries: unboundEntries(sql),
      bindings,
      replay: replayEntry(replaying),
      failed: (error) => logger.error({ work: 'unbound telemetry', err: error }, 'background'),
    },
    stopping.signal,
  );
  const rebind = sweepBindings(
    { devices: boundDevices({ sql }), bindingsOf, remembered: bindings, store },
    stopping.signal,
  );
  const again = repeatedly(stopping.signal);
  const regularly = (
    work: string,
    {
      task,
      pause_ms,
    }: { readonly task: TaskEither<Unavailable | NotTaken, unknown>; readonly pause_ms: number },
  ): Promise<void> =>
    again(
      async () => {
        const done = await task();
        if (isLeft(done)) logger.warn({ work, ...done.left }, 'background');
      },
      pause_ms,
      (error) => logger.error({ work, err: error }, 'background'),
    );
  const work = [
    regularly('telemetry roll-up', { task: store.rollUp(), pause_ms: ROLL_UP_PAUSE_MS }),
    regularly('unbound telemetry', { task: sweep, pause_ms: SWEEP_PAUSE_MS }),
    regularly('telemetry binding', { task: rebind, pause_ms: REBIND_PAUSE_MS }),
    regularly('telemetry tidy', { task: store.tidy(), pause_ms: TIDY_PAUSE_MS }),
  ];
  return {
    intake: writer,
    recentRows: store.recentRows,
    kept: {
      store,
      live,
      quarantine,
      replayEntry: replayEntry(replaying),
      replayAll: replayAll(replaying),
    },
    stop: async (): Promise<void> => {
      await writer.drained();
      stopping.abort();
      await Promise.allSettled(work);
      await Promise.all([store.close(), quarantine.close()]);
    },
  };
};
