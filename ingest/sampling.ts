import type { Json } from '#domain/kernel/canonical.ts';
import type { Reading } from './formats/reading.ts';

/** The last reading of a device that was kept, as far as the next one is compared with it. */
export interface Kept {
  readonly at_us: number;
  readonly ignition: boolean | null;
  readonly din: number | null;
  readonly dout: number | null;
  readonly dtcs: string | null;
  readonly driver_tag: string | null;
}

/** Names that trackers give to what happened at a moment: alarms, events, calls for help. */
const EVENT_KEY = /(?:^|[._])(?:alarm|event|sos|panic)(?:[._]|$)/i;

const NOTHING: ReadonlySet<Json> = new Set([null, false, 0, '', '0', 'false']);

const tellsEvent = ({ rest }: Reading): boolean => {
  for (const key in rest) {
    if (EVENT_KEY.test(key) && !NOTHING.has(rest[key] ?? null)) return true;
  }
  return false;
};

const merged = (before: Kept | null, reading: Reading): Kept => ({
  at_us: reading.device_time_us,
  ignition: reading.ignition ?? before?.ignition ?? null,
  din: reading.din ?? before?.din ?? null,
  dout: reading.dout ?? before?.dout ?? null,
  dtcs: reading.dtcs?.join() ?? before?.dtcs ?? null,
  driver_tag: reading.driver_tag ?? before?.driver_tag ?? null,
});

const isChange = (before: Kept, after: Kept): boolean =>
  after.ignition !== before.ignition ||
  after.din !== before.din ||
  after.dout !== before.dout ||
  after.dtcs !== before.dtcs ||
  after.driver_tag !== before.driver_tag;

/**
 * Whether a reading is kept, and what the next is then compared with. Left out is what follows the last that
 * was kept by less than the interval and says nothing new: no event, no change of ignition, inputs, outputs,
 * fault codes or driver. What is older than the last that was kept, or ahead of us, is always kept: it may
 * have come before, and the store knows.
 */
export const sample = (
  last: Kept | null,
  reading: Reading,
  interval_us: number,
): { readonly keep: boolean; readonly last: Kept | null } => {
  if (reading.flags.includes('clock_ahead')) return { keep: true, last };
  if (last && reading.device_time_us <= last.at_us) return { keep: true, last };
  const next = merged(last, reading);
  if (last && next.at_us - last.at_us < interval_us && !isChange(last, next)) {
    if (!tellsEvent(reading)) return { keep: false, last };
  }
  return { keep: true, last: next };
};
