import type { Relay, RelayTrace } from '#commands/relay.ts';
import { traceOf } from './askRelay.ts';
import type { DrivingParts } from './parts.ts';

const POLL_MS = 250;

interface Waiting {
  readonly question: Parameters<Relay['trace']>[0];
  /** What the relay said before; null: it could not tell. */
  readonly before: RelayTrace | null;
  readonly for_ms: number;
}

/**
 * Waits until the relay tells something else of an order, so long at most. It has what it tells in memory,
 * whereas log and telemetry have to be read: that is done when there is news, or from time to time.
 */
export const waitForNews = async (
  { sleep, monotonic_ms }: Pick<DrivingParts, 'sleep' | 'monotonic_ms'>,
  relay: Relay | null,
  { question, before, for_ms }: Waiting,
): Promise<void> => {
  const until_ms = monotonic_ms() + for_ms;
  const told = JSON.stringify(before);
  while (monotonic_ms() < until_ms) {
    await sleep(POLL_MS);
    const trace = await traceOf(relay, question);
    if (trace === null || JSON.stringify(trace) !== told) return;
  }
};
