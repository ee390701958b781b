import { epochMs, type Interval } from '#domain/kernel/instant.ts';

/** A stretch of true time that has an end, in milliseconds since 1970. */
export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

const hasLength = ({ from_ms, to_ms }: Span): boolean => from_ms < to_ms;

/** What of some stretches lies within a span. */
export const within = (stretches: readonly Interval[], bounds: Span): readonly Span[] =>
  stretches
    .map(({ from, to }) => ({
      from_ms: Math.max(bounds.from_ms, epochMs(from)),
      to_ms: Math.min(bounds.to_ms, to === null ? bounds.to_ms : epochMs(to)),
    }))
    .filter(hasLength);

/** Spans as one; what is less than `gap_ms` apart is joined. In order. */
export const joined = (spans: readonly Span[], gap_ms = 0): readonly Span[] => {
  const union: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from_ms - other.from_ms)) {
    const last = union.at(-1);
    const apart_ms = last ? span.from_ms - last.to_ms : null;
    if (last && apart_ms !== null && (apart_ms <= 0 || apart_ms < gap_ms)) {
      union[union.length - 1] = { ...last, to_ms: Math.max(last.to_ms, span.to_ms) };
    } else union.push(span);
  }
  return union;
};

/** What two lists of spans share, neither of which overlaps itself. */
export const sharedBy = (some: readonly Span[], others: readonly Span[]): readonly Span[] =>
  some.flatMap((one) =>
    others
      .map((other) => ({
        from_ms: Math.max(one.from_ms, other.from_ms),
        to_ms: Math.min(one.to_ms, other.to_ms),
      }))
      .filter(hasLength),
  );

/** What lies within a span and in none of some others, which may overlap. In order. */
export const without = (whole: Span, others: readonly Span[]): readonly Span[] => {
  const taken = sharedBy(joined(others), [whole]);
  const ends = [whole.from_ms, ...taken.map(({ to_ms }) => to_ms)];
  const starts = [...taken.map(({ from_ms }) => from_ms), whole.to_ms];
  return ends
    .map((from_ms, index) => ({ from_ms, to_ms: starts[index] ?? whole.to_ms }))
    .filter(hasLength);
};

/** How long some spans last that do not overlap, in milliseconds. */
export const total_ms = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from_ms, to_ms }) => sum + to_ms - from_ms, 0);
