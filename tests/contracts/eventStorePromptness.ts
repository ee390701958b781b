import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { EventStore } from '#commands/ports.ts';
import { anEvent, idsOf, randomStream, randomTenant, rightOf } from './eventStoreSamples.ts';

/** Half the shortest time after which an adapter looks again by itself. */
export const PROMPT_MS = 250;

const FOLLOWERS = 3;
const TURNS = 7;
const QUIET_MS = 120;

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

/**
 * How long an event that one store appends to a quiet log takes to the last of three subscribers of another:
 * the median.
 */
export const wakeUp_ms = async (writer: EventStore, reader: EventStore): Promise<number> => {
  const after = rightOf(await writer.head()());
  const ending = new AbortController();
  const seen_ms = new Map<string, number[]>();
  const follow = async () => {
    for await (const batch of reader.subscribe({ after, signal: ending.signal })) {
      for (const id of idsOf(batch.events)) {
        seen_ms.set(id, [...(seen_ms.get(id) ?? []), performance.now()]);
      }
    }
  };
  const following = Array.from({ length: FOLLOWERS }, follow);
  const waits_ms: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    await sleep(QUIET_MS);
    const stream = randomStream(randomTenant());
    const one = anEvent(stream);
    const begun_ms = performance.now();
    rightOf(await writer.append({ stream, expected: 'no_stream', events: [one] })());
    await expect.poll(() => seen_ms.get(one.id)?.length, { interval: 5 }).toBe(FOLLOWERS);
    waits_ms.push(Math.max(...(seen_ms.get(one.id) ?? [])) - begun_ms);
  }
  ending.abort();
  await Promise.all(following);
  return median(waits_ms);
};
