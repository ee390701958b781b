const PROBES = 4;
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Remembers which keys were added, and may take one that was not for one that was; never the reverse. */
export interface KeyFilter {
  readonly add: (key: string) => void;
  readonly mayHold: (key: string) => boolean;
}

/**
 * A Bloom filter of `bytes`, a power of two: 16 MiB take one key in a hundred for another once they hold
 * twelve million. Two hashes make all probes (Kirsch and Mitzenmacher, "Less Hashing, Same Performance",
 * 2006): FNV-1a, and the polynomial one of factor 31, both of 32 bits.
 */
export const keyFilter = (bytes: number): KeyFilter => {
  const bits = new Uint8Array(bytes);
  const count = bytes * 8;
  let first = 0;
  let step = 0;
  const aim = (key: string): void => {
    first = FNV_BASIS;
    step = 0;
    for (let index = 0; index < key.length; index += 1) {
      const unit = key.charCodeAt(index);
      first = Math.imul(first ^ unit, FNV_PRIME);
      step = Math.imul(step, 31) + unit;
    }
    first >>>= 0;
    step = (step | 1) >>> 0;
  };
  const place = (probe: number): number => (first + probe * step) % count;
  return {
    add: (key) => {
      aim(key);
      for (let probe = 0; probe < PROBES; probe += 1) {
        const at = place(probe);
        bits[at >>> 3] = (bits[at >>> 3] ?? 0) | (1 << (at & 7));
      }
    },
    mayHold: (key) => {
      aim(key);
      for (let probe = 0; probe < PROBES; probe += 1) {
        const at = place(probe);
        if (((bits[at >>> 3] ?? 0) & (1 << (at & 7))) === 0) return false;
      }
      return true;
    },
  };
};
