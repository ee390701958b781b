import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { ORDERED_PER_EVENT_MAX } from '#domain/runs/events.ts';
import { type RunCommand, runDecider } from '#domain/runs/run.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import { digest, noon } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import {
  ada,
  agreed,
  approve,
  approved,
  asks,
  backLine,
  bea,
  confirm,
  confirmed,
  giveBack,
  holding,
  inputs,
  line,
  linesSealed,
  order,
  ordered,
  paidLine,
  parts,
  post,
  posted,
  propose,
  proposed,
  reckoned,
  returned,
  reverse,
  reversed,
  run,
  sealed,
  second,
  totals,
  withdrawn,
  written,
} from './runScene.ts';

const { given } = spec(runDecider);

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
