import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conclusion, openedBy } from '#ingest/detectors/conclusion.ts';
import { markOf } from '#ingest/detectors/mark.ts';
import { matchConclusions, type Verdict } from '#ingest/detectors/matchConclusions.ts';
import { at, second } from './support.ts';

const parked = (from_s: number, to_s: number | null): Conclusion => {
  const to_us = to_s === null ? null : second(to_s);
  return { kind: 'parking', ...openedBy('parking', markOf(at(from_s)), { to_us }) };
};
const fault = (dtc: string, from_s: number, to_s: number): Conclusion => {
  const opened = openedBy('fault', markOf(at(from_s)), { to_us: second(to_s), matter: dtc });
  return { kind: 'fault', dtc, ...opened };
};

const verdicts = (found: readonly Verdict[]) => found.map(({ verdict }) => verdict);

describe('what a later fold makes of earlier conclusions', () => {
  it('is nothing where it concludes the same', () => {
    const before = [parked(0, 10), fault('P0301', 5, 8)];
    expect(verdicts(matchConclusions(before, before))).toEqual(['same', 'same']);
  });

  it('is an amendment under the id that was told first', () => {
    const before = parked(10, 20);
    const now = parked(5, 20);
    expect(matchConclusions([before], [now])).toEqual([
      { verdict: 'amended', before, now: { ...now, id: before.id } },
    ]);
    const closed = parked(10, 30);
    expect(matchConclusions([parked(10, null)], [closed])).toEqual([
      { verdict: 'amended', before: parked(10, null), now: closed },
    ]);
  });

  it('is new, or withdrawn, where nothing overlaps', () => {
    const found = matchConclusions([parked(0, 10)], [parked(10, 20)]);
    expect(verdicts(found)).toEqual(['withdrawn', 'new']);
  });

  it('keeps matters apart', () => {
    const found = matchConclusions([fault('P0301', 0, 10)], [fault('U0100', 0, 10)]);
    expect(verdicts(found)).toEqual(['withdrawn', 'new']);
  });

  it('gives what was split or joined to the longest overlap, and the same opening to itself', () => {
    const whole = parked(0, 100);
    const halves = [parked(1, 30), parked(40, 100)];
    expect(matchConclusions([whole], halves)).toMatchObject([
      { verdict: 'amended', before: whole, now: { from_us: second(40), id: whole.id } },
      { verdict: 'new', now: { from_us: second(1) } },
    ]);
    expect(matchConclusions(halves, [whole])).toMatchObject([
      { verdict: 'withdrawn', before: { from_us: second(1) } },
      { verdict: 'amended', before: { from_us: second(40) } },
    ]);
    expect(matchConclusions([whole], [parked(0, 10), parked(40, 100)])).toMatchObject([
      { verdict: 'amended', now: { to_us: second(10) } },
      { verdict: 'new' },
    ]);
  });

  it('meets what has no length by its moment', () => {
    const moment = fault('P0301', 5, 5);
    expect(verdicts(matchConclusions([moment], [fault('P0301', 4, 9)]))).toEqual(['amended']);
    expect(verdicts(matchConclusions([moment], [moment]))).toEqual(['same']);
  });

  const anySpans: fc.Arbitrary<readonly Conclusion[]> = fc
    .array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 20 })), { maxLength: 12 })
    .map((gaps) => {
      let time_s = 0;
      return gaps.map(([gap, length], index) => {
        const from_s = time_s + gap + 1;
        time_s = from_s + length;
        return index === gaps.length - 1 ? parked(from_s, null) : parked(from_s, time_s);
      });
    });

  it('accounts for every conclusion once, and never gives one id to two', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (before, now) => {
        const found = matchConclusions(before, now);
        const old = found.flatMap((each) => ('before' in each ? [each.before] : []));
        const fresh = found.flatMap((each) => ('now' in each ? [each.now] : []));
        expect(old).toEqual(before);
        expect(new Set(fresh.map(({ from_us }) => from_us))).toEqual(
          new Set(now.map(({ from_us }) => from_us)),
        );
        expect(fresh).toHaveLength(now.length);
        expect(new Set(fresh.map(({ id }) => id)).size).toBe(fresh.length);
        for (const each of fresh) expect(Conclusion.parse(each)).toEqual(each);
      }),
    );
  });

  it('comes to rest: what was amended is the same the next time', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (before, now) => {
        const once = matchConclusions(before, now).flatMap((each) =>
          'now' in each ? [each.now] : [],
        );
        expect(verdicts(matchConclusions(once, now))).toEqual(once.map(() => 'same'));
      }),
    );
  });
});
