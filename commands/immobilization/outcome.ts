import type { RelayTrace } from '#commands/relay.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { DriversStep } from './steps.ts';

/** What a device's clock may be behind ours. */
const BEHIND_MAX_MS = 2_000;

/** From when on readings may prove an order that was sent at a moment. */
export const evidenceFrom = (since: Instant): Instant => instantOf(epochMs(since) - BEHIND_MAX_MS);

/** Whether the output of a reading says that the engine is blocked; null: it does not tell. */
const blockedBy = (
  { dout }: Sighting,
  { output, blocks_when_on }: Installation,
): boolean | null => {
  if (dout === null) return null;
  const isOn = Math.floor(dout / 2 ** (output - 1)) % 2 === 1;
  return isOn === blocks_when_on;
};

/** What our own telemetry says of the output since a moment; null: nothing. */
const telemetryShows = (
  sightings: readonly Sighting[],
  fitted: Installation,
  since: Instant,
): boolean | null => {
  const after = sightings.filter(
    ({ at, receivedAt, buffered }) => !buffered && receivedAt >= since && at >= evidenceFrom(since),
  );
  return after.map((each) => blockedBy(each, fitted)).findLast((shown) => shown !== null) ?? null;
};

interface Evidence {
  readonly trace: RelayTrace | null;
  readonly sightings: readonly Sighting[];
  readonly fitted: Installation;
  /** When the order was sent; evidence from before proves nothing. */
  readonly since: Instant;
  readonly wantsBlocked: boolean;
}

/** The step that proves an order done, if the device's output shows it; null: nothing shows it. */
export const confirmationIn = (evidence: Evidence): DriversStep | null => {
  const { trace, sightings, fitted, since, wantsBlocked } = evidence;
  const output = trace?.output ?? null;
  if (output !== null && output.at >= since && output.blocked === wantsBlocked) {
    return { type: 'NoteConfirmed', by: 'relay_output' };
  }
  return telemetryShows(sightings, fitted, since) === wantsBlocked
    ? { type: 'NoteConfirmed', by: 'telemetry_output' }
    : null;
};

/** The step that says that relay or device speak of having done it; null: neither does. */
export const executionIn = ({ record, answer }: RelayTrace): DriversStep | null => {
  if (record.kind === 'executed') return { type: 'NoteExecuted', by: 'relay' };
  return answer?.kind === 'done' ? { type: 'NoteExecuted', by: 'device' } : null;
};
