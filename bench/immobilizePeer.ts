import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { wialonRelay } from '#adapters/wialonRelay.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { ClockName } from './immobilizeClocks.ts';
import { paced } from './immobilizePace.ts';

const LOOK_MS = 250;
const PATIENCE_MS = 30_000;
const QUEUE_S = 3;

type RelayClock = Exclude<ClockName, 'decision'>;

/** The relay's adapter alone, with nothing written down: the same orders at the same pace; ms by clock. */
export const bareRelay = async (
  place: { readonly url: string; readonly token: string },
  units: readonly number[],
  seconds: number,
): Promise<Readonly<Record<RelayClock, readonly number[]>>> => {
  const relay = wialonRelay(place);
  const clocks: Record<RelayClock, number[]> = { accepted: [], executed: [], confirmed: [] };
  const order = async (unit: number): Promise<void> => {
    const to = { unit: String(unit), output: 1, blocksWhenOn: true };
    const begun_ms = Date.now();
    const since = instantOf(begun_ms);
    const sent = await relay.send({ to, action: 'block', queue_s: QUEUE_S })();
    if (isLeft(sent)) throw new Error(`the relay alone: ${sent.left.reason}`);
    clocks.accepted.push(Date.now() - begun_ms);
    let isExecuted = false;
    while (Date.now() < begun_ms + PATIENCE_MS) {
      const trace = await relay.trace({ to, action: 'block', since })();
      const told = isLeft(trace) ? null : trace.right;
      if (!isExecuted && told?.record.kind === 'executed') {
        isExecuted = true;
        clocks.executed.push(Date.now() - begun_ms);
      }
      if (told?.output?.blocked) {
        clocks.confirmed.push(Date.now() - begun_ms);
        return;
      }
      await sleep(LOOK_MS);
    }
  };
  try {
    await paced(units, seconds, order);
  } finally {
    await relay.close();
  }
  return clocks;
};
