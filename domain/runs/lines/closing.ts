import { z } from 'zod';
import { Digest, VehicleId } from '#domain/kernel/ids.ts';

/** Another way to say what is closed is another version. */
export const CLOSING_VERSION = 1;

/**
 * A book whose month is to be closed, the park's where there is no vehicle: how many entries it holds, and
 * the digest of what they come to on each account.
 */
export const ClosingLine = z.strictObject({
  kind: z.literal('closing'),
  vehicle: VehicleId.nullable(),
  inputs: Digest,
  entries: z.int().min(0),
});
export type ClosingLine = z.infer<typeof ClosingLine>;
