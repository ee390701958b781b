import { createHash } from 'node:crypto';

/** A source of chance that gives the same draws for the same seed, on any machine. */
export interface Chance {
  /** A number from 0 (included) to 1 (excluded). */
  readonly next: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly whole: (min: number, max: number) => number;
  /** True in that share of draws. */
  readonly happens: (share: number) => boolean;
  /** One of the items. Throws where there are none. */
  readonly pick: <T>(items: readonly T[]) => T;
}

const DRAW_BYTES = 6;

/** Draws from the SHA-256 of seed and counter: slow, even, and the same everywhere. */
export const chance = (seed: string): Chance => {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let offset = 0;
  const next = (): number => {
    if (offset + DRAW_BYTES > block.length) {
      block = createHash('sha256').update(`${seed}:${blocks}`).digest();
      blocks += 1;
      offset = 0;
    }
    const draw = block.readUIntBE(offset, DRAW_BYTES);
    offset += DRAW_BYTES;
    return draw / 2 ** (8 * DRAW_BYTES);
  };
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    happens: (share) => next() < share,
    pick: (items) => {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new Error('there is nothing to pick from');
      return item;
    },
  };
};
