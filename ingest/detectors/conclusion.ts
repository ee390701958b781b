import { z } from 'zod';
import { deriveUuid } from '#commands/identity.ts';
import { ConclusionId, DeviceIdent } from '#domain/kernel/ids.ts';
import type { Mark } from './mark.ts';

/**
 * From when to when by the device's clock, in microseconds since 1970; `to_us` is null while it goes on.
 * `buffered`: the reading that opened it had been kept back, so that it must not raise a live alarm.
 */
const about = {
  id: ConclusionId,
  ident: DeviceIdent,
  from_us: z.int(),
  to_us: z.int().nullable(),
  buffered: z.boolean(),
};

export const Manoeuvre = z.enum(['braking', 'acceleration', 'cornering']);
export type Manoeuvre = z.infer<typeof Manoeuvre>;

/**
 * What follows from readings. A conclusion that goes on is told again, under its id, when more is known: the
 * last word counts. `over_limit_s` is null where no limit was known; `peak_mps2` is the strongest
 * acceleration in that direction, to a hundredth.
 */
export const Conclusion = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('trip'),
    ...about,
    distance_m: z.int(),
    max_speed_kmh: z.int(),
    over_limit_s: z.int().nullable(),
  }),
  z.strictObject({ kind: z.literal('parking'), ...about }),
  z.strictObject({
    kind: z.literal('speeding'),
    ...about,
    max_speed_kmh: z.int(),
    limit_kmh: z.int(),
  }),
  z.strictObject({ kind: z.literal('idling'), ...about }),
  z.strictObject({
    kind: z.literal('harsh_driving'),
    ...about,
    manoeuvre: Manoeuvre,
    peak_mps2: z.number(),
  }),
  z.strictObject({ kind: z.literal('geofence'), ...about, fence: z.string() }),
  z.strictObject({ kind: z.literal('unrented_movement'), ...about, distance_m: z.int() }),
  z.strictObject({ kind: z.literal('fault'), ...about, dtc: z.string() }),
  z.strictObject({ kind: z.literal('offline'), ...about }),
]);
export type Conclusion = z.infer<typeof Conclusion>;

/**
 * What a conclusion is about besides its kind, of which there may be several at once: a fence, a fault code,
 * a manoeuvre; empty where there is one at a time.
 */
export const matterOf = (conclusion: Conclusion): string => {
  switch (conclusion.kind) {
    case 'geofence':
      return conclusion.fence;
    case 'fault':
      return conclusion.dtc;
    case 'harsh_driving':
      return conclusion.manoeuvre;
    default:
      return '';
  }
};

/** A conclusion but for its id, in a spelling that two of the same content share. */
export const contentOf = (conclusion: Conclusion): string =>
  JSON.stringify(Object.entries({ ...conclusion, id: null }).toSorted());

/**
 * What every conclusion says, for one that was opened by the reading of a mark. No two conclusions of one
 * kind and matter are opened at one moment of a device's clock, so that its ident and that moment name it.
 */
export const openedBy = (
  kind: Conclusion['kind'],
  { ident, time_us, buffered }: Mark,
  { to_us, matter = '' }: { readonly to_us: number | null; readonly matter?: string },
) => {
  const id = ConclusionId.parse(deriveUuid('conclusion', kind, matter, ident, String(time_us)));
  return { id, ident, from_us: time_us, to_us, buffered };
};
