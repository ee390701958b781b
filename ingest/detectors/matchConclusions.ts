import { type Conclusion, contentOf, matterOf } from './conclusion.ts';

/**
 * What a fold that knows more makes of what was concluded before. `same`: nothing changed. `amended`: it is
 * said otherwise, under the id it has. `new` was not there, `withdrawn` is not there any more.
 */
export type Verdict =
  | { readonly verdict: 'same'; readonly before: Conclusion; readonly now: Conclusion }
  | { readonly verdict: 'amended'; readonly before: Conclusion; readonly now: Conclusion }
  | { readonly verdict: 'new'; readonly now: Conclusion }
  | { readonly verdict: 'withdrawn'; readonly before: Conclusion };

interface Pair {
  readonly before: Conclusion;
  readonly now: Conclusion;
  readonly shared_us: number;
}

const endOf = ({ to_us }: Conclusion): number => to_us ?? Number.POSITIVE_INFINITY;

/** For how long two conclusions overlap; null where they do not. What has no length is met by its moment. */
const shared_us = (one: Conclusion, other: Conclusion): number | null => {
  const from_us = Math.max(one.from_us, other.from_us);
  const to_us = Math.min(endOf(one), endOf(other));
  if (from_us < to_us) return to_us - from_us;
  const isMoment = one.from_us === one.to_us || other.from_us === other.to_us;
  return isMoment && from_us === to_us ? 0 : null;
};

const subjectOf = (conclusion: Conclusion): string =>
  `${conclusion.ident} ${conclusion.kind} ${matterOf(conclusion)}`;

/** The longest overlaps first; of equals the earlier, so that the order does not hang on chance. */
const byOverlap = (one: Pair, other: Pair): number => {
  if (one.shared_us !== other.shared_us) return one.shared_us > other.shared_us ? -1 : 1;
  if (one.before.from_us !== other.before.from_us) return one.before.from_us - other.before.from_us;
  return one.now.from_us - other.now.from_us;
};

/** Every two that are about the same matter and overlap. */
const pairsOf = (before: readonly Conclusion[], now: readonly Conclusion[]): readonly Pair[] => {
  const bySubject = Map.groupBy(now, subjectOf);
  return before.flatMap((one) =>
    (bySubject.get(subjectOf(one)) ?? []).flatMap((other) => {
      const shared = shared_us(one, other);
      // One that was opened by the same reading is the same one, however little is left of it.
      if (one.id === other.id) return [{ before: one, now: other, shared_us: Infinity }];
      return shared === null ? [] : [{ before: one, now: other, shared_us: shared }];
    }),
  );
};

/**
 * Matches what was concluded before with what a later fold over the same time concludes, one to one, by
 * ident, kind, matter and overlap. What is matched keeps the id it was first told under. Both lists must be
 * the last words on everything that overlaps the time folded again: what is left out of `before` comes as
 * new, what is left out of `now` as withdrawn. In the order of `before`, then of `now`.
 */
export const matchConclusions = (
  before: readonly Conclusion[],
  now: readonly Conclusion[],
): readonly Verdict[] => {
  const nowOf = new Map<Conclusion, Conclusion>();
  const taken = new Set<Conclusion>();
  for (const pair of pairsOf(before, now).toSorted(byOverlap)) {
    if (nowOf.has(pair.before) || taken.has(pair.now)) continue;
    nowOf.set(pair.before, pair.now);
    taken.add(pair.now);
  }
  const old = before.map((one): Verdict => {
    const other = nowOf.get(one);
    if (!other) return { verdict: 'withdrawn', before: one };
    const kept = { ...other, id: one.id };
    const verdict = contentOf(one) === contentOf(kept) ? 'same' : 'amended';
    return { verdict, before: one, now: kept };
  });
  const fresh = now.filter((one) => !taken.has(one));
  return [...old, ...fresh.map((one): Verdict => ({ verdict: 'new', now: one }))];
};
