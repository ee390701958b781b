import { describe, expect, it } from 'vitest';
import { accountDecider } from '#domain/driverAccounts/account.ts';
import { balanceIn } from '#domain/driverAccounts/accountState.ts';
import {
  DeductionDisputed,
  DeductionMade,
  DeductionProposed,
  DeductionReversed,
  DeductionUpheld,
  DeductionWithdrawn,
} from '#domain/driverAccounts/events.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ann,
  basis,
  berlin,
  euro,
  moment,
  money,
  noon,
  rentalOfAnn,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { afterWindow, asked, deduction, make, propose } from './samples.ts';

const { given } = spec(accountDecider);
const april = moment('2026-04-01T12:00:00.000Z');
const concerned = { driver: ann, park: berlin, vehicle: van, rental: rentalOfAnn };
const named = { ...concerned, deduction: deduction(1) };
const { type: _, home: __, when: ___, ...content } = propose;
const proposed = fact(DeductionProposed, noon, { ...content, basis: [basis] });
const made = (amount: string, transaction: string, when = afterWindow) =>
  fact(DeductionMade, when, { ...named, kind: 'fine', transaction, amount: money(amount) });
const disputed = fact(DeductionDisputed, noon, { ...named, reason: 'not_mine' });
const upheld = fact(DeductionUpheld, noon, named);
const about = { ...asked, deduction: deduction(1) };
const dispute = { type: 'DisputeDeduction', ...about, reason: 'not_mine' } as const;
const uphold = { type: 'UpholdDeduction', ...about } as const;
const withdraw = { type: 'WithdrawDeduction', ...about, reason: 'fine_voided', basis } as const;
const withdrawn = fact(DeductionWithdrawn, noon, { ...named, reason: 'fine_voided', basis });

describe('a deduction', () => {
  it('is proposed once, and once for a fine', () => {
    given().when(propose).yields(proposed);
    given(proposed).when(propose).yields();
    given(proposed)
      .when({ ...propose, deduction: deduction(2) })
      .yields();
  });
  it('may be proposed again for a fine after it was withdrawn', () => {
    const next = { ...propose, deduction: deduction(2) };
    given(proposed, withdrawn)
      .when(next)
      .yields(
        fact(DeductionProposed, noon, { ...content, deduction: deduction(2), basis: [basis] }),
      );
  });
  it('is proposed in a currency that the park or the account knows', () => {
    given()
      .when({ ...propose, amount: money('1', 'TRY') })
      .refuses('ForeignCurrency');
  });
  it('moves nothing until it is made', () => {
    expect(replay(accountDecider, [proposed]).balances.size).toBe(0);
    expect(balanceIn(replay(accountDecider, [proposed, made('7000', 'M-1')]), euro).owed).toBe(
      7_000n,
    );
  });
  it('is made once the window is over, and not before', () => {
    given(proposed).when(make('7000', 'M-1')).yields(made('7000', 'M-1'));
    given(proposed)
      .when({ ...make('7000', 'M-1'), when: noon })
      .refuses('DisputeWindowOpen');
    given(proposed, made('7000', 'M-1')).when(make('7000', 'M-1')).yields();
    given(proposed, made('7000', 'M-1')).when(make('6000', 'M-1')).refuses('TransactionReused');
    given().when(make('7000', 'M-1')).refuses('DeductionUnknown');
  });
  it('stays within its cap in each month, and within itself', () => {
    given(proposed).when(make('10001', 'M-1')).refuses('DeductionCapExceeded');
    given(proposed, made('9000', 'M-1')).when(make('1001', 'M-2')).refuses('DeductionCapExceeded');
    given(proposed, made('9000', 'M-1'))
      .when({ ...make('3000', 'M-2'), when: april })
      .yields(made('3000', 'M-2', april));
    given(proposed, made('9000', 'M-1'))
      .when({ ...make('3001', 'M-2'), when: april })
      .refuses('DeductionExceeded');
    given(proposed)
      .when({ ...make('1', 'M-1'), amount: money('1', 'TRY') })
      .refuses('ForeignCurrency');
  });
});

describe('a dispute', () => {
  it('keeps a deduction from being made until it is decided', () => {
    given(proposed).when(dispute).yields(disputed);
    given(proposed, disputed).when(dispute).yields();
    given(proposed, disputed).when(make('7000', 'M-1')).refuses('DeductionDisputed');
    given(proposed, disputed).when(uphold).yields(upheld);
    given(proposed, disputed, upheld)
      .when({ ...make('7000', 'M-1'), when: noon })
      .yields(made('7000', 'M-1', noon));
  });
  it('has to come in time, and once', () => {
    given(proposed)
      .when({ ...dispute, when: afterWindow })
      .refuses('DisputeWindowOver');
    given(proposed, disputed, upheld).when(dispute).refuses('DisputeWindowOver');
    given(proposed).when(uphold).refuses('DeductionNotDisputed');
    given(proposed, disputed, upheld).when(uphold).yields();
    given().when(dispute).refuses('DeductionUnknown');
  });
});

describe('a deduction that does not stand', () => {
  it('is withdrawn, and nothing more comes of it', () => {
    given(proposed).when(withdraw).yields(withdrawn);
    given(proposed, withdrawn).when(withdraw).yields();
    given(proposed, withdrawn).when(dispute).refuses('DeductionIsWithdrawn');
    given(proposed, withdrawn).when(make('1', 'M-1')).refuses('DeductionIsWithdrawn');
  });
  it('is reversed as far as it was made, and leaves room in the month', () => {
    const reversed = fact(DeductionReversed, noon, {
      ...named,
      kind: 'fine',
      amount: money('9000'),
      reason: 'fine_voided',
      basis,
    });
    const history = [proposed, made('7000', 'M-1'), made('2000', 'M-2')];
    given(...history)
      .when(withdraw)
      .yields(reversed);
    expect(balanceIn(replay(accountDecider, [...history, reversed]), euro).owed).toBe(0n);
    const second = { ...content, deduction: deduction(2), fine: null, basis: [basis] };
    given(...history, reversed, fact(DeductionProposed, noon, second))
      .when({ ...make('10000', 'M-3'), deduction: deduction(2) })
      .yields(
        fact(DeductionMade, afterWindow, {
          ...concerned,
          deduction: deduction(2),
          kind: 'fine',
          transaction: 'M-3',
          amount: money('10000'),
        }),
      );
  });
});
