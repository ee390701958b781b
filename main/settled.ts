import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { reactorMarks } from '#adapters/reactorMarks.ts';
import type { OpenLedger } from './openLedger.ts';

const POLL_MS = 100;
const WAIT_MAX_MS = 600_000;
/** What acts on facts and writes further ones, of which the books are made. */
const REACTORS = [
  'standing',
  'attribution',
  'charging',
  'deductions',
  'settlements',
  'depreciations',
  'posting',
];

/**
 * Waits until every reactor has acted on all that is in the log, and on what came of that. Throws after ten
 * minutes.
 */
export const settledOn =
  ({ store, sql }: Pick<OpenLedger, 'store' | 'sql'>) =>
  async (): Promise<void> => {
    const marks = reactorMarks(sql);
    const end_ms = Date.now() + WAIT_MAX_MS;
    while (Date.now() < end_ms) {
      const head = await store.head()();
      const read = await Promise.all(REACTORS.map((name) => marks.read(name)()));
      const reached = read.map((mark) => (isLeft(mark) ? null : mark.right));
      const isThere = reached.every(
        (mark) => !isLeft(head) && (mark ?? -1n) >= (head.right ?? -1n),
      );
      if (isThere) return;
      await sleep(POLL_MS);
    }
    throw new Error('the reactors have not got to the end of the log');
  };
