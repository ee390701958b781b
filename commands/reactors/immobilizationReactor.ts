import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { JobQueue } from '#commands/immobilization/ports.ts';
import type { Reactor } from './reactor.ts';

/** As many as one statement puts. */
const AT_ONCE_MAX = 500;

/**
 * Puts every job that somebody asks for, or agrees to, into the queue of those to be driven. A job that is
 * put twice is driven once.
 */
export const immobilizationReactor = (
  queue: Pick<JobQueue, 'put'>,
  nudge: () => void,
): Reactor => ({
  name: 'immobilization',
  atOnce_max: AT_ONCE_MAX,
  handles: ['BlockRequested', 'BlockApproved', 'ReleaseRequested'],
  react: async ({ event, fact }) => {
    if (
      fact.type !== 'BlockRequested' &&
      fact.type !== 'BlockApproved' &&
      fact.type !== 'ReleaseRequested'
    ) {
      return right(null);
    }
    const put = await queue.put({
      tenant: event.tenant,
      job: fact.data.job,
      urgent: fact.type === 'ReleaseRequested',
    })();
    if (!isLeft(put)) nudge();
    return put;
  },
});
