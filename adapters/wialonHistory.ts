import type { Clock } from '#ingest/clock.ts';
import { slots } from './slots.ts';
import { Loaded, messageIn, type WialonMessage } from './wialonAnswers.ts';
import type { WialonSession } from './wialonSession.ts';

/** Messages of a unit that Wialon keeps. `reach_ms`: from when on, by Wialon's clock, they are all there. */
export interface UnitHistory {
  readonly messages: readonly WialonMessage[];
  readonly reach_ms: number;
}

const LOADED_MAX = 100;
const CALL_MAX_MS = 2_000;
const WAIT_MAX_MS = 10_000;
const WAITING_MAX = 500;
const TRIES_MAX = 4;
const AGAIN_MS = 500;
const MS_PER_S = 1_000;
const NO_MESSAGES = 1001;
const TOO_MUCH = new Set([10, 1003]);
/** Which messages: by the byte of their flags that tells the type. */
const TYPES = { data: 0, commands: 0x200, mask: 0xff00 } as const;
/** A day ahead, so that the last is the last whatever clocks say. */
const AHEAD_S = 86_400;

/**
 * Loads the last messages of a unit, one unit after another: Wialon does only one of these at a time in a
 * session. Null: it could not be told.
 */
export const wialonHistory = (session: WialonSession, clock: Clock) => {
  const turn = slots(clock, { running_max: 1, waiting_max: WAITING_MAX });
  const pause = (): Promise<void> => new Promise((resolve) => clock.after(AGAIN_MS, resolve));

  const loadType = async (unit: number, type: number): Promise<UnitHistory | null> => {
    const lastTime = Math.floor(clock.now_ms() / MS_PER_S) + AHEAD_S;
    const asked = { itemId: unit, lastTime, lastCount: LOADED_MAX, loadCount: LOADED_MAX };
    const params = { ...asked, flags: type, flagsMask: TYPES.mask };
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (tries > 0) await pause();
      const notAfter_ms = clock.now_ms() + CALL_MAX_MS;
      const outcome = await session.call('messages/load_last', params, notAfter_ms);
      if (outcome.kind === 'error' && TOO_MUCH.has(outcome.code)) continue;
      if (outcome.kind === 'error' && outcome.code === NO_MESSAGES) {
        return { messages: [], reach_ms: 0 };
      }
      const told = Loaded.safeParse(outcome.kind === 'done' ? outcome.body : null);
      if (!told.success) return null;
      const messages = told.data.messages.map(messageIn).filter((message) => message !== null);
      const isWhole = told.data.messages.length < LOADED_MAX;
      const oldest_s = Math.min(...messages.map(({ at_s }) => at_s));
      return { messages, reach_ms: isWhole ? 0 : (oldest_s + 1) * MS_PER_S };
    }
    return null;
  };

  return async (unit: number): Promise<UnitHistory | null> => {
    const giveBack = await turn.take(WAIT_MAX_MS);
    if (giveBack === null) return null;
    try {
      const commands = await loadType(unit, TYPES.commands);
      const data = commands && (await loadType(unit, TYPES.data));
      if (!data) return null;
      return {
        messages: [...commands.messages, ...data.messages],
        reach_ms: Math.max(commands.reach_ms, data.reach_ms),
      };
    } finally {
      giveBack();
    }
  };
};
