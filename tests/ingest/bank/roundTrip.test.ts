import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExpectedPayment, type IsTold, matchLines } from '#domain/finance/matching.ts';
import { linesOf } from '#domain/finance/statement.ts';
import { camt053 } from '#ingest/bank/camt053.ts';
import { pain001 } from '#ingest/bank/pain001.ts';
import { bankAnswer } from '#simulators/bank/bankAnswer.ts';
import { aBatch, aTransfer } from '#tests/support/bank.ts';
import { rightOf } from '#tests/support/ledger.ts';

/** Some payments, how the bank books them, and which of them come back. */
const anyOrder = fc.record({
  payments: fc.array(
    fc.record({ cents: fc.bigInt({ min: 1n, max: 99_999_999_999n }), comesBack: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  ),
  booking: fc.constantFrom('single', 'batch'),
  opening_cents: fc.bigInt({ min: -1_000_000n, max: 10n ** 12n }),
});
type Order = typeof anyOrder extends fc.Arbitrary<infer Value> ? Value : never;

const answered = ({ payments, booking, opening_cents }: Order) => {
  const transfers = payments.map(({ cents }, n) => aTransfer(n, String(cents)));
  const back = transfers.filter((_, n) => payments[n]?.comesBack);
  const text = bankAnswer(rightOf(pain001(aBatch(transfers))), {
    ...{ statementId: 'S-1', on: '2026-04-03', booking, opening_cents },
    returned: new Map(back.map(({ endToEndId }) => [endToEndId, 'AC04'])),
  });
  const expected = new Map<string, ExpectedPayment>(
    transfers.map(({ endToEndId, amount }) => [endToEndId, { amount, status: 'sent' }]),
  );
  return { transfers, back, text, expected };
};

const nothingTold = () => false;

const linesIn = (text: string) => rightOf(camt053(text)).flatMap(linesOf);

describe('what is ordered and answered by a bank', () => {
  it('matches wholly, in any order, and twice is once', () => {
    fc.assert(
      fc.property(anyOrder, fc.infiniteStream(fc.nat()), (order, chance) => {
        const { transfers, back, text, expected } = answered(order);
        const lines = linesIn(text);
        const matches = matchLines(lines, expected, nothingTold);
        const ids = (kind: string) =>
          matches.flatMap((match) => (match.kind === kind ? [match.endToEndId] : [])).sort();
        expect(ids('matched')).toEqual(transfers.map(({ endToEndId }) => endToEndId).sort());
        expect(ids('returned')).toEqual(back.map(({ endToEndId }) => endToEndId).sort());
        expect(ids('unmatched')).toEqual([]);
        const keyed = [...lines, ...lines].map((line) => ({ line, key: chance.next().value }));
        const shuffled = keyed.sort((one, other) => one.key - other.key).map(({ line }) => line);
        expect(matchLines(shuffled, expected, nothingTold)).toEqual(matches);
        expect(matchLines(lines, expected, () => true)).toEqual([]);
        // Broken off after some payments, the statement tells the rest when it comes again.
        const half = new Set(ids('matched').filter(() => chance.next().value % 2 === 0));
        const now = new Map(
          transfers.map(({ endToEndId, amount }) => {
            const status = half.has(endToEndId) ? ('paid' as const) : ('sent' as const);
            return [endToEndId, { amount, status }];
          }),
        );
        const isTold: IsTold = (id, { direction }) => direction === 'debit' && half.has(id);
        const rest = matches.filter(
          (match) => match.kind !== 'matched' || !half.has(match.endToEndId),
        );
        expect(matchLines(lines, now, isTold)).toEqual(rest);
      }),
    );
  });

  it('is looked at by somebody where a cent is another, and only there', () => {
    fc.assert(
      fc.property(anyOrder, fc.nat(), (order, which) => {
        const { transfers, text, expected } = answered({ ...order, booking: 'single' });
        const lines = linesIn(text);
        const place = which % transfers.length;
        const changed = lines.map((line, n) => {
          if (n !== place) return line;
          const amount = { ...line.amount, amount: String(BigInt(line.amount.amount) + 1n) };
          return { ...line, amount, details: line.details.map((each) => ({ ...each, amount })) };
        });
        const faults = (some: typeof lines) =>
          matchLines(some, expected, nothingTold).flatMap((match) =>
            match.kind === 'unmatched' ? [[match.code, match.endToEndId]] : [],
          );
        const id = transfers[place]?.endToEndId;
        const comesBack = order.payments[place]?.comesBack;
        const told = [['AmountDiffers', id], ...(comesBack ? [['ReturnedUnpaid', id]] : [])];
        expect(faults(changed)).toEqual(told);
        // The bank tells the same entry again with another amount: neither is silently taken.
        const again = [...lines, ...changed.filter((_, n) => n === place)];
        expect(faults(again).map(([code]) => code)).toContain('ReferenceReused');
      }),
    );
  });
});
