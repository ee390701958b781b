import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { credit, debit, flipped, moving, postingRule } from '#domain/finance/postingRule.ts';
import { moneyOf } from '#domain/kernel/money.ts';
import { PaymentsConfirmed, PaymentsReturned } from '#domain/runs/events.ts';
import { openLinesIn } from './openLines.ts';

/** The operator is paid for all assets of a run at once; in the books each asset pays its part. */
export const operatorPaymentsRule = postingRule({
  name: 'operator_payments',
  version: 1,
  handles: [PaymentsConfirmed, PaymentsReturned],
  history: true,
  drafts: ({ type, data, when }, before) => {
    const found = data.kind === 'operator' ? openLinesIn(before, data.run) : null;
    if (!found) return [];
    return found.lines.flatMap((line) => {
      if (line.kind !== 'operator') return [];
      const { vehicle, payee: party } = line;
      const amount = moneyOf(BigInt(line.amount), found.currency);
      const paid = moving([
        debit(ACCOUNTS.payableOperator, amount, { party }),
        credit(ACCOUNTS.bank, amount, { party }),
      ]);
      const lines = type === 'PaymentsConfirmed' ? paid : flipped(paid);
      return [{ book: { park: data.park, vehicle }, date: when.localDate, lines }];
    });
  },
});
