import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { EventId, FineId } from '#domain/kernel/ids.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ArrearsStated,
  DepositStated,
  StandingFineCopied,
  StandingFineStatus,
  standingEvents,
} from '#domain/standing/events.ts';
import {
  type StandingCommand,
  standingDecider,
  standingSummary,
} from '#domain/standing/standing.ts';
import { anyMoment, anyMoney, anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import { ann, basis, evening, fine, money, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(standingDecider);

const laterBasis = EventId.parse(uuid8(0x70));
const otherFine = FineId.parse(uuid8(0x71));
const copy = {
  driver: ann,
  fine,
  status: 'issued',
  amount: money('5000'),
  points: 2,
  basis,
} as const;
const confirmed = { ...copy, status: 'confirmed', basis: laterBasis } as const;
const copyFine = { type: 'CopyFine', ...copy, when: morning } as const;
const stateArrears = {
  type: 'StateArrears',
  driver: ann,
  arrears: money('900'),
  when: noon,
} as const;
const stateDeposit = {
  type: 'StateDeposit',
  driver: ann,
  deposit: money('30000'),
  when: noon,
} as const;
const copied = fact(StandingFineCopied, morning, copy);
const copiedLater = fact(StandingFineCopied, noon, confirmed);
const arrearsStated = fact(ArrearsStated, noon, { driver: ann, arrears: money('900') });
const depositStated = fact(DepositStated, noon, { driver: ann, deposit: money('30000') });

const few = (first: number) => fc.integer({ min: first, max: first + 3 }).map(uuid8);
const driver = fc.constant(ann);
const fewMoments = fc.oneof(anyMoment, fc.constantFrom(morning, noon, evening));
const anyCommand: fc.Arbitrary<StandingCommand> = fc.oneof(
  fc.record({
    type: fc.constant('CopyFine'),
    driver,
    fine: few(1).map((id) => FineId.parse(id)),
    status: anyOf(StandingFineStatus),
    amount: anyMoney,
    points: fc.integer({ min: 0, max: 100 }),
    basis: few(100).map((id) => EventId.parse(id)),
    when: anyMoment,
  }),
  fc.record({ type: fc.constant('StateArrears'), driver, arrears: anyMoney, when: fewMoments }),
  fc.record({ type: fc.constant('StateDeposit'), driver, deposit: anyMoney, when: fewMoments }),
);

describe('standing', () => {
  it('takes a copy of a fine', () => given().when(copyFine).yields(copied));
  it('takes the copy of an event once', () => {
    given(copied)
      .when({ ...copyFine, when: noon })
      .yields();
  });
  it('takes the next event of the fine', () => {
    given(copied)
      .when({ type: 'CopyFine', ...confirmed, when: noon })
      .yields(copiedLater);
  });
  it('is not thrown back by an old copy that comes again', () =>
    given(copied, copiedLater).when(copyFine).yields());
  it('takes one event for two fines', () => {
    given(copied)
      .when({ ...copyFine, fine: otherFine })
      .yields(fact(StandingFineCopied, morning, { ...copy, fine: otherFine }));
  });
  it('holds the newest status of a fine', () => {
    const { fines } = replay(standingDecider, [copied, copiedLater]);
    expect(fines.get(fine)).toEqual({
      status: 'confirmed',
      amount: money('5000'),
      points: 2,
      bases: new Set([basis, laterBasis]),
    });
  });
});

describe('arrears and deposit', () => {
  it('are unknown until stated', () => {
    expect(replay(standingDecider, [])).toMatchObject({ arrears: null, deposit: null });
  });
  it('are stated', () => {
    given().when(stateArrears).yields(arrearsStated);
    given().when(stateDeposit).yields(depositStated);
    expect(replay(standingDecider, [arrearsStated, depositStated])).toMatchObject({
      arrears: { amount: money('900'), at: noon.at },
      deposit: { amount: money('30000'), at: noon.at },
    });
  });
  it('are not stated twice', () => {
    given(arrearsStated).when(stateArrears).yields();
    given(depositStated).when(stateDeposit).yields();
  });
  it('may be corrected for the same instant', () => {
    given(arrearsStated)
      .when({ ...stateArrears, arrears: money('0') })
      .yields(fact(ArrearsStated, noon, { driver: ann, arrears: money('0') }));
    given(arrearsStated)
      .when({ ...stateArrears, arrears: money('900', 'TRY') })
      .yields(fact(ArrearsStated, noon, { driver: ann, arrears: money('900', 'TRY') }));
  });
  it('may be stated anew, with the same amount', () => {
    given(depositStated)
      .when({ ...stateDeposit, when: evening })
      .yields(fact(DepositStated, evening, { driver: ann, deposit: money('30000') }));
  });
  it('do not go back to an older statement', () => {
    given(arrearsStated)
      .when({ ...stateArrears, arrears: money('1'), when: morning })
      .refuses('StatementOutdated');
    given(depositStated)
      .when({ ...stateDeposit, deposit: money('1'), when: morning })
      .refuses('StatementOutdated');
  });
  it('do not get into each other’s way', () => {
    given(arrearsStated)
      .when({ ...stateDeposit, when: morning })
      .yields(fact(DepositStated, morning, { driver: ann, deposit: money('30000') }));
  });
});

describe('standing summary', () => {
  const status = 'confirmed';
  const bases = new Set([basis]);
  const entry = (n: number, amount: string, currency: string) =>
    [
      FineId.parse(uuid8(n)),
      { status, amount: money(amount, currency), points: n, bases },
    ] as const;

  it('adds up per status and currency', () => {
    const fines = new Map([entry(1, '5', 'TRY'), entry(2, '100', 'EUR'), entry(3, '23', 'EUR')]);
    fines.set(FineId.parse(uuid8(4)), { status, amount: money('7'), points: 0, bases });
    expect(standingSummary({ fines })).toEqual([
      { status, currency: 'EUR', fines: 3, points: 5, amount: money('130') },
      { status, currency: 'TRY', fines: 1, points: 1, amount: money('5', 'TRY') },
    ]);
  });
  it('keeps statuses apart, in order', () => {
    const history = [copied, fact(StandingFineCopied, noon, { ...confirmed, fine: otherFine })];
    expect(standingSummary(replay(standingDecider, history)).map(({ status }) => status)).toEqual([
      'confirmed',
      'issued',
    ]);
  });
  it('has no line for what does not occur', () => {
    expect(standingSummary(standingDecider.initial)).toEqual([]);
  });
  it('adds beyond 53 bits to the last unit', () => {
    const fines = new Map([entry(1, '9007199254740993', 'EUR'), entry(2, '1', 'EUR')]);
    expect(standingSummary({ fines })[0]?.amount).toEqual(money('9007199254740994'));
  });
  it('accounts for every fine and every unit', () => {
    fc.assert(
      fc.property(fc.array(anyMoney, { maxLength: 50 }), (amounts) => {
        const fines = new Map(amounts.map(({ amount, currency }, n) => entry(n, amount, currency)));
        const lines = standingSummary({ fines });
        const sum = (all: readonly bigint[]) => all.reduce((left, right) => left + right, 0n);
        expect(lines.reduce((count, line) => count + line.fines, 0)).toBe(amounts.length);
        expect(sum(lines.map(({ amount }) => minorUnits(amount)))).toBe(
          sum(amounts.map(minorUnits)),
        );
      }),
    );
  });
});

describe('the laws of a standing', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(standingDecider, anyCommand);
    expect(seen.events).toEqual(standingEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual(['StatementOutdated']);
  });
});
