import type { LedgerFact } from '#domain/events.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { BankExceptionNoted, BankExceptionSettled } from '#domain/finance/bank/events.ts';
import {
  AssetPeriodClosed,
  EntryPosted,
  ParkPeriodClosed,
} from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { ActorId, BankExceptionId, BookId, EntryId, RunId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  PaymentsConfirmed,
  PaymentsOrdered,
  PaymentsReturned,
  RunApproved,
  RunPosted,
  RunProposed,
  RunReversed,
  RunWithdrawn,
} from '#domain/runs/events.ts';
import {
  ann,
  basis,
  berlin,
  day,
  digest,
  euro,
  money,
  morning,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const period = Period.parse('2026-03');
const ofVan = { book: BookId.parse(van), park: berlin, vehicle: van, period };
const ofPark = { book: BookId.parse(berlin), park: berlin, vehicle: null, period };
const said = {
  ...{ transaction: 'T-1', rule: null, reason: 'by_hand', basis, about: null },
  ...{ reverses: null, exchange: null },
  lines: [
    debit(ACCOUNTS.receivable, money('11900'), { driver: ann }),
    credit(ACCOUNTS.rentals, money('10000')),
    credit(ACCOUNTS.taxes, money('1900')),
  ],
};
const entryOf = (book: string, n: number): EntryId => EntryId.parse(`${book}-202603~${uuid8(n)}`);
const run = {
  run: RunId.parse(`payout-${berlin}-202603~${uuid8(0x801)}`),
  kind: 'payout',
  park: berlin,
  period,
} as const;
const user = ActorId.parse(uuid8(0x90));
const totals = {
  ...{ assets: 1, holders: 2, currency: euro },
  ...{ allocated: '100', operator: '20', reserved: '5', carried: '1' },
};
const exception = BankExceptionId.parse(uuid8(0x820));
const told = { ...run, currency: euro, statement: digest(10) };
const line = { line: 0, vehicle: van, amount: '60', entry: digest(9) };

/** Without having been proposed a run could not go on. */
export const runProposed: LedgerFact = fact(RunProposed, morning, {
  ...run,
  ...{ version: 1, inputs: digest(7), totals, user },
});

/** What may come of the books of the van and its park, and of their run, in any order. */
export const booksFactsAt = (when: Moment, other: Moment): readonly LedgerFact[] => [
  fact(EntryPosted, when, {
    ...said,
    ...ofVan,
    entry: entryOf(van, 0x811),
    date: day('2026-03-02'),
  }),
  fact(EntryPosted, when, {
    ...said,
    ...ofVan,
    entry: entryOf(van, 0x812),
    date: day('2026-03-03'),
  }),
  fact(EntryPosted, other, {
    ...said,
    ...ofPark,
    entry: entryOf(berlin, 0x813),
    date: day('2026-03-02'),
  }),
  fact(AssetPeriodClosed, when, { ...ofVan, entries: 0, last: [], totals: [] }),
  fact(ParkPeriodClosed, other, { ...ofPark, entries: 0, last: [], totals: [] }),
  fact(RunApproved, when, { ...run, inputs: digest(7), user }),
  fact(RunPosted, when, { ...run, inputs: digest(7), assets: 1, count: 2, root: digest(8) }),
  fact(RunWithdrawn, when, { ...run, reason: 'mistake', user }),
  fact(RunReversed, other, { ...run, reason: 'mistake', user }),
  fact(PaymentsOrdered, when, {
    ...run,
    message: 'M-1',
    executionDate: day('2026-04-02'),
    lines: [0, 1],
  }),
  fact(PaymentsConfirmed, when, { ...told, lines: [line] }),
  fact(BankExceptionNoted, when, {
    ...{ exception, statement: digest(10), code: 'PaymentUnknown', direction: 'credit' },
    ...{ on: day('2026-04-03'), amount: money('500'), ref: 'R2' },
  }),
  fact(BankExceptionSettled, other, { exception, reason: 'known_payer', user }),
  fact(PaymentsReturned, other, { ...told, lines: [{ ...line, reason: 'AC04' }] }),
];
