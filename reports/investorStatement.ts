import type { Content } from 'pdfmake/interfaces.js';
import { addMoney, decimalsOf, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { barChart } from './barChart.ts';
import { COLOURS } from './colours.ts';
import type {
  InvestorStatement,
  LinePayment,
  PayoutLine,
  PayoutPayment,
  StatementPart,
} from './data.ts';
import { type Column, figures, heading, section, table } from './layout.ts';
import { type Document, pdf } from './pdf.ts';
import { shownAmount, shownCount, shownDay, shownMoney, shownPeriod } from './shown.ts';

const WIDTH = 515;
const CHART_HEIGHT = 88;

const named = (names: readonly string[]): readonly Column[] =>
  names.map((name, place) => ({
    ...{ name, width: place === 0 ? '*' : 'auto', side: place === 0 ? 'left' : 'right' },
  }));
const RESULTS = named([
  ...['Asset', 'Revenue', 'Costs', 'Reserve', 'Advances', 'Operator', 'Investors', 'Left over'],
]);
const HANDED = named([
  ...['Asset', 'Reserve before', 'after', 'Advanced before', 'after', 'Left over before', 'after'],
]);
const LINES = named([
  ...['Asset', 'Shares', 'Share-days', 'Of all', 'To be shared', 'Your part', 'Payment'],
]);
const PAYMENTS: readonly Column[] = [
  { name: 'Day', width: 'auto', side: 'left' },
  { name: 'Reference', width: '*', side: 'left' },
  { name: 'Status', width: 'auto', side: 'left' },
  { name: 'Amount', width: 'auto', side: 'right' },
];
const STATUSES: Readonly<Record<PayoutPayment['status'], string>> = {
  ordered: 'ordered at the bank',
  paid: 'paid by the bank',
  returned: 'came back',
};
const STATES: Readonly<Record<LinePayment['state'], string>> = {
  owed: 'owed',
  ordered: 'ordered',
  paid: 'paid',
  returned: 'came back',
};

/** Amounts of one sign added up and of the other taken away. */
const sumOf = (plus: readonly Money[], minus: readonly Money[], like: Money): Money => {
  const add = (all: readonly Money[]) => all.reduce((sum, each) => sum + minorUnits(each), 0n);
  return moneyOf(add(plus) - add(minus), like.currency);
};

/** What was earned less what was spent, put aside, repaid and kept, read from left to right. */
const resultOf = ({ asset, month }: PayoutLine): readonly string[] => {
  const { revenue, to_investors, opening } = month;
  const costs = month.costs.map(({ amount }) => amount);
  const of = (plus: readonly Money[], minus: readonly Money[]) =>
    shownAmount(sumOf(plus, minus, revenue));
  return [
    ...[asset, shownAmount(revenue), of([], costs)],
    of([month.from_reserve], [month.to_reserve]),
    of([month.advanced], [month.recouped]),
    of([], [month.operator_fee, month.operator_rest]),
    ...[shownAmount(to_investors), shownAmount(opening.remainder)],
  ];
};

const handedOf = ({ asset, month: { opening, closing } }: PayoutLine): readonly string[] => [
  asset,
  ...([opening.reserve, closing.reserve, opening.advanced] as const).map(shownAmount),
  ...[closing.advanced, opening.remainder, closing.remainder].map(shownAmount),
];

const paymentText = (payment: LinePayment | null): string => {
  if (payment === null) return '–';
  const { state, on } = payment;
  return on === null ? STATES[state] : `${STATES[state]} ${on}`;
};

const lineOf = (line: PayoutLine): readonly string[] => [
  line.asset,
  `${shownCount(line.shares)} of ${shownCount(line.shares_issued)}`,
  shownCount(line.share_days),
  shownCount(line.share_days_in_all),
  shownAmount(line.distributable),
  shownAmount(line.amount),
  paymentText(line.payment),
];

const paymentOf = ({ on, reference, status, amount }: PayoutPayment): readonly string[] => [
  ...[shownDay(on), reference, STATUSES[status], shownAmount(amount)],
];

const chartOf = ({ months }: StatementPart, unit: number): string =>
  barChart({
    width: WIDTH,
    height: CHART_HEIGHT,
    labels: months.map(({ period }) => period),
    series: [
      {
        name: 'Payouts',
        colour: COLOURS.first,
        values: months.map(({ amount }) => Number(minorUnits(amount)) / unit),
      },
    ],
    shown: (value) => shownCount(Math.round(value)),
  });

const note = (text: string): Content => ({
  ...{ text, fontSize: 7.5, color: COLOURS.faint, margin: [0, 4, 0, 0] },
});

const partOf = (part: StatementPart): Content[] => {
  const { owed_before, earned, paid, owed, lines, payments, runs } = part;
  const { currency } = owed_before;
  const shared = lines.map(({ distributable }) => distributable).reduce(addMoney);
  return [
    figures([
      { name: 'Owed before', value: shownMoney(owed_before) },
      { name: 'Earned this month', value: shownMoney(earned) },
      { name: 'Paid out', value: shownMoney(paid) },
      { name: 'Owed now', value: shownMoney(owed) },
    ]),
    section(`What your assets came to, ${currency}`),
    table(RESULTS, lines.map(resultOf), null),
    note(
      'Revenue, net of tax, less costs; what came from the reserve or went into it; what the operator advanced ' +
        'or got back; what the operator gets; what is left is the investors’. What was left over of the month ' +
        'before is shared with it.',
    ),
    section(`How it came about, ${currency}`),
    table(LINES, lines.map(lineOf), [
      'All',
      '',
      '',
      '',
      shownAmount(shared),
      shownAmount(earned),
      '',
    ]),
    note(
      'Your part = to be shared × share-days / share-days of all, rounded down to the cent. What is left ' +
        'over stays with the asset and is shared next month. A share-day is one share held at midnight.',
    ),
    section(`Handed on, ${currency}`),
    table(HANDED, lines.map(handedOf), null),
    section(`Payments in the month, ${currency}`),
    payments.length === 0
      ? { text: 'None.', color: COLOURS.faint }
      : table(PAYMENTS, payments.map(paymentOf), null),
    section(`Payouts by month, ${currency}`),
    { svg: chartOf(part, 10 ** decimalsOf(currency)), width: WIDTH },
    section('To compute it again'),
    ...runs.map(({ run, root, inputs }) =>
      note(`Run ${run}\nRoot of its lines  ${root ?? '–'}\nHash of its inputs  ${inputs}`),
    ),
  ];
};

/** What an investor gets for a month, with all that is needed to compute it again. */
export const statementDocument = (statement: InvestorStatement): Document => {
  const { investor, period, createdAt, parts } = statement;
  return {
    title: `Investor statement ${period}`,
    createdAt,
    foot: `Investor statement · ${period}`,
    content: [
      { stack: [investor.name, ...investor.address], margin: [0, 0, 0, 16] },
      heading('Investor statement', shownPeriod(period)),
      ...parts.flatMap(partOf),
    ],
  };
};

/** What an investor gets for a month as a PDF. */
export const investorStatement = (statement: InvestorStatement): Promise<Buffer> =>
  pdf(statementDocument(statement));
