import type { Instant } from '#domain/kernel/instant.ts';
import { type Held, type HeldOf, type History, saying } from './held.ts';

/** Whether an engine is blocked, or may be, and the events that say so. */
export interface Blocked {
  readonly state: 'not_blocked' | 'blocked';
  readonly events: readonly Held[];
}

const isTelling = saying(
  'BlockDispatchStarted',
  'BlockAnswered',
  'BlockConfirmed',
  'BlockEnded',
  'ReleaseConfirmed',
  'ImmobilizerInstalled',
  'ImmobilizerRemoved',
);

type Telling = HeldOf<
  | 'BlockDispatchStarted'
  | 'BlockAnswered'
  | 'BlockConfirmed'
  | 'BlockEnded'
  | 'ReleaseConfirmed'
  | 'ImmobilizerInstalled'
  | 'ImmobilizerRemoved'
>;

/** Whether an event says that what was sent did not block. */
const isUndone = ({ fact }: Telling): boolean => {
  if (fact.type === 'BlockAnswered') {
    return fact.data.outcome === 'not_delivered' || fact.data.outcome === 'not_sent';
  }
  return fact.type === 'BlockEnded' && fact.data.status === 'failed';
};

/**
 * Whether an engine was blocked, or may have been, at a moment, by the stream of its vehicle: from when a
 * block was sent until it is known to have failed or the engine is shown to be free.
 */
export const blockedAt = (vehicle: History, at: Instant): Blocked => {
  let sent: readonly Held[] = [];
  let shown: readonly Held[] = [];
  const told = vehicle.filter(isTelling).filter(({ fact }) => fact.when.at <= at);
  for (const each of told) {
    if (isUndone(each)) sent = [];
    else if (each.fact.type === 'BlockDispatchStarted') sent = [each];
    else if (each.fact.type === 'BlockConfirmed') {
      shown = [...sent, each];
      sent = [];
    } else if (each.fact.type !== 'BlockAnswered' && each.fact.type !== 'BlockEnded') {
      sent = [];
      shown = [];
    }
  }
  const events = [...shown, ...sent];
  return events.length === 0 ? { state: 'not_blocked', events: [] } : { state: 'blocked', events };
};
