import { z } from 'zod';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { Observed } from './observed.ts';

/** As much of a reading as a conclusion that it opens has to know of it. */
export const Mark = z.strictObject({
  ident: DeviceIdent,
  time_us: z.int(),
  buffered: z.boolean(),
});
export type Mark = z.infer<typeof Mark>;

export const markOf = ({ ident, device_time_us: time_us, buffered }: Observed): Mark => ({
  ident,
  time_us,
  buffered,
});
