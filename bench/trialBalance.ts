import { isDeepStrictEqual } from 'node:util';
import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { EventStore } from '#commands/ports.ts';
import { lastDayOf, nextPeriod, Period } from '#domain/finance/period.ts';
import { ParkId } from '#domain/kernel/ids.ts';
import { accountDays } from '#projections/accountDays.ts';
import { bookFigures } from '#projections/bookFigures.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { inChunks } from './inChunks.ts';
import { boundedFigure, type Figure, interleaved } from './measure.ts';
import { rebuilder } from './rebuildOnce.ts';
import { type Rig, rawPool } from './rig.ts';
import { monthEvents, type SampleMonth, sampleEntries } from './sampleEntries.ts';

const PARKS = 20;
const VEHICLES = 500;
const MONTHS = 25;
const ENTRIES_A_MONTH = 80;
const BOOKS_AT_ONCE = 25;
const BOUND_MS = 200;
const FIRST = Period.parse('2024-02');

/** The months of every book; a million entries in all. */
const monthsOfBooks = (): readonly SampleMonth[] => {
  const months: SampleMonth[] = [];
  let period = FIRST;
  for (let month = 0; month < MONTHS; month += 1) {
    for (let vehicle = 0; vehicle < VEHICLES; vehicle += 1) {
      months.push({ park: ParkId.parse(uuid8(1 + (vehicle % PARKS))), vehicle, period });
    }
    period = nextPeriod(period);
  }
  return months;
};

const fill = (store: EventStore, months: readonly SampleMonth[]): Promise<void> =>
  inChunks(months, BOOKS_AT_ONCE, async (month) => {
    const events = monthEvents(month, sampleEntries(month, ENTRIES_A_MONTH));
    const [first] = events;
    if (!first) return;
    const appended = await store.append({ stream: first.stream, expected: 'no_stream', events })();
    if (isLeft(appended)) throw new Error(`trial balance: ${appended.left.code}`);
  });

/** The lines of all entries as a table of their own, which a ledger without days would add up. */
const lineTable = async (url: string): Promise<void> => {
  const sql = rawPool(url, 1);
  await sql`set statement_timeout = 0`;
  await sql`
    create table bench_lines as
    select (body::json->'data'->>'date')::date as date, line->>'account' as account,
           line->'amount'->>'currency' as currency, line->>'side' as side,
           (line->'amount'->>'amount')::bigint as amount
      from events, json_array_elements(body::json->'data'->'lines') as line
     where type = 'EntryPosted'`;
  await sql`create index on bench_lines (date)`;
  await sql`analyze`;
  await sql.end();
};

/** How long the slowest of some questions takes, in ms; and all answers. */
const slowest = async <Question, Answer>(
  questions: readonly Question[],
  ask: (question: Question) => Promise<Answer>,
): Promise<{ readonly ms: number; readonly answers: readonly Answer[] }> => {
  let slowest_ms = 0;
  const answers: Answer[] = [];
  for (const question of questions) {
    const begun = performance.now();
    answers.push(await ask(question));
    slowest_ms = Math.max(slowest_ms, performance.now() - begun);
  }
  return { ms: slowest_ms, answers };
};

/**
 * The trial balance at the end of each month over a million entries, as its route asks for it, beside a
 * statement that adds up the lines of all entries; both must answer the same.
 */
export const trialBalanceBench = async ({ ledgerDatabase }: Rig): Promise<readonly Figure[]> => {
  const url = await ledgerDatabase();
  const store = postgresEventStore({ url });
  const months = monthsOfBooks();
  await fill(store, months);
  await store.close();
  const { rebuild, end } = rebuilder(url);
  await rebuild(accountDays.name);
  await end();
  await lineTable(url);
  const sql = rawPool(url, 1);
  try {
    const { totals } = bookFigures(sql);
    const dates = [...new Set(months.map(({ period }) => period))].map(lastDayOf);
    const ours = () =>
      slowest(dates, (to) => totals({ tenant: acme, parks: null, from: null, to }));
    const peer = () =>
      slowest(
        dates,
        (to) => sql`
          select account, currency,
                 coalesce(sum(amount) filter (where side = 'debit'), 0)::text as debit,
                 coalesce(sum(amount) filter (where side = 'credit'), 0)::text as credit
            from bench_lines where date <= ${to}::text::date
           group by account, currency order by account, currency`,
      );
    const [own, other] = [(await ours()).answers, (await peer()).answers];
    const isSame = isDeepStrictEqual(
      own,
      other.map((rows) => rows.map((row) => ({ ...row }))),
    );
    if (!isSame) throw new Error('trial balance: the lines add up to something else');
    const asked = await interleaved({
      ours: async () => (await ours()).ms,
      peer: async () => (await peer()).ms,
    });
    return [
      boundedFigure({
        bench: 'trial-balance',
        case: `slowest of ${dates.length} month ends, ${months.length * ENTRIES_A_MONTH} entries, ${PARKS} parks`,
        ...{ unit: 'ms', value: asked['ours'] ?? 0, bound: BOUND_MS, sense: 'at most' },
        peer: { name: 'adding up all lines', value: asked['peer'] ?? 0 },
      }),
    ];
  } finally {
    await sql.end();
  }
};
