import { z } from 'zod';
import { AccountCode } from '#domain/finance/accounts.ts';
import { dayOfPark } from '#domain/finance/journal/events.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency, minorUnits } from '#domain/kernel/money.ts';
import { daybookKey } from '#domain/kernel/subjects.ts';
import type { Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

const Sum = z.string().regex(/^\d{1,18}$/);

/** What a day moved on an account of a park in one currency: sums of debits and credits in minor units. */
export const AccountDayRow = z.strictObject({
  park: ParkId,
  account: AccountCode,
  currency: Currency,
  date: LocalDate,
  debit: Sum,
  credit: Sum,
  lines: z.int(),
  ...lastEvent,
});
export type AccountDayRow = z.infer<typeof AccountDayRow>;

const SEPARATOR = '~';

const keyOf = (park: string, date: string, { account, amount }: EntryLine): string =>
  [park, account, amount.currency, date].join(SEPARATOR);

const added = (sum: string, lines: readonly EntryLine[], side: EntryLine['side']): string =>
  lines
    .filter((line) => line.side === side)
    .reduce((minor, { amount }) => minor + minorUnits(amount), BigInt(sum))
    .toString();

/**
 * The sums of each account of a park by day, so that a trial balance at any date adds up days and not
 * entries.
 */
export const accountDays: Projection<AccountDayRow> = {
  name: 'account_days',
  version: 1,
  row: AccountDayRow,
  handles: ['EntryPosted'],
  keys: ({ fact }) => {
    if (fact.type !== 'EntryPosted') return [];
    const { park, date, lines } = fact.data;
    return [...new Set(lines.map((line) => keyOf(park, date, line)))];
  },
  evolve: (row, event, key) => {
    const { fact } = event;
    if (fact.type !== 'EntryPosted') return row;
    const { park, date } = fact.data;
    const lines = fact.data.lines.filter((line) => keyOf(park, date, line) === key);
    const [first] = lines;
    if (!first) return row;
    const { account, amount } = first;
    const { debit, credit, lines: before } = row ?? { debit: '0', credit: '0', lines: 0 };
    return {
      ...{ park, account, currency: amount.currency, date },
      debit: added(debit, lines, 'debit'),
      credit: added(credit, lines, 'credit'),
      lines: before + lines.length,
      ...after(event),
    };
  },
  subject: (key) => {
    const [park, , , date] = key.split(SEPARATOR);
    return daybookKey(dayOfPark({ park: ParkId.parse(park), date: LocalDate.parse(date) }));
  },
  columns: {
    park: { path: ['park'], type: 'text' },
    account: { path: ['account'], type: 'text' },
    currency: { path: ['currency'], type: 'text' },
    date: { path: ['date'], type: 'date' },
    debit: { path: ['debit'], type: 'bigint' },
    credit: { path: ['credit'], type: 'bigint' },
  },
  indexes: [
    ['date', 'account'],
    ['park', 'date'],
  ],
};
