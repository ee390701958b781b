import type { WatchPlace } from './watch.ts';
import type { WatchSettings } from './watchSettings.ts';

const US_PER_S = 1_000_000;
/** Readings of devices that are awake come within a minute; later ones are late. */
const GRACE_US = 60 * US_PER_S;

/**
 * Up to which device time a device that was last heard then is known to have told nothing, in microseconds
 * since 1970. It counts from the last reading's own time, so that a replay of old drives that stops for a
 * while is not taken for years of silence.
 */
export const silentTo_us = ({ time_us, received_us }: WatchPlace, now_us: number): number =>
  time_us + Math.max(0, now_us - received_us - GRACE_US);

/**
 * When silence can say more: every minute until the vehicle must be parked, then when one of the settings'
 * times has passed; null: never. `last_received_us` is when the last reading came.
 */
export const lookAgain_us = (
  { parking, speeding, idling, offline }: WatchSettings,
  { last_received_us, now_us }: { readonly last_received_us: number; readonly now_us: number },
): number | null => {
  const heard_us = last_received_us + GRACE_US;
  const parkedFor_us = (parking.parking_min_s + 60) * US_PER_S;
  if (now_us < heard_us + parkedFor_us) return Math.max(now_us, last_received_us) + GRACE_US;
  const later = [
    parking.silence_max_s,
    speeding.silence_max_s,
    idling.silence_max_s,
    offline.offline_after_s,
  ]
    .map((after_s) => heard_us + (after_s + 1) * US_PER_S)
    .filter((at_us) => at_us > now_us);
  return later.length === 0 ? null : Math.min(...later);
};
