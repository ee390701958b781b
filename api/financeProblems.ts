import type { Code, Row } from './problemRow.ts';

/** The codes of the books and of runs. */
export const financeProblems = {
  EntryUnbalanced: {
    status: 422,
    title: 'Debits and credits are not equal',
    tell: ({ currency }) => ({ currency }),
  },
  ExchangeRateMissing: { status: 422, title: 'Two currencies meet without a recorded rate' },
  ExchangeRateBroken: {
    status: 422,
    title: 'The amounts are not those that the rate makes of each other',
    tell: ({ currency }) => ({ currency }),
  },
  CurrenciesSame: { status: 422, title: 'A currency is not exchanged for itself' },
  RateMissing: {
    status: 409,
    title: 'No rate is recorded of that day, nor of the week before it',
    tell: ({ from, to, date }) => ({ from, to, date }),
  },
  AccountUnknown: {
    status: 422,
    title: 'The account is not in the chart',
    tell: ({ account }) => ({ account }),
  },
  AccountOfOtherClass: {
    status: 422,
    title: 'The first digit of an account says what it is',
    tell: ({ account }) => ({ account }),
  },
  AccountInUse: {
    status: 409,
    title: 'An entry has touched the account',
    tell: ({ account }) => ({ account }),
  },
  AccountOfRules: {
    status: 409,
    title: 'Rules post to the account',
    tell: ({ account }) => ({ account }),
  },
  DateOutsidePeriod: { status: 422, title: 'The day is not in that month' },
  PeriodClosed: {
    status: 409,
    title: 'The month is closed',
    tell: ({ period }) => ({ period }),
  },
  TransactionReused: {
    status: 409,
    title: 'The transaction was posted with another content',
  },
  EntriesCameMeanwhile: { status: 409, title: 'Entries came while the month was being closed' },
  PeriodNotOver: {
    status: 409,
    title: 'The month is not over',
    tell: ({ period }) => ({ period }),
  },
  EarlierPeriodOpen: {
    status: 409,
    title: 'A month before it is open',
    tell: ({ period }) => ({ period }),
  },
  Behind: { status: 503, title: 'The journal has not got there yet; ask again' },
  EntryUnknown: { status: 404, title: 'No such entry' },
  RunUnknown: { status: 404, title: 'No such run' },
  PeriodOpen: { status: 409, title: 'The month is not closed', tell: ({ period }) => ({ period }) },
  EarlierRunMissing: {
    status: 409,
    title: 'A month before it has not been paid out',
    tell: ({ period }) => ({ period }),
  },
  TermsMissing: {
    status: 409,
    title: 'An asset has shares and no terms',
    tell: ({ vehicle }) => ({ vehicle_id: vehicle }),
  },
  RunPhaseConflict: {
    status: 409,
    title: 'The run is not in a state for that',
    tell: ({ phase }) => ({ phase }),
  },
  OwnRun: { status: 403, title: 'Another person must approve it' },
  RunApprovedAlready: { status: 409, title: 'The run is approved already' },
  RunPostedAlready: {
    status: 409,
    title: 'A run is posted for that month',
    tell: ({ run }) => ({ run_id: run }),
  },
  RunInputsChanged: { status: 409, title: 'The run would not rest on what was approved' },
  LinesOutOfOrder: { status: 409, title: 'Lines of the run are missing before these' },
  LinesMissing: { status: 409, title: 'The run has not got all its lines' },
  LaterRunPosted: {
    status: 409,
    title: 'A later run builds on this one',
    tell: ({ run }) => ({ run_id: run }),
  },
  PayoutRunMissing: {
    status: 409,
    title: 'No payout is posted for that month',
    tell: ({ period }) => ({ period }),
  },
  BankExceptionUnknown: { status: 404, title: 'No such line of a bank statement' },
  PayeeMissing: { status: 422, title: 'Such a run needs a party that it pays' },
  RunIrreversible: { status: 409, title: 'Such a run is not taken back' },
  PaymentsOrdered: { status: 409, title: 'The bank was asked to pay lines of the run' },
  PaymentNotOrdered: { status: 409, title: 'The bank was never asked to pay that line' },
  MessageUnknown: { status: 404, title: 'No such payment file' },
  PayeeUnpayable: {
    status: 409,
    title: 'No account is known any more for a line of the file',
    tell: ({ line }) => ({ line }),
  },
  BankAccountMissing: { status: 409, title: 'No account is configured to pay from' },
  BatchRefused: { status: 409, title: 'No bank would take the file', tell: ({ why }) => ({ why }) },
  ImportUnknown: { status: 404, title: 'No such import' },
  ImportFolderMissing: { status: 409, title: 'No folder is configured to look into' },
  ImportRefused: {
    status: 422,
    title: 'The table cannot be read',
    tell: ({ why, columns }) => ({ why, columns }),
  },
  StatementUnknown: { status: 404, title: 'No run over that month was posted' },
  StatementRefused: {
    status: 422,
    title: 'The statement cannot be believed',
    tell: ({ why, at }) => ({ why, at }),
  },
  PaymentOutOfTurn: { status: 409, title: 'That cannot follow upon what the bank said before' },
} as const satisfies Partial<{ readonly [C in Code]: Row<C> }>;
