import { ACCOUNTS, type AccountCode } from '#domain/finance/accounts.ts';
import { lastDayOf } from '#domain/finance/period.ts';
import { type EntryLine, flipped, postingRule } from '#domain/finance/postingRule.ts';
import { type Currency, moneyOf } from '#domain/kernel/money.ts';
import { RunPosted, RunReversed } from '#domain/runs/events.ts';
import { REVALUATION_RULE, type RevaluationLine } from '#domain/runs/lines/revaluation.ts';
import { openLinesIn } from './openLines.ts';

const exchange = ACCOUNTS.exchange.code;

const on = (account: AccountCode, minor: bigint, currency: Currency): readonly EntryLine[] => {
  if (minor === 0n) return [];
  const side = minor > 0n ? 'debit' : 'credit';
  const amount = moneyOf(minor > 0n ? minor : -minor, currency);
  return [{ account, side, amount, driver: null, party: null }];
};

/** Foreign revenue and costs leave their accounts over the exchange account. */
const outOf = ({ converted, currency }: RevaluationLine): readonly EntryLine[] =>
  converted.flatMap(({ account, foreign }) => [
    ...on(account, -BigInt(foreign), currency),
    ...on(exchange, BigInt(foreign), currency),
  ]);

/** They come back in the park's currency, and what is held is carried at what it is by the rate. */
const into = (
  { converted, realised, unrealised }: RevaluationLine,
  own: Currency,
): readonly EntryLine[] => {
  const difference = BigInt(realised) + BigInt(unrealised);
  return [
    ...converted.flatMap((each) => [
      ...on(each.account, BigInt(each.own), own),
      ...on(exchange, -BigInt(each.own), own),
    ]),
    ...on(exchange, difference, own),
    ...on(ACCOUNTS.differences.code, -difference, own),
  ];
};

/**
 * A posted revaluation, an entry in each currency of a book, so that each balances by itself: the rate at
 * which they meet is in the line of the run. Dated the last day of its month.
 */
export const revaluationRule = postingRule({
  name: REVALUATION_RULE,
  version: 1,
  handles: [RunPosted, RunReversed],
  history: true,
  drafts: ({ type, data }, before) => {
    const found = data.kind === 'revaluation' ? openLinesIn(before, data.run) : null;
    if (!found) return [];
    return found.lines.flatMap((line) => {
      if (line.kind !== 'revaluation') return [];
      const book = { park: data.park, vehicle: line.vehicle };
      const date = lastDayOf(data.period);
      return [outOf(line), into(line, found.currency)]
        .filter((lines) => lines.length > 0)
        .map((lines) => ({ book, date, lines: type === 'RunPosted' ? lines : flipped(lines) }));
    });
  },
});
