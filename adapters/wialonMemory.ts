import { leastRecentlyUsed } from './leastRecentlyUsed.ts';
import type { WialonMessage } from './wialonAnswers.ts';

/**
 * What is remembered of a unit. `reach_ms`: from when on, by our clock, nothing was missed; null: nothing is
 * certain. `connected` null: it was never told.
 */
export interface UnitMemory {
  readonly reach_ms: number | null;
  readonly connected: boolean | null;
  readonly messages: readonly WialonMessage[];
}

const UNITS_MAX = 5_000;
const MESSAGES_MAX = 128;
const MS_PER_S = 1_000;

interface Remembered extends UnitMemory {
  /** Messages before that were put aside for newer ones. */
  readonly dropped_ms: number;
}

const nothing: Remembered = { dropped_ms: 0, reach_ms: null, connected: null, messages: [] };

const isSame = (left: WialonMessage, right: WialonMessage): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

const without = (
  messages: readonly WialonMessage[],
  known: readonly WialonMessage[],
): readonly WialonMessage[] => messages.filter((one) => !known.some((other) => isSame(one, other)));

/** A unit with these messages, in the order of their seconds; only the last are kept. */
const holding = (memory: Remembered, messages: readonly WialonMessage[]): Remembered => {
  const all = messages.toSorted((left, right) => left.at_s - right.at_s);
  const dropped = all.at(-MESSAGES_MAX - 1);
  const dropped_ms = dropped ? (dropped.at_s + 1) * MS_PER_S : memory.dropped_ms;
  return { ...memory, dropped_ms, messages: all.slice(-MESSAGES_MAX) };
};

/** What units told lately, of at most 5,000 of them and 128 messages each. */
export const wialonMemory = () => {
  const units = leastRecentlyUsed<Remembered & { readonly epoch: number }>(UNITS_MAX);
  let epoch = 0;
  /** What was heard before the line was lost reaches nowhere. */
  const of = (unit: number): Remembered => {
    const known = units.get(String(unit));
    if (!known) return nothing;
    return known.epoch === epoch ? known : { ...known, reach_ms: null };
  };
  const put = (unit: number, memory: Remembered): void => {
    units.put(String(unit), { ...memory, epoch });
  };
  return {
    of: (unit: number): UnitMemory => {
      const { reach_ms, dropped_ms, ...memory } = of(unit);
      return { ...memory, reach_ms: reach_ms === null ? null : Math.max(reach_ms, dropped_ms) };
    },
    /** A message came, which is newer than those of its second. */
    heard: (unit: number, message: WialonMessage): void => {
      const memory = of(unit);
      const fresh = without([message], memory.messages);
      if (fresh.length > 0) put(unit, holding(memory, [...memory.messages, ...fresh]));
    },
    /** Messages were loaded, which are in order, and no newer than what came of its own. */
    loaded: (unit: number, messages: readonly WialonMessage[]): void => {
      const memory = of(unit);
      put(unit, holding(memory, [...messages, ...without(memory.messages, messages)]));
    },
    connection: (unit: number, connected: boolean): void => {
      put(unit, { ...of(unit), connected });
    },
    /** From then on nothing of the unit is missed. */
    reaches: (unit: number, reach_ms: number): void => {
      put(unit, { ...of(unit), reach_ms });
    },
    /** Something may have been missed, of any unit. */
    lostTouch: (): void => {
      epoch += 1;
    },
  };
};
export type WialonMemory = ReturnType<typeof wialonMemory>;
