import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPool } from '#adapters/postgresPool.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type BookFormat, exportBook } from '#main/exportBook.ts';
import { accountDays } from '#projections/accountDays.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { anEntry, anyBook } from '#tests/support/books.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { complaintOf, hasHledger } from '#tests/support/hledger.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { logOf, show } from '#tests/support/projectedEvents.ts';
import { acme, day, money, noon } from '#tests/support/samples.ts';

const PAGE_ROWS = 1_000;
/** More than a page of small ones on one day, and some of every kind after them. */
const many = Array.from({ length: PAGE_ROWS + 5 }, (_, n) =>
  anEntry(0x10_000 + n, '2025-11-30', [
    debit(ACCOUNTS.bank, money('2')),
    credit(ACCOUNTS.contributed, money('2')),
  ]),
);
const some = fc.sample(anyBook, { numRuns: 1, seed: 20_260_402 })[0] ?? [];
const entries = [...many, ...some];

let database: TestDatabase | undefined;
let sql: ReturnType<typeof postgresPool> | undefined;
const exported = async (format: BookFormat, at: string, tenant = acme): Promise<string> => {
  if (!sql) throw new Error('not started');
  const { ledger } = testLedger();
  let text = '';
  const asked = { tenant, format, at: day(at) };
  for await (const piece of exportBook({ sql, ledger }, asked)) text += piece;
  return text;
};

beforeAll(async () => {
  database = await testDatabase();
  const limits = { connections_max: 2, statement_timeout_ms: 5_000 };
  sql = postgresPool({ url: database.url, ...limits, application: 'ledger-tests' });
  const facts = entries.map((entry) => fact(EntryPosted, noon, entry));
  await show(sql, [journalEntries, accountDays], logOf(facts));
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

describe('the book of a tenant', () => {
  it('has every entry once', async () => {
    const rows = (await exported('journal', '2026-12-31')).trim().split('\r\n').slice(1);
    const lines = entries.reduce((sum, entry) => sum + entry.lines.length, 0);
    expect(rows).toHaveLength(lines);
    const transactions = new Set(rows.map((row) => row.split(',')[3]));
    expect(transactions.size).toBe(entries.length);
  });

  it.skipIf(!hasHledger)('holds before hledger, whole months and all', async () => {
    const text = await exported('hledger', '2026-12-31');
    expect(complaintOf(text, 'check', '--strict')).toBeNull();
    expect(text.match(/ end of \d{4}-\d\d\n/g)?.length).toBeGreaterThan(3);
  });

  it('has a trial balance of any day', async () => {
    const [, ...rows] = (await exported('trial-balance', '2025-11-30')).trim().split('\r\n');
    expect(rows).toEqual([
      '1000,bank,asset,EUR,20.10,0.00,20.10',
      '3000,contributed by investors,equity,EUR,0.00,20.10,-20.10',
    ]);
    expect((await exported('trial-balance', '2025-11-29')).trim().split('\r\n')).toHaveLength(1);
  });

  it('is nobody else’s', async () => {
    const other = Tenant.parse('other');
    expect((await exported('journal', '2026-12-31', other)).trim().split('\r\n')).toHaveLength(1);
  });
});
