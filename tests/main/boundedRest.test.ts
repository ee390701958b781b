import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { boundedRest } from '#main/boundedRest.ts';
import { acme, ann, noon } from '#tests/support/samples.ts';

const asked = { tenant: acme, driver: ann, at: noon.at, known: null };

/** What is told to a rental, and how often something was logged. */
const told = async (find: Parameters<typeof boundedRest>[0]) => {
  let warnings = 0;
  const logger = {
    warn: () => {
      warnings += 1;
    },
  };
  return [await boundedRest(find, logger, 50)(asked), warnings];
};

describe('what a rental is told of rest', () => {
  it('is what is known', async () => {
    expect(await told(async ({ driver }) => (driver === ann ? 3_600 : 0))).toEqual([3_600, 0]);
    expect(await told(async () => null)).toEqual([null, 0]);
  });

  it('is nothing where that fails or takes too long', async () => {
    const fails = () => Promise.reject(new Error('away'));
    expect(await told(fails)).toEqual([null, 1]);
    const late = new AbortController();
    const slow = () => sleep(60_000, 3_600, { signal: late.signal });
    expect(await told(slow)).toEqual([null, 1]);
    late.abort();
  });
});
