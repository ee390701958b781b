import { isLeft } from 'fp-ts/lib/Either.js';
import type { EventSource } from './ports.ts';

const REPORT_MS = 200;

/**
 * How far a rebuild has got. `head` is the end of the log when it began, null where that could not be told;
 * `left_ms` is what remains at the pace so far, null before there is one. Positions need not be dense for
 * that.
 */
export interface Progress {
  readonly events: number;
  readonly events_per_s: number;
  readonly position: bigint;
  readonly head: bigint | null;
  readonly left_ms: number | null;
}

/** Counts what a filling reads and reports at most five times a second. */
export const progressMeter = async (
  source: EventSource,
  from: bigint,
  report: (progress: Progress) => void = () => {},
) => {
  const answer = await source.head()();
  const head = isLeft(answer) ? null : answer.right;
  const begun_ms = performance.now();
  let reported_ms = 0;
  let events = 0;
  return {
    events: () => events,
    read: (more: number, position: bigint): void => {
      events += more;
      const now_ms = performance.now();
      if (now_ms - reported_ms < REPORT_MS) return;
      reported_ms = now_ms;
      const elapsed_ms = now_ms - begun_ms;
      const done = Number(position - from);
      const left = head === null ? null : Math.max(0, Number(head - position));
      report({
        events,
        events_per_s: Math.round((events * 1_000) / Math.max(1, elapsed_ms)),
        position,
        head,
        left_ms: left === null || done <= 0 ? null : Math.round((elapsed_ms * left) / done),
      });
    },
  };
};
