import { describe, expect, it } from 'vitest';
import { FineId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { ArrearsStated, DepositStated, StandingFineCopied } from '#domain/standing/events.ts';
import { ann, basis, evening, fine, money, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { decided, STANDING, told } from './question.ts';
import { spring } from './scene.ts';

const owes = (amount: string, currency = 'EUR') =>
  fact(ArrearsStated, morning, { driver: ann, arrears: money(amount, currency) });
const copied = (
  n: number,
  status: 'issued' | 'confirmed' | 'paid' | 'voided',
  when = morning,
  points = 0,
) =>
  fact(StandingFineCopied, when, {
    driver: ann,
    fine: n === 0 ? fine : FineId.parse(uuid8(0x600 + n)),
    status,
    amount: money('5000'),
    points,
    basis,
  });

describe('what a driver owes', () => {
  it('weighs what is owed in its own currency', () => {
    const rules = { arrears_max: [money('1000')], deposit_min: [money('20000')] };
    const paid = (amount: string, currency = 'EUR') =>
      fact(DepositStated, morning, { driver: ann, deposit: money(amount, currency) });
    expect(told({ standing: [owes('1')] })).toEqual([['arrears_exceeded warns', STANDING]]);
    expect(told({ standing: [owes('0')] })).toEqual([]);
    expect(told({ standing: [owes('1000'), paid('20000')], rules })).toEqual([]);
    expect(told({ standing: [owes('1001'), paid('19999')], rules })).toEqual([
      ['arrears_exceeded warns', STANDING],
      ['deposit_short warns', STANDING + 1],
    ]);
    expect(told({ standing: [owes('1', 'TRY'), paid('1', 'TRY')], rules })).toEqual([
      ['arrears_exceeded warns', STANDING],
    ]);
    expect(told({ rules })).toEqual([['deposit_short warns']]);
    const huge = { arrears_max: [money('9007199254740993')] };
    expect(told({ standing: [owes('9007199254740993')], rules: huge })).toEqual([]);
    expect(told({ standing: [owes('9007199254740994')], rules: huge })).toHaveLength(1);
  });

  it('counts fines that are confirmed and not paid, and points for as long as they stand', () => {
    expect(told({ standing: [copied(0, 'issued')] })).toEqual([]);
    expect(told({ standing: [copied(0, 'confirmed')] })).toEqual([
      ['fines_unpaid warns', STANDING],
    ]);
    expect(told({ standing: [copied(0, 'confirmed'), copied(0, 'paid', noon)] })).toEqual([]);
    expect(told({ standing: [copied(0, 'confirmed'), copied(0, 'voided', evening)] })).toEqual([]);
    const points = [
      copied(0, 'issued', spring, 4),
      copied(0, 'paid', morning, 4),
      copied(1, 'paid', noon, 4),
    ];
    const rules = { points_window_days: 1 };
    expect(told({ standing: points })).toEqual([
      ['points_exceeded warns', STANDING + 1, STANDING + 2],
    ]);
    expect(told({ standing: points, rules: { points_max: 8 } })).toEqual([]);
    expect(told({ standing: points, rules })).toEqual([]);
    expect(told({ standing: [...points, copied(2, 'paid', noon, 4)], rules })).toEqual([
      ['points_exceeded warns', STANDING + 2, STANDING + 3],
    ]);
  });

  it('names no more than the newest events of a reason', () => {
    const many = Array.from({ length: 30 }, (_, n) => copied(n + 1, 'confirmed'));
    const { reasons } = decided({ standing: many });
    expect(reasons[0]?.events).toHaveLength(20);
    expect(told({ standing: many })[0]?.at(-1)).toBe(STANDING + 29);
    expect(reasons[0]?.since).toBe(morning.at);
  });
});
