import { z } from 'zod';
import { Fence } from '#domain/parks/fence.ts';
import type { Place } from '#ingest/drives/distance.ts';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, type Step, silenceSaysNothing, US_PER_S } from './detector.ts';
import { placeIn } from './fence.ts';
import { Mark, markOf } from './mark.ts';
import type { Observed } from './observed.ts';
import { sampleOf } from './sample.ts';

const FENCES_MAX = 200;

/**
 * The fences to watch; how far outside its border a vehicle must be to have left a fence, so that a
 * receiver's noise at the border does not count; and how long it must stay inside, or outside, for that to be
 * so.
 */
export const GeofenceSettings = z.strictObject({
  fences: z
    .array(Fence)
    .max(FENCES_MAX)
    .refine((fences) => new Set(fences.map(({ fence }) => fence)).size === fences.length),
  leaves_beyond_m: z.number().min(0).max(10_000).default(25),
  dwell_s: z.int().min(0).max(3_600).default(30),
});
export type GeofenceSettings = z.infer<typeof GeofenceSettings>;

/**
 * One fence: the reading that may have entered or did enter it (null: outside), whether that is certain, and
 * the time of the reading that may have left it.
 */
const Visit = z.strictObject({
  entered: Mark,
  certain: z.boolean(),
  leaving_us: z.int().nullable(),
});
type Visit = z.infer<typeof Visit>;

const State = z.strictObject({ visits: z.record(z.string(), Visit) });
type State = z.infer<typeof State>;

const told = (fence: string, { entered }: Visit, to_us: number | null): Conclusion => ({
  kind: 'geofence',
  ...openedBy('geofence', entered, { to_us, matter: fence }),
  fence,
});

interface Seen {
  readonly visit: Visit | null;
  readonly conclusions: readonly Conclusion[];
}

const unchanged = (visit: Visit | null): Seen => ({ visit, conclusions: [] });

const inside = (visit: Visit | null, fence: Fence, mark: Mark, dwell_us: number): Seen => {
  const held = visit ?? { entered: mark, certain: false, leaving_us: null };
  const next = { ...held, leaving_us: null };
  if (held.certain || mark.time_us - held.entered.time_us < dwell_us) return unchanged(next);
  const certain = { ...next, certain: true };
  return { visit: certain, conclusions: [told(fence.fence, certain, null)] };
};

/** `beyond`: outside by more than the border's noise. */
const outside = (
  visit: Visit | null,
  fence: Fence,
  { time_us, beyond, dwell_us }: { time_us: number; beyond: boolean; dwell_us: number },
): Seen => {
  if (visit === null || !visit.certain) return unchanged(null);
  if (visit.leaving_us === null && !beyond) return unchanged(visit);
  const leaving_us = visit.leaving_us ?? time_us;
  if (time_us - leaving_us < dwell_us) return unchanged({ ...visit, leaving_us });
  return { visit: null, conclusions: [told(fence.fence, visit, leaving_us)] };
};

const seen = (
  settings: GeofenceSettings,
  { fence, visit, place }: { fence: Fence; visit: Visit | null; place: Place },
  mark: Mark,
): Seen => {
  const { within, border_m } = placeIn(fence, place);
  const dwell_us = settings.dwell_s * US_PER_S;
  if (within) return inside(visit, fence, mark, dwell_us);
  const beyond = border_m >= settings.leaves_beyond_m;
  return outside(visit, fence, { time_us: mark.time_us, beyond, dwell_us });
};

const step =
  (settings: GeofenceSettings) =>
  (state: State, reading: Observed): Step<State> => {
    const { lat, lon } = sampleOf(reading);
    if (lat === null || lon === null) return { state, conclusions: [] };
    const visits: Record<string, Visit> = {};
    const conclusions: Conclusion[] = [];
    for (const fence of settings.fences) {
      const known = Object.hasOwn(state.visits, fence.fence);
      const visit = (known && state.visits[fence.fence]) || null;
      const after = seen(settings, { fence, visit, place: { lat, lon } }, markOf(reading));
      if (after.visit) visits[fence.fence] = after.visit;
      conclusions.push(...after.conclusions);
    }
    return { state: { visits }, conclusions };
  };

/**
 * Stays within fences: from the first reading inside to the first that is outside for good. Told of once the
 * vehicle has stayed long enough, and again when it has left. Silence says nothing of where it is.
 */
export const geofences: Detector<State, GeofenceSettings> = {
  name: 'geofences',
  version: 1,
  state: State,
  settings: GeofenceSettings,
  initial: { visits: {} },
  step,
  passed: silenceSaysNothing,
};
