import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { replay } from '#domain/kernel/decider.ts';
import { ActorId, RunId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type AssetLine,
  ORDERED_PER_EVENT_MAX,
  PaymentsConfirmed,
  PaymentsOrdered,
  PaymentsReturned,
  RunApproved,
  RunAssetsReckoned,
  type RunEvent,
  RunLinesSealed,
  RunPosted,
  RunProposed,
  RunReversed,
  type RunTotals,
  RunWithdrawn,
} from '#domain/runs/events.ts';
import { type RunCommand, runDecider } from '#domain/runs/run.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import { berlin, day, digest, euro, morning, noon, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(runDecider);

const runOf = (n: number): RunId => RunId.parse(`payout-${berlin}-202603~${uuid8(n)}`);
const run = runOf(1);
const second = runOf(2);
const ada = ActorId.parse(uuid8(0x70));
const bea = ActorId.parse(uuid8(0x71));
const inputs = digest(1);
const root = digest(2);
const slot = { kind: 'payout', park: berlin, period: Period.parse('2026-03') } as const;
const of = { run, ...slot };

const none = { reserve: '0', advanced: '0', remainder: '0' };
const line: AssetLine = {
  ...{ vehicle: van, inputs: digest(3), entries: 2, termsFrom: day('2026-01-01') },
  revenue: '1000',
  costs: [{ account: ACCOUNTS.repairs.code, amount: '400' }],
  opening: none,
  ...{ fromReserve: '0', toReserve: '0', advanced: '0', recouped: '0' },
  ...{ operatorFee: '120', operatorRest: '0', toInvestors: '480', distributable: '480' },
  ...{ shareDays: '31000', holders: 3, allocated: '479' },
  closing: { ...none, remainder: '1' },
};
const totals: RunTotals = {
  ...{ assets: 1, holders: 3, currency: euro },
  ...{ allocated: '479', operator: '120', reserved: '0', carried: '1' },
};
const sealed = [digest(10), digest(11), digest(12)];
const parts = [{ vehicle: van, count: 3 }];

const proposed = fact(RunProposed, morning, { ...of, version: 1, inputs, totals, user: ada });
const approved = fact(RunApproved, noon, { ...of, inputs, user: bea });
const reckoned = fact(RunAssetsReckoned, noon, { ...of, from: 0, lines: [line] });
const linesSealed = { ...fact(RunLinesSealed, noon, { ...of, from: 0, parts }), sealed };
const posted = fact(RunPosted, noon, { ...of, inputs, assets: 1, count: 3, root });
const reversed = fact(RunReversed, noon, { ...of, reason: 'wrong_terms', user: ada });
const withdrawn = fact(RunWithdrawn, noon, { ...of, reason: 'mistaken', user: ada });
const agreed = [proposed, approved];
const written = [...agreed, reckoned, linesSealed];
const holding = [...written, posted];

const asks = { ...of, when: noon };
const propose = { ...asks, type: 'ProposeRun', version: 1, inputs, totals, user: ada } as const;
const approve = { ...asks, type: 'ApproveRun', inputs, user: bea } as const;
const post = { ...asks, type: 'PostRun', inputs, root } as const;
const reverse = { ...asks, type: 'ReverseRun', reason: 'wrong_terms', user: ada } as const;
const executionDate = day('2026-04-03');
const order = (message: string, lines: readonly number[]): RunCommand => ({
  ...{ ...asks, type: 'OrderPayments', message, executionDate, lines },
});
const ordered = (message: string, lines: readonly number[]): RunEvent =>
  fact(PaymentsOrdered, noon, { ...of, message, executionDate, lines: [...lines] });

const statement = digest(20);
const of2 = { currency: euro, statement };
const paidLine = (n: number, entry: number) => ({
  ...{ line: n, vehicle: van, amount: '160', entry: digest(entry) },
});
const backLine = (n: number, entry: number) => ({ ...paidLine(n, entry), reason: 'AC04' });
const confirm = (...lines: readonly ReturnType<typeof paidLine>[]): RunCommand => ({
  ...{ ...asks, ...of2, type: 'ConfirmPayments', lines },
});
const giveBack = (...lines: readonly ReturnType<typeof backLine>[]): RunCommand => ({
  ...{ ...asks, ...of2, type: 'ReturnPayments', lines },
});
const confirmed = (...lines: readonly ReturnType<typeof paidLine>[]): RunEvent =>
  fact(PaymentsConfirmed, noon, { ...of, ...of2, lines: [...lines] });
const returned = (...lines: readonly ReturnType<typeof backLine>[]): RunEvent =>
  fact(PaymentsReturned, noon, { ...of, ...of2, lines: [...lines] });

describe('a run up to its posting', () => {
  it('is proposed by one and approved by another, who names what is approved', () => {
    given()
      .when(propose)
      .yields({ ...proposed, when: noon });
    given().when(approve).refuses('RunUnknown');
    given(proposed).when(approve).yields(approved);
    given(proposed)
      .when({ ...approve, user: ada })
      .refuses('OwnRun');
    given(proposed)
      .when({ ...approve, inputs: digest(9) })
      .refuses('RunInputsChanged');
    given(...agreed)
      .when({ ...approve, user: ada })
      .refuses('RunApprovedAlready');
  });

  it('is written down in its order and whole before it is posted', () => {
    const reckon = { ...asks, type: 'ReckonAssets', from: 0, lines: [line] } as const;
    const seal = { ...asks, type: 'SealLines', from: 0, chunks: [{ parts, sealed }] } as const;
    given(proposed).when(reckon).refuses('RunPhaseConflict');
    given(...agreed)
      .when(reckon)
      .yields(reckoned);
    given(...agreed)
      .when({ ...reckon, from: 1 })
      .refuses('LinesOutOfOrder');
    given(...agreed, reckoned)
      .when(seal)
      .yields(linesSealed);
    given(...agreed)
      .when({ ...seal, from: 1 })
      .refuses('LinesOutOfOrder');
    given(...agreed, reckoned)
      .when(post)
      .refuses('LinesMissing');
    given(...written)
      .when({ ...post, inputs: digest(9) })
      .refuses('RunInputsChanged');
    given(...written)
      .when(post)
      .yields(posted);
  });

  it('is the only one of its month that holds, until it is taken back', () => {
    given(...holding)
      .when({ ...propose, run: second })
      .refuses('RunPostedAlready');
    given(...holding)
      .when(reverse)
      .yields(reversed);
    const again = { ...proposed, when: noon, data: { ...proposed.data, run: second } };
    given(...holding, reversed)
      .when({ ...propose, run: second })
      .yields(again);
    given(...holding, ordered('M1', [0]))
      .when(reverse)
      .refuses('PaymentsOrdered');
  });

  it('may be dropped before it is posted, and not after', () => {
    const withdraw = { ...asks, type: 'WithdrawRun', reason: 'mistaken', user: ada } as const;
    given(...agreed)
      .when(withdraw)
      .yields(withdrawn);
    given(...holding)
      .when(withdraw)
      .refuses('RunPhaseConflict');
    given(proposed, withdrawn).when(approve).refuses('RunPhaseConflict');
  });
});

describe('payments of a run', () => {
  it('are asked for once, and again where they came back', () => {
    given(...written)
      .when(order('M1', [0]))
      .refuses('RunPhaseConflict');
    given(...holding)
      .when(order('M1', [0, 2]))
      .yields(ordered('M1', [0, 2]));
    given(...holding)
      .when(order('M1', [0, 0]))
      .refuses('PaymentsOrdered');
    given(...holding)
      .when(order('M1', [3]))
      .refuses('LinesMissing');
    const waiting = [...holding, ordered('M1', [0, 2])];
    given(...waiting)
      .when(order('M2', [0]))
      .refuses('PaymentsOrdered');
    given(...waiting)
      .when(order('M2', [1]))
      .yields(ordered('M2', [1]));
    const paid = [...waiting, confirmed(paidLine(0, 30))];
    given(...paid)
      .when(order('M2', [0]))
      .refuses('PaymentsOrdered');
    given(...paid, returned(backLine(0, 31)))
      .when(order('M2', [0]))
      .yields(ordered('M2', [0]));
  });

  it('are told in events of bounded length, which are one file', () => {
    const many = ORDERED_PER_EVENT_MAX + 1;
    const large = { ...totals, holders: many };
    const big = { ...proposed, data: { ...proposed.data, totals: large } };
    const all = Array.from({ length: many }, (_, index) => index);
    const chunk = { ...linesSealed, sealed: all.map(() => digest(10)) };
    const history = [big, approved, reckoned, chunk, posted];
    const [first, last] = [ordered('M1', all.slice(0, -1)), ordered('M1', all.slice(-1))];
    given(...history)
      .when(order('M1', all))
      .yields(first, last);
    const state = replay(runDecider, [...history, first, last]).get(run);
    expect(state?.orders.get('M1')?.lines).toEqual(all);
  });

  it('are paid when the bank says so, and only what was asked for', () => {
    const waiting = [...holding, ordered('M1', [0, 1])];
    given(...waiting)
      .when(confirm(paidLine(0, 30), paidLine(1, 30)))
      .yields(confirmed(paidLine(0, 30), paidLine(1, 30)));
    given(...waiting)
      .when(confirm(paidLine(2, 30)))
      .refuses('PaymentNotOrdered');
    const paid = [...waiting, confirmed(paidLine(0, 30))];
    given(...paid)
      .when(confirm(paidLine(0, 31)))
      .refuses('PaymentOutOfTurn');
    given(...paid)
      .when(confirm(paidLine(0, 30), paidLine(1, 30)))
      .yields(confirmed(paidLine(1, 30)));
  });

  it('come back after they were paid, never before', () => {
    const waiting = [...holding, ordered('M1', [0])];
    given(...waiting)
      .when(giveBack(backLine(0, 31)))
      .refuses('PaymentOutOfTurn');
    const paid = [...waiting, confirmed(paidLine(0, 30))];
    given(...paid)
      .when(giveBack(backLine(0, 31)))
      .yields(returned(backLine(0, 31)));
    const back = [...paid, returned(backLine(0, 31))];
    given(...back)
      .when(giveBack(backLine(0, 32)))
      .refuses('PaymentOutOfTurn');
  });

  it('are not paid a second time by an entry that was told before', () => {
    const back = [...holding, ordered('M1', [0]), confirmed(paidLine(0, 30))];
    const again = [...back, returned(backLine(0, 31)), ordered('M2', [0])];
    given(...again)
      .when(confirm(paidLine(0, 30)))
      .yields();
    given(...again)
      .when(giveBack(backLine(0, 31)))
      .yields();
    given(...again)
      .when(confirm(paidLine(0, 32)))
      .yields(confirmed(paidLine(0, 32)));
  });
});

/** Mostly what leads on, so that histories get as far as payments that come back. */
const mostly = <Value>(usual: Value, other: Value): fc.Arbitrary<Value> =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: 9 },
    { arbitrary: fc.constant(other), weight: 1 },
  );
const anyInputs = mostly(inputs, digest(9));
const anyLines = mostly([0], [1, 2]).chain((lines) => mostly(lines, [3]));
const anyEntry = fc.nat(3);
const early = fc
  .record({
    asked: mostly(run, second),
    rests: anyInputs,
    user: mostly(bea, ada),
    from: mostly(0, 1),
  })
  .chain(({ asked, rests, user, from }): fc.Arbitrary<RunCommand> => {
    const to = { ...asks, run: asked };
    return fc.constantFrom<RunCommand>(
      { ...propose, ...to, inputs: rests },
      { ...approve, ...to, inputs: rests, user },
      { ...to, type: 'ReckonAssets', from, lines: [line] },
      { ...to, type: 'SealLines', from, chunks: [{ parts, sealed }] },
      { ...post, ...to, inputs: rests },
    );
  });
const late = fc
  .record({ lines: anyLines, entry: anyEntry, message: fc.constantFrom('M1', 'M2', 'M3', 'M4') })
  .chain(({ lines, entry, message }) =>
    fc.constantFrom<RunCommand>(
      order(message, lines),
      confirm(...lines.map((n) => paidLine(n, 30 + entry))),
      giveBack(...lines.map((n) => backLine(n, 40 + entry))),
    ),
  );
const end = fc.constantFrom<RunCommand>(
  { ...asks, type: 'WithdrawRun', reason: 'mistaken', user: ada },
  reverse,
);
const anyCommand = fc.oneof(
  { arbitrary: early, weight: 10 },
  { arbitrary: late, weight: 8 },
  { arbitrary: end, weight: 1 },
);

describe('the decider of runs', () => {
  it('holds to the laws', () => {
    const seen = holdToLaws(runDecider, anyCommand);
    expect(seen.events).toEqual([
      ...['PaymentsConfirmed', 'PaymentsOrdered', 'PaymentsReturned', 'RunApproved'],
      ...['RunAssetsReckoned', 'RunLinesSealed', 'RunPosted', 'RunProposed', 'RunReversed'],
      'RunWithdrawn',
    ]);
    expect(seen.refusals).toEqual([
      ...['LinesMissing', 'LinesOutOfOrder', 'OwnRun', 'PaymentNotOrdered', 'PaymentOutOfTurn'],
      ...['PaymentsOrdered', 'RunApprovedAlready', 'RunInputsChanged', 'RunPhaseConflict'],
      ...['RunPostedAlready', 'RunUnknown'],
    ]);
  });
});
