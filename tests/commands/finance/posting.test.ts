import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { type Closing, closePeriod } from '#commands/finance/closePeriod.ts';
import { postEntry } from '#commands/finance/postEntry.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { postingReactor } from '#commands/reactors/postingReactor.ts';
import { addRepairCost, completeRepair, reportRepair } from '#commands/repairs.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { type Entry, EntryPosted } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { postingRules } from '#domain/finance/rules/all.ts';
import { Zone } from '#domain/kernel/instant.ts';
import {
  allEvents,
  leftOf,
  requestOf,
  rightOf,
  smallFleet,
  testLedger,
} from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { basis, day, instant, money, noon } from '#tests/support/samples.ts';

const february = Period.parse('2026-02');
const zone = Zone.parse('Europe/Berlin');
const spring = instant('2026-03-02T09:00:00.000Z');

const scene = async () => {
  const store = memoryEventStore(memoryLog());
  const { ledger } = testLedger(store);
  const fleet = await smallFleet(ledger);
  const { park, vehicle } = fleet;
  const marks = memoryMarks();
  const reactor = postingReactor(ledger, postingRules);
  const entries = async (): Promise<readonly Entry[]> =>
    (await allEvents(store))
      .filter(({ type }) => type === EntryPosted.type)
      .map(({ data }) => EntryPosted.data.parse(data));
  const closing: Closing = {
    posted: async () => {
      await settle(store, marks, reactor);
      return right(null);
    },
    lastOf: async (_, key) =>
      right((await allEvents(store)).findLast(({ keys }) => keys.includes(key))?.id ?? null),
    booksOf: async () =>
      right([
        { park, vehicle, zone },
        { park, vehicle: null, zone },
      ]),
    foreignMonths: async () => right([]),
    driversOf: async () => right([]),
  };
  return {
    ...{ store, ledger, closing, entries, marks, reactor, ...fleet },
    posted: () => settle(store, marks, reactor),
    close: (period: Period) => closePeriod(ledger, closing)(requestOf('close'), period),
    fine: async (at: typeof spring, reference: string) => {
      const told = { vehicle, named: null, offence: 'speeding', reference, points: 1 };
      const asked = { ...told, amount: money('7000'), at };
      return rightOf(await issueFine(ledger)(requestOf(asked), asked)).id;
    },
  };
};
type Scene = Awaited<ReturnType<typeof scene>>;

const step = async (
  { ledger }: Scene,
  fine: Awaited<ReturnType<Scene['fine']>>,
  type: 'ConfirmFine' | 'PayFine',
  at = spring,
) => rightOf(await onFine(ledger)(requestOf(type), { fine, at }, (when) => ({ type, fine, when })));

const brief = ({ date, about, lines }: Entry) => ({
  date,
  about,
  lines: lines.map(({ account, side, amount }) => `${side} ${account} ${amount.amount}`),
});

describe('posting', () => {
  it('makes entries of facts by rules, once, however often they are seen', async () => {
    const seen = await scene();
    const fine = await seen.fine(spring, 'R1');
    await seen.posted();
    expect(await seen.entries()).toEqual([]);
    await step(seen, fine, 'ConfirmFine');
    await step(seen, fine, 'PayFine');
    await seen.posted();
    const once = await seen.entries();
    expect(once.map(brief)).toEqual([
      { date: '2026-03-02', about: null, lines: ['debit 5050 7000', 'credit 2000 7000'] },
      { date: '2026-03-02', about: null, lines: ['debit 2000 7000', 'credit 1000 7000'] },
    ]);
    expect(once.every(({ vehicle, basis }) => vehicle === seen.vehicle && basis !== null)).toBe(
      true,
    );
    seen.marks.at.clear();
    await seen.posted();
    expect(await seen.entries()).toEqual(once);
  });

  it('takes back what a fine cost that does not stand, and what was paid for it', async () => {
    const seen = await scene();
    const fine = await seen.fine(spring, 'R1');
    await step(seen, fine, 'ConfirmFine');
    await step(seen, fine, 'PayFine');
    const why = { reason: 'appeal_upheld', fine } as const;
    rightOf(
      await onFine(seen.ledger)(requestOf('void'), { fine, at: spring }, (when) => ({
        type: 'VoidFine',
        ...why,
        when,
      })),
    );
    await seen.posted();
    expect((await seen.entries()).at(-1)).toMatchObject({ lines: [{}, {}, {}, {}] });
    const sums = new Map<string, bigint>();
    for (const { account, side, amount } of (await seen.entries()).flatMap(({ lines }) => lines)) {
      const minor = BigInt(amount.amount) * (side === 'debit' ? 1n : -1n);
      sums.set(account, (sums.get(account) ?? 0n) + minor);
    }
    expect([...sums.values()].every((sum) => sum === 0n)).toBe(true);
  });

  it('counts parts when they are used, and work when it is done', async () => {
    const seen = await scene();
    const { ledger, vehicle } = seen;
    const found = { vehicle, reason: 'wear', severity: 'minor', begun: true, at: spring } as const;
    const { id: repair } = rightOf(await reportRepair(ledger)(requestOf(found), found));
    for (const [kind, amount] of [
      ['part', '3000'],
      ['labour', '12000'],
      ['labour', '9000'],
    ] as const) {
      const line = { kind, reference: 'X1', quantity_milli: 1_000, amount: money(amount) };
      const asked = { repair, line, at: spring };
      rightOf(await addRepairCost(ledger)(requestOf(asked), asked));
    }
    const done = { repair, odometer_m: null, at: spring };
    rightOf(await completeRepair(ledger)(requestOf(done), done));
    await seen.posted();
    expect((await seen.entries()).map(brief).map(({ lines }) => lines)).toEqual([
      ['debit 5010 3000', 'credit 1300 3000'],
      ['debit 5000 21000', 'credit 2000 21000'],
    ]);
  });

  it('puts what comes late into the next month, and says which it is about', async () => {
    const seen = await scene();
    expect(rightOf(await seen.close(february))).toEqual({ period: february, closed: 2, books: 2 });
    expect(rightOf(await seen.close(february))).toEqual({ period: february, closed: 0, books: 2 });
    const draft = {
      book: { park: seen.park, vehicle: seen.vehicle },
      date: day('2026-02-28'),
      lines: [debit(ACCOUNTS.insurance, money('9540')), credit(ACCOUNTS.bank, money('9540'))],
    };
    const late = { draft, transaction: 'T-1', rule: null, reason: 'insurance', basis };
    const asked = { ...late, reverses: null, exchange: null, when: noon };
    rightOf(await postEntry(seen.ledger)(requestOf('late').origin, asked));
    rightOf(await postEntry(seen.ledger)(requestOf('again').origin, asked));
    expect((await seen.entries()).map(brief)).toEqual([
      { date: '2026-03-01', about: february, lines: ['debit 5020 9540', 'credit 1000 9540'] },
    ]);
  });

  it('does not post again after the closing what was posted before it', async () => {
    const seen = await scene();
    const draft = {
      book: { park: seen.park, vehicle: null },
      date: day('2026-02-28'),
      lines: [debit(ACCOUNTS.platform, money('3000')), credit(ACCOUNTS.bank, money('3000'))],
    };
    const said = { draft, transaction: 'T-1', rule: null, reason: 'platform', basis };
    const asked = { ...said, reverses: null, exchange: null, when: noon };
    rightOf(await postEntry(seen.ledger)(requestOf('first').origin, asked));
    rightOf(await seen.close(february));
    rightOf(await postEntry(seen.ledger)(requestOf('second').origin, asked));
    expect(await seen.entries()).toHaveLength(1);
    const other = { ...asked, reason: 'other' };
    const refused = leftOf(await postEntry(seen.ledger)(requestOf('third').origin, other));
    expect(refused).toMatchObject({ code: 'TransactionReused' });
  });

  it('closes no month before it is over', async () => {
    const seen = await scene();
    await step(seen, await seen.fine(spring, 'R1'), 'ConfirmFine');
    await seen.posted();
    expect(leftOf(await seen.close(Period.parse('2026-03')))).toMatchObject({
      code: 'PeriodNotOver',
    });
  });
});
