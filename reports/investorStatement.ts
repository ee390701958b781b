import { addMoney, decimalsOf, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { barChart } from './barChart.ts';
import { COLOURS } from './colours.ts';
import type { InvestorStatement, PayoutLine, PayoutPayment } from './data.ts';
import { type Column, figures, heading, section, table } from './layout.ts';
import { type Document, pdf } from './pdf.ts';
import { shownAmount, shownCount, shownDay, shownMoney, shownPeriod } from './shown.ts';

const WIDTH = 515;
const CHART_HEIGHT = 120;

const LINES: readonly Column[] = [
  { name: 'Asset', width: '*', side: 'left' },
  { name: 'Shares', width: 'auto', side: 'right' },
  { name: 'Share-days', width: 'auto', side: 'right' },
  { name: 'Of all', width: 'auto', side: 'right' },
  { name: 'To be shared', width: 'auto', side: 'right' },
  { name: 'Your part', width: 'auto', side: 'right' },
];
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

const lineOf = (line: PayoutLine): readonly string[] => [
  line.asset,
  `${shownCount(line.shares)} of ${shownCount(line.shares_issued)}`,
  shownCount(line.share_days),
  shownCount(line.share_days_in_all),
  shownAmount(line.distributable),
  shownAmount(line.amount),
];

const paymentOf = ({ on, reference, status, amount }: PayoutPayment): readonly string[] => [
  ...[shownDay(on), reference, STATUSES[status], shownAmount(amount)],
];

const chartOf = ({ months }: InvestorStatement, unit: number): string =>
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

/** What an investor gets for a month, with all that is needed to compute it again. */
export const statementDocument = (statement: InvestorStatement): Document => {
  const { investor, period, createdAt, run, root, inputsHash, lines, payments } = statement;
  const { owed_before, paid } = statement;
  const { currency } = owed_before;
  const earned = lines.map(({ amount }) => amount).reduce(addMoney, moneyOf(0n, currency));
  const owed = minorUnits(owed_before) + minorUnits(earned) - minorUnits(paid);
  return {
    title: `Investor statement ${period}`,
    createdAt,
    foot: `Investor statement · ${period} · run ${run}`,
    content: [
      { stack: [investor.name, ...investor.address], margin: [0, 0, 0, 24] },
      heading('Investor statement', shownPeriod(period)),
      figures([
        { name: 'Owed before', value: shownMoney(owed_before) },
        { name: 'Earned this month', value: shownMoney(earned) },
        { name: 'Paid out', value: shownMoney(paid) },
        { name: 'Owed now', value: shownMoney(moneyOf(owed, currency)) },
      ]),
      section(`How it came about, ${currency}`),
      table(LINES, lines.map(lineOf), ['All', '', '', '', '', shownAmount(earned)]),
      {
        text:
          'Your part = to be shared × share-days / share-days of all, rounded down to the cent. What is left ' +
          'over stays with the asset and is shared next month. A share-day is one share held at midnight.',
        ...{ fontSize: 7.5, color: COLOURS.faint, margin: [0, 4, 0, 0] },
      },
      section(`Payments, ${currency}`),
      payments.length === 0
        ? { text: 'None yet.', color: COLOURS.faint }
        : table(PAYMENTS, payments.map(paymentOf), null),
      section(`Payouts by month, ${currency}`),
      { svg: chartOf(statement, 10 ** decimalsOf(currency)), width: WIDTH },
      section('To compute it again'),
      {
        text: `Run ${run}\nRoot of its lines  ${root}\nHash of its inputs  ${inputsHash}`,
        ...{ fontSize: 7.5, color: COLOURS.faint },
      },
    ],
  };
};

/** What an investor gets for a month as a PDF. */
export const investorStatement = (statement: InvestorStatement): Promise<Buffer> =>
  pdf(statementDocument(statement));
