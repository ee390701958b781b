import { z } from 'zod';
import { Period } from '#domain/finance/period.ts';
import { ParkId, RunId } from '#domain/kernel/ids.ts';

/** What the process does; `texts` is the peer, which reads the same texts and only parses them as JSON. */
export const PayoutStep = z.strictObject({
  url: z.string(),
  step: z.enum(['propose', 'post', 'texts']),
  park: ParkId,
  period: Period,
  assets: z.int(),
  /** The run to post. */
  run: RunId.nullable(),
});
export type PayoutStep = z.infer<typeof PayoutStep>;

/** How long it took, of the clock and of this process, what memory it held meanwhile, and the run. */
export const PayoutTook = z.strictObject({
  wall_s: z.number(),
  cpu_s: z.number(),
  rss_mib: z.array(z.number()),
  run: RunId.nullable(),
  texts: z.int(),
});
export type PayoutTook = z.infer<typeof PayoutTook>;
