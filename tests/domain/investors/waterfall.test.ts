import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText } from '#domain/finance/decimal.ts';
import { Rate, Share } from '#domain/finance/rate.ts';
import { Terms } from '#domain/investors/terms.ts';
import { type Waterfall, type WaterfallInputs, waterfall } from '#domain/investors/waterfall.ts';
import { euro, lira, money } from '#tests/support/samples.ts';

/** The terms of the fact sheet. */
const terms = Terms.parse({
  reserve: { rate: '0.05', until: money('40000') },
  operatorFee: '0.2',
  hurdle: { rate: '0.08', valuation: money('1800000') },
  investorsShare: '0.7',
});
const nothing = { reserve: 0n, advanced: 0n, remainder: 0n };
const usual = [
  { kind: 'repair', amount: 21_000n },
  { kind: 'insurance', amount: 9_540n },
  { kind: 'platform', amount: 3_000n },
];
const month = (changed: Partial<WaterfallInputs> = {}): Waterfall =>
  waterfall({
    currency: euro,
    revenue: 123_456n,
    costs: usual,
    opening: nothing,
    terms,
    ...changed,
  });

/** The amounts of a reckoning by the names of its lines, in euros. */
const sheet = ({ steps }: Waterfall): Record<string, string> =>
  Object.fromEntries(steps.map(({ name, amount }) => [name, decimalText(amount)]));
const exactOf = ({ steps }: Waterfall): Record<string, string> =>
  Object.fromEntries(steps.flatMap(({ name, exact }) => (exact === null ? [] : [[name, exact]])));

describe('the waterfall of the fact sheet', () => {
  const first = month();
  const second = month({
    revenue: 10_000n,
    costs: [{ kind: 'repair', amount: 61_025n }],
    opening: { ...first.closing, remainder: 1n },
  });
  const third = month({ opening: { ...second.closing, remainder: second.remainderKept } });

  it('comes out to the cent in a good month', () => {
    expect(sheet(first)).toEqual({
      revenue: '1234.56',
      costs: '335.40',
      result: '899.16',
      from_reserve: '0.00',
      advanced: '0.00',
      recouped: '0.00',
      to_reserve: '61.73',
      operator_fee: '167.49',
      hurdle: '120.00',
      above_hurdle: '384.96',
      operator_rest: '164.98',
      to_investors: '504.96',
      to_operator: '332.47',
    });
    // 61.728, 167.486 and 384.958, in cents.
    expect(exactOf(first)).toEqual({
      to_reserve: '30864/5',
      operator_fee: '83743/5',
      above_hurdle: '192479/5',
    });
    expect(first.distributable).toBe(50_496n);
    expect(first.closing).toEqual({ reserve: 6_173n, advanced: 0n });
  });

  it('pays nobody in a bad month: the reserve goes first, and the operator advances the rest', () => {
    expect(sheet(second)).toMatchObject({
      result: '-510.25',
      from_reserve: '61.73',
      advanced: '448.52',
      to_reserve: '0.00',
      to_investors: '0.00',
      to_operator: '0.00',
    });
    expect(second.closing).toEqual({ reserve: 0n, advanced: 44_852n });
    // The cent that could not be divided stays where it is.
    expect([second.distributable, second.remainderKept]).toEqual([0n, 1n]);
  });

  it('lets the operator recoup in the month after', () => {
    expect(sheet(third)).toMatchObject({
      recouped: '448.52',
      to_reserve: '61.73',
      operator_fee: '77.78',
      hurdle: '120.00',
      above_hurdle: '133.79',
      operator_rest: '57.34',
      to_investors: '253.79',
      to_operator: '135.12',
    });
    expect(exactOf(third)).toMatchObject({ operator_fee: '38891/5', above_hurdle: '133791/10' });
    expect(third.distributable).toBe(25_380n);
    expect(third.closing).toEqual({ reserve: 6_173n, advanced: 0n });
  });

  it('says how each line came about, with its numbers', () => {
    const formulas = Object.fromEntries(third.steps.map(({ name, formula }) => [name, formula]));
    expect(formulas).toEqual({
      revenue: 'revenue of the month, net of tax',
      costs: 'repair 210.00 + insurance 95.40 + platform 30.00',
      result: 'revenue 1234.56 − costs 335.40',
      from_reserve: 'the least of the loss 0.00 and the reserve 0.00',
      advanced: 'loss 0.00 − from the reserve 0.00, by the operator',
      recouped: 'the least of the gain 899.16 and what the operator advanced 448.52',
      to_reserve:
        'the least of 0.05 × revenue 1234.56, the room 400.00 up to 400.00, and what is left 450.64',
      operator_fee: '0.2 × what remains 388.91',
      hurdle: 'the least of 0.08 × valuation 18000.00 ÷ 12 and what is left 311.13',
      above_hurdle: '0.7 × what is above 191.13',
      operator_rest: 'what is above 191.13 − 133.79',
      to_investors: 'hurdle 120.00 + above it 133.79',
      to_operator: 'fee 77.78 + rest 57.34',
    });
  });
});

describe('a waterfall at its edges', () => {
  it('repays the operator as far as the gain goes, and goes on next month', () => {
    const part = month({ opening: { ...nothing, advanced: 100_000n } });
    expect(part.recouped).toBe(89_916n);
    expect(part.closing).toEqual({ reserve: 0n, advanced: 10_084n });
    expect([part.toReserve, part.toInvestors, part.toOperator]).toEqual([
      0n,
      0n,
      { fee: 0n, rest: 0n },
    ]);
  });

  it('fills the reserve to its brim and no further', () => {
    const nearly = month({ opening: { ...nothing, reserve: 39_990n } });
    expect(nearly.toReserve).toBe(10n);
    // What the brim cuts off was not rounded.
    expect(exactOf(nearly)).not.toHaveProperty('to_reserve');
    expect(month({ opening: { ...nothing, reserve: 40_000n } }).toReserve).toBe(0n);
    // Terms that ask for less than there is take nothing out.
    const over = month({ opening: { ...nothing, reserve: 50_000n } });
    expect([over.toReserve, over.closing.reserve]).toEqual([0n, 50_000n]);
  });

  it('gives the reserve no more than the costs have left', () => {
    const tight = month({ costs: [{ kind: 'repair', amount: 123_400n }] });
    expect(tight.toReserve).toBe(56n);
    expect(tight.toInvestors).toBe(0n);
  });

  it('gives investors all that the fee leaves where it is less than the hurdle, and owes them no more', () => {
    const small = month({ costs: [{ kind: 'repair', amount: 110_000n }] });
    // 13,456 − 6,173 = 7,283; a fifth of it is 1,456.6.
    expect(small.toOperator).toEqual({ fee: 1_457n, rest: 0n });
    expect(small.toInvestors).toBe(5_826n);
    const next = month({ opening: { ...small.closing, remainder: 0n } });
    expect(next.steps.find(({ name }) => name === 'hurdle')?.amount).toEqual(money('12000'));
  });

  it('takes revenue below zero for a loss', () => {
    const reversed = month({ revenue: -5_000n, costs: [] });
    expect([reversed.advanced, reversed.toReserve, reversed.toInvestors]).toEqual([5_000n, 0n, 0n]);
  });

  it('puts nothing aside of revenue below zero, even where costs were reversed', () => {
    const odd = month({ revenue: -1_000n, costs: [{ kind: 'repair', amount: -50_000n }] });
    expect([odd.toReserve, odd.toInvestors > 0n]).toEqual([0n, true]);
  });

  it('has nothing to say of a month of nothing', () => {
    const none = month({ revenue: 0n, costs: [] });
    expect(Object.values(sheet(none)).every((amount) => amount === '0.00')).toBe(true);
    expect(none.closing).toEqual({ reserve: 0n, advanced: 0n });
  });

  it('does without reserve and hurdle', () => {
    const plain = month({ terms: { ...terms, reserve: null, hurdle: null } });
    expect(sheet(plain)).toMatchObject({
      to_reserve: '0.00',
      hurdle: '0.00',
      operator_fee: '179.83',
    });
  });

  it('does not mix currencies', () => {
    expect(() => month({ currency: lira })).toThrow(/another currency/);
  });
});

describe('the laws of the waterfall', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 9n });
  const either = fc.bigInt({ min: -(10n ** 8n), max: 10n ** 9n });
  const anyShare = fc
    .integer({ min: 0, max: 10_000 })
    .map((parts) => Share.parse((parts / 10_000).toFixed(4)));
  const anyRate = fc
    .integer({ min: 0, max: 30_000 })
    .map((parts) => Rate.parse((parts / 10_000).toFixed(4)));
  const euros = amount.map((minor) => money(minor.toString()));
  const anyTerms: fc.Arbitrary<Terms> = fc.record({
    reserve: fc.option(fc.record({ rate: anyShare, until: euros })),
    operatorFee: anyShare,
    hurdle: fc.option(fc.record({ rate: anyRate, valuation: euros })),
    investorsShare: anyShare,
  });
  const anyMonth = fc.record({
    currency: fc.constant(euro),
    revenue: either,
    costs: fc.array(fc.record({ kind: fc.constantFrom('repair', 'fuel'), amount: either })),
    opening: fc.record({ reserve: amount, advanced: amount, remainder: fc.bigInt(0n, 99n) }),
    terms: anyTerms,
  });

  it('creates and loses nothing, and nothing is below zero', () => {
    fc.assert(
      fc.property(anyMonth, (inputs) => {
        const { toOperator, ...out } = waterfall(inputs);
        const costs = inputs.costs.reduce((sum, each) => sum + each.amount, 0n);
        const paid = toOperator.fee + toOperator.rest + out.toInvestors;
        expect(inputs.revenue + out.fromReserve + out.advanced).toBe(
          costs + out.recouped + out.toReserve + paid,
        );
        const { fee, rest } = toOperator;
        const parts = [out.recouped, out.toReserve, out.fromReserve, out.advanced, fee, rest];
        const kept = [out.closing.reserve, out.closing.advanced, out.remainderKept];
        for (const part of [...parts, ...kept, out.toInvestors, out.distributable])
          expect(part >= 0n).toBe(true);
        expect(out.distributable + out.remainderKept).toBe(
          out.toInvestors + inputs.opening.remainder,
        );
        if (inputs.revenue <= costs) expect([paid, out.distributable]).toEqual([0n, 0n]);
        // Never both: a month either repays the operator or is helped by them.
        expect(out.recouped === 0n || out.advanced === 0n).toBe(true);
      }),
    );
  });

  it('rounds each line by half a cent at most, and tells the exact value', () => {
    fc.assert(
      fc.property(anyMonth, (inputs) => {
        for (const { exact, amount: told } of waterfall(inputs).steps) {
          if (exact === null) continue;
          const [above = 0n, below = 1n] = exact.split('/').map(BigInt);
          const error = above - BigInt(told.amount) * below;
          expect(2n * (error < 0n ? -error : error) <= below && error !== 0n).toBe(true);
        }
      }),
    );
  });
});
