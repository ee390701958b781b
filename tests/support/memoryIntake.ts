import { setTimeout as sleep } from 'node:timers/promises';
import { left, right } from 'fp-ts/lib/Either.js';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import type { Arrival, Intake, NotTaken } from '#ingest/ports.ts';

/** How an intake behaves: it takes, it is away or full, it has a bug, or it keeps all and never answers. */
type Manner = 'takes' | NotTaken['code'] | 'throws' | 'dies';

interface IntakeState {
  manner: Manner;
  slow_ms: number;
  asked: number;
  waiting: number;
}

/** An intake in memory with bad days. Everything in `durable` has survived; `asked` counts all tries. */
export const memoryIntake = () => {
  const durable: Arrival[] = [];
  const keys = new Set<string>();
  const state: IntakeState = { manner: 'takes', slow_ms: 0, asked: 0, waiting: 0 };
  const keyOf = ({ flags: _, ...reading }: Reading): string => JSON.stringify(reading);
  const intake: Intake = {
    take: (arrival) => async () => {
      state.asked += 1;
      if (state.slow_ms > 0) {
        state.waiting += 1;
        await sleep(state.slow_ms);
        state.waiting -= 1;
      }
      if (state.manner === 'throws') throw new Error('the intake is broken');
      if (state.manner === 'Unavailable' || state.manner === 'Overloaded') {
        return left({ code: state.manner, detail: 'test' });
      }
      durable.push(arrival);
      const fresh = arrival.readings.filter((reading) => !keys.has(keyOf(reading)));
      for (const reading of fresh) keys.add(keyOf(reading));
      if (state.manner === 'dies') await new Promise(() => {});
      return right({
        stored: fresh.length,
        repeated: arrival.readings.length - fresh.length,
        sampled: 0,
        quarantined: arrival.rejects.length,
      });
    },
  };
  return {
    intake,
    state,
    durable,
    /** How many different readings there are. */
    readings: (): number => keys.size,
    idents: (): readonly (DeviceIdent | null)[] => durable.map(({ ident }) => ident),
  };
};
