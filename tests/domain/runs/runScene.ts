import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { ActorId, RunId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type AssetLine,
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
import type { RunCommand } from '#domain/runs/run.ts';
import { berlin, day, digest, euro, morning, noon, uuid8, van } from '#tests/support/samples.ts';

const runOf = (n: number): RunId => RunId.parse(`payout-${berlin}-202603~${uuid8(n)}`);
export const run = runOf(1);
export const second = runOf(2);
export const ada = ActorId.parse(uuid8(0x70));
export const bea = ActorId.parse(uuid8(0x71));
export const inputs = digest(1);
const root = digest(2);
const slot = { kind: 'payout', park: berlin, period: Period.parse('2026-03') } as const;
const of = { run, ...slot };

const none = { reserve: '0', advanced: '0', remainder: '0' };
export const line: AssetLine = {
  ...{ vehicle: van, inputs: digest(3), entries: 2, termsFrom: day('2026-01-01') },
  revenue: '1000',
  costs: [{ account: ACCOUNTS.repairs.code, amount: '400' }],
  opening: none,
  ...{ fromReserve: '0', toReserve: '0', advanced: '0', recouped: '0' },
  ...{ operatorFee: '120', operatorRest: '0', toInvestors: '480', distributable: '480' },
  ...{ shareDays: '31000', holders: 3, allocated: '479' },
  closing: { ...none, remainder: '1' },
};
export const totals: RunTotals = {
  ...{ assets: 1, holders: 3, currency: euro },
  ...{ allocated: '479', operator: '120', reserved: '0', carried: '1' },
};
export const sealed = [digest(10), digest(11), digest(12)];
export const parts = [{ vehicle: van, count: 3 }];

export const proposed = fact(RunProposed, morning, {
  ...of,
  version: 1,
  inputs,
  totals,
  user: ada,
});
export const approved = fact(RunApproved, noon, { ...of, inputs, user: bea });
export const reckoned = fact(RunAssetsReckoned, noon, { ...of, from: 0, lines: [line] });
export const linesSealed = { ...fact(RunLinesSealed, noon, { ...of, from: 0, parts }), sealed };
export const posted = fact(RunPosted, noon, { ...of, inputs, assets: 1, count: 3, root });
export const reversed = fact(RunReversed, noon, { ...of, reason: 'wrong_terms', user: ada });
export const withdrawn = fact(RunWithdrawn, noon, { ...of, reason: 'mistaken', user: ada });
export const agreed = [proposed, approved];
export const written = [...agreed, reckoned, linesSealed];
export const holding = [...written, posted];

export const asks = { ...of, when: noon };
export const propose = {
  ...asks,
  type: 'ProposeRun',
  version: 1,
  inputs,
  totals,
  user: ada,
} as const;
export const approve = { ...asks, type: 'ApproveRun', inputs, user: bea } as const;
export const post = { ...asks, type: 'PostRun', inputs, root } as const;
export const reverse = { ...asks, type: 'ReverseRun', reason: 'wrong_terms', user: ada } as const;
const executionDate = day('2026-04-03');
export const order = (message: string, lines: readonly number[]): RunCommand => ({
  ...{ ...asks, type: 'OrderPayments', message, executionDate, lines },
});
export const ordered = (message: string, lines: readonly number[]): RunEvent =>
  fact(PaymentsOrdered, noon, { ...of, message, executionDate, lines: [...lines] });

const statement = digest(20);
const of2 = { currency: euro, statement };
export const paidLine = (n: number, entry: number) => ({
  ...{ line: n, vehicle: van, amount: '160', entry: digest(entry) },
});
export const backLine = (n: number, entry: number) => ({ ...paidLine(n, entry), reason: 'AC04' });
export const confirm = (...lines: readonly ReturnType<typeof paidLine>[]): RunCommand => ({
  ...{ ...asks, ...of2, type: 'ConfirmPayments', lines },
});
export const giveBack = (...lines: readonly ReturnType<typeof backLine>[]): RunCommand => ({
  ...{ ...asks, ...of2, type: 'ReturnPayments', lines },
});
export const confirmed = (...lines: readonly ReturnType<typeof paidLine>[]): RunEvent =>
  fact(PaymentsConfirmed, noon, { ...of, ...of2, lines: [...lines] });
export const returned = (...lines: readonly ReturnType<typeof backLine>[]): RunEvent =>
  fact(PaymentsReturned, noon, { ...of, ...of2, lines: [...lines] });
