import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KnownRest } from '#commands/access.ts';

/** A rental waits no longer for a figure that may only warn. */
const WAIT_MAX_MS = 2_000;

/**
 * What is known of somebody's rest, as long as it comes in time. Whatever goes wrong is logged, and then
 * nothing is known: nobody is kept from a vehicle for it.
 */
export const boundedRest =
  (find: KnownRest, logger: Pick<Logger, 'warn'>, wait_max_ms = WAIT_MAX_MS): KnownRest =>
  async (asked) => {
    const done = new AbortController();
    const tooLate = async (): Promise<never> => {
      await sleep(wait_max_ms, undefined, { signal: done.signal });
      throw new Error('rest was not known in time');
    };
    try {
      return await Promise.race([find(asked), tooLate()]);
    } catch (error) {
      logger.warn({ work: 'rest', err: error }, 'background');
      return null;
    } finally {
      done.abort();
    }
  };
