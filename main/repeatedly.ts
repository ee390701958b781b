import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does work again and again with a pause in between, until `signal` fires; what fails is told and tried
 * again.
 */
export const repeatedly =
  (signal: AbortSignal) =>
  async (
    work: () => Promise<void>,
    pause_ms: number,
    failed: (error: unknown) => void,
  ): Promise<void> => {
    while (!signal.aborted) {
      await work().catch((error: unknown) => {
        if (!signal.aborted) failed(error);
      });
      await sleep(pause_ms, undefined, { signal }).catch(() => {});
    }
  };
