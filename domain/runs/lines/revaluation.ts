import { z } from 'zod';
import { ACCOUNTS, AccountCode, typeOfClass } from '#domain/finance/accounts.ts';
import { exchanged } from '#domain/finance/exchanged.ts';
import { type Entry, Exchange } from '#domain/finance/journal/events.ts';
import type { Period } from '#domain/finance/period.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { roundHalfAway } from '#domain/finance/rate.ts';
import { Digest, VehicleId } from '#domain/kernel/ids.ts';
import { Currency, minorUnits } from '#domain/kernel/money.ts';
import { Minor } from '#domain/runs/minor.ts';

/** Another way to reckon exchange differences is another version. */
export const REVALUATION_VERSION = 1;
/** The rule whose entries a run of this kind follows from: these it tells by the lines of runs. */
export const REVALUATION_RULE = 'revaluation';

const CONVERTED_MAX = 40;

/**
 * What a book holds in a foreign currency at the end of a month. `converted` are its revenue and costs that
 * are brought into the park's currency, debits less credits. `position` is what is held, above zero, or owed;
 * `carried` what that cost in the park's currency, with the differences of earlier runs; `value` what it is
 * by the rate, which is null where nothing is held. What differs is realised as far as what was held is gone.
 */
export const RevaluationLine = z.strictObject({
  kind: z.literal('revaluation'),
  vehicle: VehicleId.nullable(),
  inputs: Digest,
  currency: Currency,
  converted: z
    .array(z.strictObject({ account: AccountCode, foreign: Minor, own: Minor }))
    .max(CONVERTED_MAX),
  position: Minor,
  carried: Minor,
  rate: Exchange.nullable(),
  value: Minor,
  realised: Minor,
  unrealised: Minor,
});
export type RevaluationLine = z.infer<typeof RevaluationLine>;

/** What passed through the exchange account: more or less held, and what was paid or got for it. */
interface Flow {
  readonly foreign: bigint;
  readonly own: bigint;
}

/** A book's entries, and the lines of earlier runs, as far as they are about one foreign currency. */
export interface BookInCurrency {
  readonly vehicle: VehicleId | null;
  readonly inputs: Digest;
  readonly currency: Currency;
  readonly own: Currency;
  /** Entries up to the month's end, but for those of the rule. */
  readonly entries: readonly Entry[];
  /** Lines of this book and currency, and their months, oldest first. */
  readonly earlier: readonly (RevaluationLine & { readonly period: Period })[];
}

const signed = ({ side, amount }: EntryLine): bigint =>
  side === 'debit' ? minorUnits(amount) : -minorUnits(amount);

const summed = (lines: readonly EntryLine[]): bigint =>
  lines.reduce((sum, line) => sum + signed(line), 0n);

const isExchange = ({ account }: EntryLine): boolean => account === ACCOUNTS.exchange.code;

/**
 * What an entry passed through the exchange account. The account is credited in the currency that comes in:
 * what it lacks there is held.
 */
const flowOf = (
  { lines, exchange }: Entry,
  { currency, own }: Pick<BookInCurrency, 'currency' | 'own'>,
): Flow => {
  const through = lines.filter(isExchange);
  const isAbout = exchange !== null && (exchange.from === currency || exchange.to === currency);
  const inOwn = isAbout ? through.filter(({ amount }) => amount.currency === own) : [];
  return {
    foreign: -summed(through.filter(({ amount }) => amount.currency === currency)),
    own: summed(inOwn),
  };
};

const isResult = ({ account }: EntryLine): boolean => {
  const type = typeOfClass(account);
  return type === 'revenue' || type === 'expense';
};

/** Foreign revenue and costs that no run has brought over yet, by account. */
const unconverted = ({ entries, currency, earlier }: BookInCurrency) => {
  const open = new Map<AccountCode, bigint>();
  const add = (account: AccountCode, minor: bigint) =>
    open.set(account, (open.get(account) ?? 0n) + minor);
  for (const { lines } of entries) {
    for (const line of lines) {
      if (isResult(line) && line.amount.currency === currency) add(line.account, signed(line));
    }
  }
  for (const { converted } of earlier) {
    for (const { account, foreign } of converted) add(account, -BigInt(foreign));
  }
  return [...open]
    .filter(([, minor]) => minor !== 0n)
    .sort(([one], [other]) => (one < other ? -1 : 1));
};

const total = (flows: readonly Flow[]): Flow =>
  flows.reduce(
    (sum, { foreign, own }) => ({ foreign: sum.foreign + foreign, own: sum.own + own }),
    { foreign: 0n, own: 0n },
  );

/**
 * What of a difference is realised: what went out brought more or less than it was carried at, on the
 * average of what was held at first and what came in. Where all is gone, or what was held is owed now, all.
 */
const realisedOf = (held: Flow, flows: readonly Flow[], difference: bigint): bigint => {
  const first = held.foreign === 0n ? flows.find(({ foreign }) => foreign !== 0n) : held;
  const isUp = (first?.foreign ?? 0n) > 0n;
  const isIn = ({ foreign }: Flow): boolean => foreign === 0n || foreign > 0n === isUp;
  const came = total([held, ...flows.filter(isIn)]);
  const went = total(flows.filter((flow) => !isIn(flow)));
  const left = came.foreign + went.foreign;
  if (left === 0n || left > 0n !== isUp) return difference;
  const magnitude = came.foreign < 0n ? -came.foreign : came.foreign;
  const sign = came.foreign < 0n ? -1n : 1n;
  const carried = roundHalfAway({
    numerator: came.own * went.foreign * sign,
    denominator: magnitude,
  });
  return carried - went.own;
};

/** What is held of a currency in a book, and by which earlier line it was last valued. */
const heldIn = (book: BookInCurrency) => {
  const { entries, earlier } = book;
  const last = earlier.at(-1);
  const opening = {
    foreign: BigInt(last?.position ?? '0'),
    own: BigInt(last?.value ?? '0'),
  };
  const since = entries
    .filter(({ period }) => !last || period > last.period)
    .map((entry) => flowOf(entry, book));
  const all = total([
    ...entries.map((entry) => flowOf(entry, book)),
    ...earlier.map(({ converted, realised, unrealised }) => {
      const moved = converted.reduce(
        (sum, each) => ({
          foreign: sum.foreign - BigInt(each.foreign),
          own: sum.own - BigInt(each.own),
        }),
        { foreign: 0n, own: 0n },
      );
      return { ...moved, own: moved.own + BigInt(realised) + BigInt(unrealised) };
    }),
  ]);
  const seen = total([opening, ...since]);
  // What came into a month after it was valued.
  const late = { foreign: all.foreign - seen.foreign, own: all.own - seen.own };
  return { opening, flows: [late, ...since] };
};

/** Whether there is anything that has to be valued, or brought over, by a rate. */
export const needsRate = (book: BookInCurrency): boolean => {
  const { opening, flows } = heldIn(book);
  return unconverted(book).length > 0 || total([opening, ...flows]).foreign !== 0n;
};

/** Values what a book holds in a foreign currency; null where there is nothing, nor was. */
export const revaluationOf = (
  book: BookInCurrency,
  rate: Exchange | null,
): RevaluationLine | null => {
  const { vehicle, inputs, currency } = book;
  const inOwn = (minor: bigint): bigint => {
    if (rate === null) throw new Error('what is held is valued by a rate');
    return exchanged(minor, currency, rate);
  };
  const converted = unconverted(book).map(([account, foreign]) => ({
    ...{ account, foreign, own: inOwn(foreign) },
  }));
  const { opening, flows } = heldIn(book);
  const moves = [
    ...flows,
    ...converted.map(({ foreign, own }) => ({ foreign: -foreign, own: -own })),
  ];
  const { foreign: position, own: carried } = total([opening, ...moves]);
  if (converted.length === 0 && position === 0n && carried === 0n) return null;
  const value = position === 0n ? 0n : inOwn(position);
  const difference = value - carried;
  const realised = realisedOf(opening, moves, difference);
  return {
    kind: 'revaluation',
    ...{ vehicle, inputs, currency },
    converted: converted.map(({ account, foreign, own }) => ({
      ...{ account, foreign: foreign.toString(), own: own.toString() },
    })),
    position: position.toString(),
    carried: carried.toString(),
    rate: converted.length > 0 || position !== 0n ? rate : null,
    value: value.toString(),
    realised: realised.toString(),
    unrealised: (difference - realised).toString(),
  };
};
