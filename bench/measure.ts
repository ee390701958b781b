/** One figure of a benchmark, beside its peer's in the same run. `ratio` is ours to the peer's. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peer_value: number | null;
  readonly ratio: number | null;
  readonly target: string;
  readonly met: boolean;
}

const ROUNDS = 5;

/** The target of a figure that has none. */
export const NO_TARGET = 'no target';

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('there is nothing to take the median of');
  return middle;
};

/** The value that `share` of all values do not exceed. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const index = Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1);
  return sorted[Math.max(index, 0)] ?? 0;
};

/** How many of something a second. */
export const perSecond = async (count: number, work: () => Promise<void>): Promise<number> => {
  const begun = performance.now();
  await work();
  return count / ((performance.now() - begun) / 1_000);
};

/**
 * Runs contestants in turn, round after round, so that a machine that slows down slows all of them; answers
 * the median of each. The first round warms up and is not counted.
 */
export const interleaved = async <Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<string, number>>> => {
  const seen = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, run] of Object.entries<() => Promise<number>>(contestants)) {
      const value = await run();
      if (round > 0) seen.set(name, [...(seen.get(name) ?? []), value]);
    }
  }
  return Object.fromEntries([...seen].map(([name, values]) => [name, median(values)]));
};

interface Compared {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly value: number;
  readonly peer: string;
  readonly peer_value: number;
  readonly atLeast: number;
}

/** A figure whose target is a share of the peer's. */
export const comparedFigure = ({ atLeast, ...measured }: Compared): Figure => {
  const ratio = measured.value / measured.peer_value;
  return { ...measured, ratio, target: `ratio ≥ ${atLeast}`, met: ratio >= atLeast };
};

interface Bounded {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  readonly value: number;
  readonly bound: number;
  readonly sense: 'at least' | 'at most';
  readonly peer?: { readonly name: string; readonly value: number };
}

/** A figure whose target is a number of its own. */
export const boundedFigure = ({ bound, sense, peer, ...measured }: Bounded): Figure => ({
  ...measured,
  peer: peer?.name ?? null,
  peer_value: peer?.value ?? null,
  ratio: peer ? measured.value / peer.value : null,
  target: `${sense === 'at least' ? '≥' : '≤'} ${bound} ${measured.unit}`,
  met: sense === 'at least' ? measured.value >= bound : measured.value <= bound,
});

/** A figure that nobody set a target for. */
export const seenFigure = ({ peer, ...measured }: Omit<Bounded, 'bound' | 'sense'>): Figure => ({
  ...measured,
  peer: peer?.name ?? null,
  peer_value: peer?.value ?? null,
  ratio: peer ? measured.value / peer.value : null,
  target: NO_TARGET,
  met: true,
});
