import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { openings } from '#adapters/openings.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { runsOf } from '#commands/aggregate.ts';
import { readWhole } from '#commands/readHistory.ts';
import { readRunLines } from '#commands/runs/runLines.ts';
import { onRun, runAsItIs, slotOf } from '#commands/runs/slot.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { ActorId, type ParkId, RunId } from '#domain/kernel/ids.ts';
import { requestOf, testLedger } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { boundedFigure, type Figure, seenFigure } from './measure.ts';
import { FIRST, MEASURED, type PayoutScale, revenueOf, seedPayout } from './payoutSeed.ts';
import { type PayoutStep, PayoutTook } from './payoutStep.ts';
import { type Rig, rawPool } from './rig.ts';

const BENCH = 'payout';
const SCALE: PayoutScale = { assets: 10_000, holders_each: 20, entries_each: 100 };
const RECKONED_MAX_S = 60;
const GROWTH_MAX_PCT = 10;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

const run = promisify(execFile);

const done = <T>(answer: Either<{ readonly code: string }, T>): T => {
  if (isLeft(answer)) throw new Error(`payout: ${answer.left.code}`);
  return answer.right;
};

const must = (isSo: boolean, what: string): void => {
  if (!isSo) throw new Error(`payout: ${what}`);
};

/** One step in a process of its own. */
const took = async (step: PayoutStep): Promise<PayoutTook> => {
  const program = join(import.meta.dirname, 'payoutOnce.ts');
  const told = await run(process.execPath, [program, JSON.stringify(step)], {
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  return PayoutTook.parse(JSON.parse(told.stdout));
};

/** Approves a run by a second person. */
const approve = async (url: string, id: RunId): Promise<void> => {
  const store = postgresEventStore({ url });
  const { ledger } = testLedger(store);
  const { inputs } = done(await runAsItIs(ledger)(acme, id));
  const user = ActorId.parse(uuid8(0x77));
  done(await onRun(ledger)(requestOf(id, id), id, { type: 'ApproveRun', inputs, user }));
  await store.close();
};

/**
 * Throws unless a posted run says what it should: all revenue that was seeded, a line for each asset and
 * holder, and of every asset that what was allocated and what is carried on is what there was to distribute.
 */
const check = async (url: string, id: RunId): Promise<void> => {
  const store = postgresEventStore({ url });
  const kept = openings({ url });
  const { ledger: workspace } = testLedger(store);
  const { totals } = done(await runAsItIs(workspace)(acme, id));
  const due = new Map<string, bigint>();
  let revenue = 0n;
  for (const { text } of done(await readWhole(store)(runsOf(acme, slotOf(id)).streamOf()))) {
    const { type, data } = decodeFact(parseEvent(text));
    if (type !== 'RunAssetsReckoned' || data.run !== id) continue;
    for (const { vehicle, distributable, allocated, closing, revenue: earned } of data.lines) {
      const shared = BigInt(allocated) + BigInt(closing.remainder);
      must(shared === BigInt(distributable), `${vehicle} does not add up`);
      due.set(vehicle, BigInt(allocated));
      revenue += BigInt(earned);
    }
  }
  let lines = 0;
  const read = await readRunLines({ workspace, openings: kept })(acme, id, async (some) => {
    lines += some.length;
    for (const { vehicle, amount } of some) due.set(vehicle, (due.get(vehicle) ?? 0n) - amount);
    return right(null);
  });
  done(read);
  const assets = 'assets' in totals ? totals.assets : 0;
  must(due.size === SCALE.assets && assets === SCALE.assets, `${due.size} assets`);
  must(lines === SCALE.assets * SCALE.holders_each, `${lines} lines of holders`);
  must(
    [...due.values()].every((rest) => rest === 0n),
    'holders get another sum than their asset',
  );
  must(revenue === revenueOf(SCALE), `a revenue of ${revenue}`);
  await Promise.all([store.close(), kept.close()]);
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** How memory grew: the last third of what was seen beside the third before it. */
const memoryFigure = (about: string, { rss_mib, wall_s }: PayoutTook): Figure => {
  const third = Math.max(1, Math.floor(rss_mib.length / 3));
  const [before, last] = [mean(rss_mib.slice(-2 * third, -third)), mean(rss_mib.slice(-third))];
  const slope = (last - before) / (wall_s / 3 / 60);
  return boundedFigure({
    bench: BENCH,
    case: `${about}, memory in the last third (most ${Math.round(Math.max(...rss_mib))}, slope ${slope.toFixed(1)} a minute)`,
    unit: 'MiB',
    value: last,
    bound: Math.round(before * (1 + GROWTH_MAX_PCT / 100)),
    sense: 'at most',
    peer: { name: 'the third before', value: before },
  });
};

const PEER = 'reading and parsing the same texts';
const CLOCKS = { wall_s: 'by the clock', cpu_s: 'of our process' } as const;

/** How long something took beside the peer, by the clock and in time of our processor. */
const timeFigures = (
  about: string,
  own: PayoutTook,
  texts: PayoutTook,
  bound_s: number | null,
): readonly Figure[] =>
  (['wall_s', 'cpu_s'] as const).map((clock) => {
    const peer = { name: PEER, value: texts[clock] };
    const seen = { bench: BENCH, case: `${about}, ${CLOCKS[clock]}`, unit: 's', value: own[clock] };
    return bound_s === null || clock === 'cpu_s'
      ? seenFigure({ ...seen, peer })
      : boundedFigure({ ...seen, peer, bound: bound_s, sense: 'at most' });
  });

const measured = async (url: string, park: ParkId): Promise<readonly Figure[]> => {
  const { assets, holders_each } = SCALE;
  const step = { url, park, assets, run: null } as const;
  const post = async (id: RunId | null, period: PayoutStep['period']) => {
    await approve(url, RunId.parse(id));
    return took({ ...step, step: 'post', period, run: id });
  };
  const first = await took({ ...step, step: 'propose', period: FIRST });
  await post(first.run, FIRST);
  const texts = await took({ ...step, step: 'texts', period: MEASURED });
  const proposed = await took({ ...step, step: 'propose', period: MEASURED });
  const posted = await post(proposed.run, MEASURED);
  await check(url, RunId.parse(posted.run));
  const lines = assets * (holders_each + 1);
  const facts = assets * SCALE.entries_each;
  const about = `${assets} assets, ${assets * holders_each} holdings, ${facts} entries`;
  return [
    ...timeFigures(`reckoning ${about}`, proposed, texts, RECKONED_MAX_S),
    memoryFigure('reckoning', proposed),
    // It is reckoned twice again: before anything is written, and for the lines.
    ...timeFigures(`posting it, ${Math.round(lines / posted.wall_s)} lines/s`, posted, texts, null),
    memoryFigure('posting', posted),
  ];
};

/**
 * Reckoning the payout of a month of a large park, and posting it, in a process of its own each. Beside it
 * stands the driver of Postgres that reads the same texts from the same table and only parses them as JSON.
 */
export const payoutBench = async ({ ledgerDatabase }: Rig): Promise<readonly Figure[]> => {
  const url = await ledgerDatabase();
  const park = await seedPayout(url, SCALE);
  const sql = rawPool(url, 1);
  await sql`vacuum (analyze) events, openings`;
  await sql.end();
  return measured(url, park);
};
