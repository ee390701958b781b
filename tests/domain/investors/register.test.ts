import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { Period } from '#domain/finance/period.ts';
import { allocate } from '#domain/investors/allocation.ts';
import {
  holdingsOn,
  issuedOn,
  type OpenChange,
  planChange,
  type Register,
  type RegisterRefusal,
  shareDaysIn,
  type WishedChange,
} from '#domain/investors/register.ts';
import { HoldingId, PartyId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { day, uuid8 } from '#tests/support/samples.ts';

const holder = (n: number) => ({
  holding: HoldingId.parse(uuid8(0x700 + n)),
  party: PartyId.parse(uuid8(0x300 + n)),
});
const [ada, ben, cid] = [holder(1), holder(2), holder(3)];
const wish = (who: ReturnType<typeof holder>, shares: number): WishedChange => ({ ...who, shares });
const handedOver = (from: typeof ada, to: typeof ada, shares: number) => [
  wish(from, -shares),
  wish(to, shares),
];

/** A register after some wishes, all of which must come true. */
const registerOf = (
  ...wishes: readonly (readonly [string, readonly WishedChange[]])[]
): Register => {
  const register: OpenChange[] = [];
  for (const [date, wished] of wishes) {
    const planned = planChange(register, wished, day(date));
    if (isLeft(planned)) throw new Error(planned.left.code);
    register.push(planned.right);
  }
  return register;
};
const refusal = (register: Register, date: string, wished: readonly WishedChange[]) => {
  const planned = planChange(register, wished, day(date));
  return isLeft(planned) ? planned.left : null;
};
const heldOn = (register: Register, date: string) =>
  Object.fromEntries(
    [...holdingsOn(register, day(date)).values()].map(({ party, shares }) => [party, shares]),
  );

/** The three holders of the fact sheet. */
const founding = ['2026-01-01', [wish(ada, 500), wish(ben, 300), wish(cid, 200)]] as const;

describe('a share register', () => {
  it('knows who holds what on any day', () => {
    const register = registerOf(
      founding,
      ['2026-09-16', handedOver(ben, cid, 100)],
      ['2026-10-01', [wish(ada, -500)]],
    );
    expect(heldOn(register, '2025-12-31')).toEqual({});
    const first = { [ada.party]: 500, [ben.party]: 300, [cid.party]: 200 };
    expect(heldOn(register, '2026-09-15')).toEqual(first);
    expect(heldOn(register, '2026-09-16')).toEqual({
      ...first,
      [ben.party]: 200,
      [cid.party]: 300,
    });
    expect(heldOn(register, '2026-10-01')).toEqual({ [ben.party]: 200, [cid.party]: 300 });
    const issued = ['2025-12-31', '2026-01-01', '2026-09-16', '2026-10-01'];
    expect(issued.map((date) => issuedOn(register, day(date)))).toEqual([0, 1_000, 1_000, 500]);
  });

  it('seals what each change is for a holder, and shows no more than what is issued', () => {
    const planned = planChange(registerOf(founding), handedOver(ben, cid, 100), day('2026-09-16'));
    expect(planned).toMatchObject({
      right: {
        issued: 1_000,
        entries: [
          { ...ben, shares: -100, balance: 200 },
          { ...cid, shares: 100, balance: 300 },
        ],
      },
    });
    // Who gives does not come first, but whose holding has the lower id.
    const back = planChange(registerOf(founding), handedOver(cid, ben, 100), day('2026-09-16'));
    expect(back).toMatchObject({ right: { entries: [ben, cid] } });
  });

  it('hands over no more than there is, then and on any day since', () => {
    const register = registerOf(founding, ['2026-06-01', handedOver(ben, cid, 250)]);
    const tooSmall = (available: number): RegisterRefusal => ({
      code: 'HoldingTooSmall',
      available,
    });
    expect(refusal(register, '2026-06-01', handedOver(ben, ada, 51))).toEqual(tooSmall(50));
    // In March there were 300, of which 250 were handed over later.
    expect(refusal(register, '2026-03-01', handedOver(ben, ada, 51))).toEqual(tooSmall(50));
    expect(refusal(register, '2026-03-01', handedOver(ben, ada, 50))).toBeNull();
    // What comes later helps nobody earlier.
    expect(refusal(register, '2026-05-31', handedOver(cid, ada, 201))).toEqual(tooSmall(200));
    expect(refusal(register, '2026-06-01', [wish(ada, -501)])).toEqual(tooSmall(500));
    expect(refusal(register, '2026-06-01', handedOver(holder(9), ada, 1))).toEqual(tooSmall(0));
  });

  it('has nothing to hand over or take back before anything is issued', () => {
    const none = { code: 'SharesNotIssued' };
    expect(refusal([], '2026-06-01', handedOver(ada, ben, 1))).toEqual(none);
    expect(refusal(registerOf(founding), '2025-12-31', [wish(ada, -1)])).toEqual(none);
  });

  it('takes nobody twice', () => {
    const twice = { code: 'HolderNamedTwice' };
    expect(refusal(registerOf(founding), '2026-06-01', handedOver(ada, ada, 1))).toEqual(twice);
    expect(refusal([], '2026-06-01', [wish(ada, 1), wish(ada, 1)])).toEqual(twice);
  });

  it('counts share-days by local midnights, as on the fact sheet', () => {
    const register = registerOf(founding, ['2026-09-16', handedOver(ben, cid, 100)]);
    const september = shareDaysIn(register, Period.parse('2026-09'));
    expect(september).toEqual({
      shareDays: [
        { holding: ada.holding, shareDays: 15_000n },
        { holding: ben.holding, shareDays: 7_500n },
        { holding: cid.holding, shareDays: 7_500n },
      ],
      total: 30_000n,
    });
    const { lines, carried } = allocate({ distributable: 50_496n, ...september });
    expect(lines.map(({ amount }) => amount)).toEqual([25_248n, 12_624n, 12_624n]);
    expect(carried).toBe(0n);
    expect(shareDaysIn(register, Period.parse('2025-12'))).toEqual({ shareDays: [], total: 0n });
    // February of a leap year, and a day that is the last of its month.
    const leap = registerOf(['2028-02-29', [wish(ada, 7)]]);
    expect(shareDaysIn(leap, Period.parse('2028-02')).total).toBe(7n);
    expect(shareDaysIn(leap, Period.parse('2028-03')).total).toBe(217n);
  });
});

describe('the laws of a share register', () => {
  /** Every day around the turn of a month. */
  const days = [
    ...[24, 25, 26, 27, 28].map((n) => day(`2026-02-${n}`)),
    ...[1, 2, 3, 4, 5].map((n) => day(`2026-03-0${n}`)),
  ];
  const holders = [ada, ben, cid, holder(4)];
  const anyHolder = fc.constantFrom(...holders);
  const anyShares = fc.integer({ min: 1, max: 100 });
  const anyWish: fc.Arbitrary<readonly WishedChange[]> = fc.oneof(
    fc
      .array(fc.tuple(anyHolder, anyShares), { minLength: 1, maxLength: 3 })
      .map((several) => several.map(([who, shares]) => wish(who, shares))),
    fc.tuple(anyHolder, anyHolder, anyShares).map((said) => handedOver(...said)),
    fc.tuple(anyHolder, anyShares).map(([who, shares]) => [wish(who, -shares)]),
  );
  const anyAsked = fc.array(fc.tuple(fc.constantFrom(...days), anyWish), { maxLength: 40 });

  /** What became of all that was asked for, in any order of days, and why some of it did not come true. */
  const played = (asked: readonly (readonly [LocalDate, readonly WishedChange[]])[]) => {
    const register: OpenChange[] = [];
    const refusals = new Set<string>();
    for (const [date, wished] of asked) {
      const planned = planChange(register, wished, date);
      if (isLeft(planned)) refusals.add(planned.left.code);
      else register.push(planned.right);
    }
    return { register, refusals };
  };
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

  it('holdings sum to what is issued on every day, and nobody holds less than nothing', () => {
    fc.assert(
      fc.property(anyAsked, (asked) => {
        const { register } = played(asked);
        for (const date of days) {
          const known = register.filter(({ effectiveFrom }) => effectiveFrom <= date);
          const entries = known.flatMap((change) => change.entries);
          const each = holders.map(({ holding }) =>
            sum(entries.flatMap((entry) => (entry.holding === holding ? [entry.shares] : []))),
          );
          expect(each.every((shares) => shares >= 0)).toBe(true);
          const held = [...holdingsOn(register, date).values()].map(({ shares }) => shares);
          expect([sum(each), sum(held)]).toEqual([issuedOn(register, date), sum(each)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('share-days are what counting every midnight comes to, and add up to T', () => {
    fc.assert(
      fc.property(anyAsked, (asked) => {
        const { register } = played(asked);
        const { shareDays, total } = shareDaysIn(register, Period.parse('2026-02'));
        const counted = new Map<HoldingId, bigint>();
        let issued = 0n;
        for (const date of days.filter((each) => each < '2026-03')) {
          issued += BigInt(issuedOn(register, date));
          for (const [holding, { shares }] of holdingsOn(register, date))
            counted.set(holding, (counted.get(holding) ?? 0n) + BigInt(shares));
        }
        expect(new Map(shareDays.map((each) => [each.holding, each.shareDays]))).toEqual(counted);
        expect(total).toBe(issued);
      }),
      { numRuns: 60 },
    );
  });

  it('has been seen to refuse for every reason', () => {
    const refusals = new Set<string>();
    fc.assert(
      fc.property(anyAsked, (asked) => {
        for (const code of played(asked).refusals) refusals.add(code);
      }),
      { numRuns: 60, seed: 20_260_101 },
    );
    const all: RegisterRefusal['code'][] = [
      'HolderNamedTwice',
      'HoldingTooSmall',
      'SharesNotIssued',
    ];
    expect([...refusals].sort()).toEqual(all);
  });
});
