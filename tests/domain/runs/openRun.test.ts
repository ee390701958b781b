import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Period } from '#domain/finance/period.ts';
import { RunId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RunApproved, RunLinesReckoned, RunPosted, RunProposed } from '#domain/runs/events.ts';
import type { SettlementLine } from '#domain/runs/lines/settlement.ts';
import { type RunCommand, runDecider } from '#domain/runs/run.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import {
  ann,
  berlin,
  bob,
  day,
  digest,
  euro,
  morning,
  noon,
  uuid8,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { ada, bea } from './runScene.ts';

const { given } = spec(runDecider);
const run = RunId.parse(`settlement-${berlin}-202603~${uuid8(1)}`);
const of = { run, kind: 'settlement', park: berlin, period: Period.parse('2026-03') } as const;
const asks = { ...of, when: noon };
const inputs = digest(1);
const root = digest(2);
const lineOf = (driver: typeof ann): SettlementLine => ({
  ...{ kind: 'settlement', driver, inputs: digest(3), entries: 2 },
  ...{ shares: '900', before: '0', owed: '100', offset: '100', amount: '800' },
});
const totals = { lines: 2, currency: euro, amount: '1600', payee: null };
const proposed = fact(RunProposed, morning, { ...of, version: 1, inputs, totals, user: ada });
const approved = fact(RunApproved, noon, { ...of, inputs, user: bea });
const written = (from: number, driver: typeof ann) =>
  fact(RunLinesReckoned, noon, { ...of, from, lines: [lineOf(driver)] });
const posted = fact(RunPosted, noon, { ...of, inputs, assets: 0, count: 2, root });

const reckon = (from: number, ...drivers: readonly (typeof ann)[]): RunCommand => ({
  ...{ ...asks, type: 'ReckonLines', from, lines: drivers.map(lineOf) },
});
const post = { ...asks, type: 'PostRun', inputs, root } as const;
const order = (...lines: readonly number[]): RunCommand => ({
  ...{ ...asks, type: 'OrderPayments', message: 'M', executionDate: day('2026-04-02'), lines },
});

describe('a run of open lines', () => {
  it('is written down in its order, once, and whole before it is posted', () => {
    given(proposed).when(reckon(0, ann)).refuses('RunPhaseConflict');
    given(proposed, approved).when(reckon(1, bob)).refuses('LinesOutOfOrder');
    given(proposed, approved).when(reckon(0, ann)).yields(written(0, ann));
    given(proposed, approved, written(0, ann)).when(reckon(0, ann)).yields();
    given(proposed, approved, written(0, ann)).when(post).refuses('LinesMissing');
    given(proposed, approved, written(0, ann), written(1, bob)).when(post).yields(posted);
  });

  it('has as many payments as lines', () => {
    const holding = [proposed, approved, written(0, ann), written(1, bob), posted];
    given(...holding)
      .when(order(2))
      .refuses('LinesMissing');
    const state = given(...holding);
    state.when(order(0, 1)).yields({
      ...{ type: 'PaymentsOrdered', when: noon, pii: [], sealed: [] },
      data: { ...of, message: 'M', executionDate: day('2026-04-02'), lines: [0, 1] },
    });
  });

  it('holds to the laws', () => {
    const paid = { line: 0, vehicle: null, amount: '800', entry: digest(9) };
    const told = { ...asks, currency: euro, statement: digest(8) };
    const any = fc.constantFrom<RunCommand>(
      { ...asks, type: 'ProposeRun', version: 1, inputs, totals, user: ada },
      { ...asks, type: 'ApproveRun', inputs, user: bea },
      reckon(0, ann),
      reckon(1, bob),
      reckon(0, ann, bob),
      post,
      order(0),
      { ...told, type: 'ConfirmPayments', lines: [paid] },
      { ...told, type: 'ReturnPayments', lines: [{ ...paid, entry: digest(10), reason: 'AC04' }] },
    );
    const seen = holdToLaws(runDecider, any);
    expect(seen.events).toEqual(
      expect.arrayContaining(['PaymentsReturned', 'RunLinesReckoned', 'RunPosted']),
    );
    expect(seen.refusals).toEqual(expect.arrayContaining(['LinesMissing', 'LinesOutOfOrder']));
  });
});
