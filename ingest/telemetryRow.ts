import { z } from 'zod';
import { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { Flag, Reading } from './formats/reading.ts';
import { Judgement } from './judge.ts';

/**
 * What was remarked about a reading, by its format or in the light of others. `text_withheld`: it came with
 * something that a person wrote, which is not kept.
 */
export const RowFlag = z.union([Flag, Judgement, z.literal('text_withheld')]);
export type RowFlag = z.infer<typeof RowFlag>;

/**
 * A reading as it is stored. `vehicle`: which the device was in at the reading's time. `received_at_us`:
 * microseconds since 1970, by our clock. `source`: `<listener>/<format>`. A reading is told from others by
 * `ident`, `device_time_us` and `fingerprint`.
 */
export const TelemetryRow = Reading.omit({ flags: true }).extend({
  flags: z.array(RowFlag),
  tenant: Tenant,
  vehicle: VehicleId,
  received_at_us: z.int().min(0),
  source: z.string().min(1),
  fingerprint: z.bigint(),
});
export type TelemetryRow = z.infer<typeof TelemetryRow>;
