import fc from 'fast-check';
import { ACCOUNTS, type Account } from '#domain/finance/accounts.ts';
import { type Balances, entered, totalsOf } from '#domain/finance/journal/balance.ts';
import type { AccountTotal, Entry } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit, type EntryLine } from '#domain/finance/postingRule.ts';
import { BookId, EntryId } from '#domain/kernel/ids.ts';
import { ann, basis, berlin, day, money, owner, uuid8, van } from './samples.ts';

/** The n-th entry of a test, on a day of 2026, by hand or by a rule. */
export const anEntry = (
  n: number,
  date: string,
  lines: readonly EntryLine[],
  change: Partial<Entry> = {},
): Entry => ({
  entry: EntryId.parse(`${van}-${date.slice(0, 7).replace('-', '')}~${uuid8(n)}`),
  ...{ book: BookId.parse(van), park: berlin, vehicle: van },
  period: Period.parse(date.slice(0, 7)),
  date: day(date),
  transaction: `T-${n}`,
  rule: { name: 'driver_charged', version: 1 },
  ...{ reason: null, basis, about: null, reverses: null, exchange: null },
  lines: [...lines],
  ...change,
});

/** What the ledger holds on every account at the end of a month. */
export const totalsOfBook =
  (entries: readonly Entry[]) =>
  async (period: Period): Promise<readonly AccountTotal[]> => {
    let totals: Balances = new Map();
    for (const entry of entries) {
      if (entry.period <= period) totals = entered(totals, entry.lines);
    }
    return totalsOf(totals);
  };

const two = (of: (one: Account, other: Account) => EntryLine[]): fc.Arbitrary<EntryLine[]> =>
  fc
    .tuple(
      fc.constantFrom<Account>(...Object.values(ACCOUNTS)),
      fc.constantFrom<Account>(...Object.values(ACCOUNTS)),
    )
    .map(([one, other]) => of(one, other));

/** Lines that balance: an amount from one account to another, or split in two. */
const anyLines: fc.Arbitrary<EntryLine[]> = fc
  .record({
    cents: fc.bigInt({ min: 2n, max: 10n ** 12n }),
    currency: fc.constantFrom('EUR', 'EUR', 'TRY', 'JPY', 'TND'),
    isSplit: fc.boolean(),
  })
  .chain(({ cents, currency, isSplit }) =>
    two((one, other) => {
      const part = (minor_units: bigint) => money(String(minor_units), currency);
      const whole = debit(one, part(cents), { driver: ann });
      if (!isSplit) return [whole, credit(other, part(cents), { party: owner })];
      return [whole, credit(other, part(1n)), credit(one, part(cents - 1n))];
    }),
  );

/** A book of some months: its entries in the order of their months. */
export const anyBook: fc.Arbitrary<readonly Entry[]> = fc
  .array(
    fc.record({
      lines: anyLines,
      month: fc.constantFrom('2025-12', '2026-01', '2026-02', '2026-04'),
      date: fc.integer({ min: 1, max: 28 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) =>
    all
      .toSorted((one, other) => (one.month < other.month ? -1 : one.month > other.month ? 1 : 0))
      .map(({ lines, month, date }, n) =>
        anEntry(n, `${month}-${String(date).padStart(2, '0')}`, lines),
      ),
  );
