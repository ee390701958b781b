import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { type Known, nothingKnown } from './judge.ts';
import type { Kept } from './sampling.ts';

/** What is remembered of a device from its readings: for judging and for sampling. */
export interface Remembered {
  readonly known: Known;
  readonly last: Kept | null;
}

const STRANGER: Remembered = { known: nothingKnown, last: null };

/** Changes to the memory that hold for one group of arrivals until it is durable. */
export interface MemoryDraft {
  readonly recall: (ident: DeviceIdent) => Remembered;
  readonly note: (ident: DeviceIdent, remembered: Remembered) => void;
  /** Makes the changes hold for all: what they rest on is durable. */
  readonly settle: () => void;
}

/**
 * The memory of the devices heard last. Whoever was forgotten is a stranger again: the first reading of a
 * stranger is kept and compared with nothing.
 */
export const deviceMemory = ({ devices_max }: { readonly devices_max: number }) => {
  const devices = new Map<DeviceIdent, Remembered>();

  const put = (ident: DeviceIdent, remembered: Remembered): void => {
    devices.delete(ident);
    devices.set(ident, remembered);
    if (devices.size <= devices_max) return;
    const [oldest] = devices.keys();
    if (oldest !== undefined) devices.delete(oldest);
  };

  return {
    draft: (): MemoryDraft => {
      const noted = new Map<DeviceIdent, Remembered>();
      return {
        recall: (ident) => noted.get(ident) ?? devices.get(ident) ?? STRANGER,
        note: (ident, remembered) => noted.set(ident, remembered),
        settle: () => {
          for (const [ident, remembered] of noted) put(ident, remembered);
        },
      };
    },
  };
};
