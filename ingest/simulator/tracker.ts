import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { begin } from '#ingest/formats/draft.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { rounded3 } from '#ingest/formats/values.ts';
import { TANK_L, type VehicleNature, type VehicleState, whereabouts } from './vehicle.ts';

const US_PER_S = 1_000_000;
const IDLE_RPM = 820;
const GEAR_KMH = 28;
const RPM_PER_KMH = 62;
const ENGINE_ON_V = 14.1;
const ENGINE_OFF_V = 12.4;
/** How often a tracker says that the vehicle still stands. */
export const PARKED_EVERY_S = 60;

/** What a tracker in the vehicle tells at this second, with its own count and its outputs. */
export const readingOf = (
  nature: VehicleNature,
  state: VehicleState,
  {
    ident,
    seq,
    dout,
  }: { readonly ident: DeviceIdent; readonly seq: number; readonly dout: number },
): Reading => {
  const ignition = state.trip !== null;
  const { lat, lon, course_deg, limit_kmh } = whereabouts(nature, state);
  const rpm = IDLE_RPM + (state.speed_kmh % GEAR_KMH) * RPM_PER_KMH;
  return {
    ...begin(ident, state.at_s * US_PER_S).reading,
    seq,
    lat,
    lon,
    valid: true,
    speed_kmh: rounded3(state.speed_kmh),
    limit_kmh,
    course_deg,
    satellites: 8 + (state.at_s % 6),
    hdop: 0.8,
    ignition,
    dout,
    odometer_m: Math.round(state.odometer_m),
    engine_rpm: ignition ? Math.round(rpm) : 0,
    fuel_level_pct: rounded3((state.fuel_l / TANK_L) * 100),
    external_v: ignition ? ENGINE_ON_V : ENGINE_OFF_V,
  };
};
