import { describe, expect, it } from 'vitest';
import { FineId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { StandingEvent } from '#domain/standing/events.ts';
import { ArrearsStated, DepositStated, StandingFineCopied } from '#domain/standing/events.ts';
import { standings } from '#projections/standings.ts';
import { rowOf } from '#tests/support/projectedEvents.ts';
import { ann, basis, evening, fine, money, noon, uuid8 } from '#tests/support/samples.ts';

const copied = (
  status: Extract<StandingEvent, { type: 'StandingFineCopied' }>['data']['status'],
  n = 0,
  amount = money('3000'),
) => {
  const id = n === 0 ? fine : FineId.parse(uuid8(0x600 + n));
  return fact(StandingFineCopied, noon, {
    driver: ann,
    fine: id,
    status,
    amount,
    points: 1,
    basis,
  });
};

describe('the standings read model', () => {
  it('adds up fines by status and currency', () => {
    const facts = [
      copied('issued'),
      copied('issued', 1),
      copied('issued', 2, money('100', 'TRY')),
      copied('confirmed'),
    ];
    const row = rowOf(standings, ann, ...facts);
    expect(row?.lines).toEqual([
      { status: 'confirmed', currency: 'EUR', fines: 1, points: 1, amount: money('3000') },
      { status: 'issued', currency: 'EUR', fines: 1, points: 1, amount: money('3000') },
      { status: 'issued', currency: 'TRY', fines: 1, points: 1, amount: money('100', 'TRY') },
    ]);
    expect(row?.fines.map(({ status }) => status)).toEqual(['confirmed', 'issued', 'issued']);
    expect([row?.arrears, row?.deposit]).toEqual([null, null]);
  });

  it('holds the last statements', () => {
    const row = rowOf(
      standings,
      ann,
      fact(ArrearsStated, noon, { driver: ann, arrears: money('500') }),
      fact(ArrearsStated, evening, { driver: ann, arrears: money('700') }),
      fact(DepositStated, noon, { driver: ann, deposit: money('10000') }),
    );
    expect(row?.arrears).toEqual({ amount: money('700'), at: evening.at });
    expect(row?.deposit).toEqual({ amount: money('10000'), at: noon.at });
    expect(row?.lines).toEqual([]);
  });
});
