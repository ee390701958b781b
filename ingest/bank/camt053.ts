import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { moneyOfDecimal } from '#domain/finance/decimal.ts';
import { Iban } from '#domain/finance/iban.ts';
import { addsUp, type BankStatement, type StatementEntry } from '#domain/finance/statement.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency, type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { readXml } from './xml.ts';
import { many, maybe, once, textIn } from './xmlSchema.ts';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08';
const ENTRIES_MAX = 100_000;
const DATE_CHARS = 10;

/** Why a file says nothing to be believed. `at`: the first element that is not as it should be. */
export type StatementRefusal =
  | { readonly code: 'StatementTooLarge' }
  | { readonly code: 'StatementMalformed'; readonly at: string }
  | { readonly code: 'StatementFormatUnknown' }
  | { readonly code: 'StatementUnbalanced'; readonly statement: string }
  | { readonly code: 'CurrencyMixed'; readonly statement: string };

const Text35 = textIn(z.string().min(1).max(35));
const Code4 = textIn(z.string().regex(/^[A-Z0-9]{1,4}$/));

const Amount = z
  .object({ '#text': z.string(), '@Ccy': Currency })
  .transform(({ '#text': text, '@Ccy': currency }, { issues, value }): Money => {
    const money = /^\d/.test(text) ? moneyOfDecimal(text, currency) : null;
    if (money !== null) return money;
    issues.push({ code: 'custom', input: value, message: 'no amount of its currency' });
    return z.NEVER;
  });
const Direction = textIn(
  z.enum(['CRDT', 'DBIT']).transform((code) => (code === 'CRDT' ? 'credit' : 'debit')),
);

/** A day, or the day of a moment as the bank wrote it; the zone of the bank rules. */
const Day = textIn(
  z
    .string()
    .transform((text) => text.slice(0, DATE_CHARS))
    .pipe(LocalDate),
);
const DayOrMoment = z.union([
  z.object({ Dt: once(Day) }).transform(({ Dt }) => Dt),
  z.object({ DtTm: once(Day) }).transform(({ DtTm }) => DtTm),
]);

const Balance = z.object({
  Tp: once(z.object({ CdOrPrtry: once(z.object({ Cd: maybe(Code4) })) })),
  Amt: once(Amount),
  CdtDbtInd: once(Direction),
});
const Detail = z.object({
  Refs: maybe(z.object({ EndToEndId: maybe(Text35) })),
  Amt: maybe(Amount),
  RtrInf: maybe(z.object({ Rsn: maybe(z.object({ Cd: maybe(Code4) })) })),
});
const Entry = z.object({
  Amt: once(Amount),
  CdtDbtInd: once(Direction),
  RvslInd: maybe(textIn(z.enum(['true', 'false', '1', '0']))),
  Sts: once(z.object({ Cd: maybe(Code4) })),
  BookgDt: maybe(DayOrMoment),
  ValDt: maybe(DayOrMoment),
  AcctSvcrRef: maybe(Text35),
  NtryDtls: many(z.object({ TxDtls: many(Detail) })),
});
const Stmt = z.object({
  Id: once(Text35),
  Acct: once(z.object({ Id: once(z.object({ IBAN: once(textIn(Iban)) })) })),
  Bal: many(Balance),
  Ntry: many(Entry),
});
type Stmt = z.infer<typeof Stmt>;
const Tree = z.object({
  Document: once(z.object({ BkToCstmrStmt: once(z.object({ Stmt: z.array(Stmt).min(1) })) })),
});

/** A booked balance, below zero where the account owes the bank; null where not exactly one is told. */
const balanceOf = ({ Bal }: Stmt, codes: readonly string[]): Money | null => {
  for (const code of codes) {
    const [found, ...more] = Bal.filter(({ Tp }) => Tp.CdOrPrtry.Cd === code);
    if (found !== undefined && more.length === 0) {
      const { Amt, CdtDbtInd } = found;
      return CdtDbtInd === 'credit' ? Amt : moneyOf(-minorUnits(Amt), Amt.currency);
    }
  }
  return null;
};

/** An entry; null where the bank does not say on which day it was booked. */
const entryOf = (entry: z.infer<typeof Entry>): StatementEntry | null => {
  const { Amt, CdtDbtInd, RvslInd, BookgDt, ValDt, AcctSvcrRef, NtryDtls } = entry;
  if (BookgDt === null) return null;
  return {
    amount: Amt,
    direction: CdtDbtInd,
    reversal: RvslInd === 'true' || RvslInd === '1',
    bookedOn: BookgDt,
    valueOn: ValDt,
    servicerRef: AcctSvcrRef,
    details: NtryDtls.flatMap(({ TxDtls }) => TxDtls).map(({ Refs, Amt: amount, RtrInf }) => ({
      endToEndId: Refs?.EndToEndId ?? null,
      amount,
      returnReason: RtrInf?.Rsn?.Cd ?? null,
    })),
  };
};

const statementOf = (stmt: Stmt): Either<StatementRefusal, BankStatement> => {
  const { Id: statementId, Acct, Ntry } = stmt;
  const malformed = (at: string) => left({ code: 'StatementMalformed' as const, at });
  // Some banks give the closing balance of the day before instead of an opening.
  const opening = balanceOf(stmt, ['OPBD', 'PRCD']);
  const closing = balanceOf(stmt, ['CLBD']);
  if (opening === null || closing === null) return malformed('Stmt.Bal');
  // Entries that are only announced are in no balance; they come again when they are booked.
  const booked = Ntry.filter(({ Sts }) => Sts.Cd === 'BOOK');
  const entries = booked.map(entryOf).filter((entry) => entry !== null);
  if (entries.length < booked.length) return malformed('Stmt.Ntry.BookgDt');
  if (entries.length > ENTRIES_MAX) return left({ code: 'StatementTooLarge' });
  const currencies = new Set(
    [opening, closing, ...entries.map(({ amount }) => amount)].map(({ currency }) => currency),
  );
  if (currencies.size > 1) return left({ code: 'CurrencyMixed', statement: statementId });
  const statement = { statementId, iban: Acct.Id.IBAN, opening, closing, entries };
  return addsUp(statement)
    ? right(statement)
    : left({ code: 'StatementUnbalanced', statement: statementId });
};

/** The names of the elements above the first thing that is wrong. */
const placeOf = (error: z.ZodError): string =>
  (error.issues[0]?.path ?? []).filter((step) => typeof step === 'string').join('.');

/**
 * The statements in a file `camt.053.001.08` of ISO 20022. One that does not add up to its balances refuses
 * the file, for then something is missing. Written from general knowledge, without the schema at hand.
 */
export const camt053 = (text: string): Either<StatementRefusal, readonly BankStatement[]> => {
  const xml = readXml(text);
  if (xml.kind === 'too_large') return left({ code: 'StatementTooLarge' });
  if (xml.kind === 'malformed') return left({ code: 'StatementMalformed', at: '' });
  if (!text.includes(NAMESPACE)) return left({ code: 'StatementFormatUnknown' });
  const tree = Tree.safeParse(xml.tree);
  if (!tree.success) return left({ code: 'StatementMalformed', at: placeOf(tree.error) });
  const statements: BankStatement[] = [];
  for (const stmt of tree.data.Document.BkToCstmrStmt.Stmt) {
    const statement = statementOf(stmt);
    if (isLeft(statement)) return statement;
    statements.push(statement.right);
  }
  return right(statements);
};
