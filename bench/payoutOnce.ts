import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { openings } from '#adapters/openings.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { READ_EVENTS_MAX } from '#commands/ports.ts';
import { postPayout, proposePayout } from '#commands/runs/payoutRun.ts';
import { RunId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { requestOf, testLedger } from '#tests/support/ledger.ts';
import { PayoutStep, type PayoutTook } from './payoutStep.ts';
import { rawPool } from './rig.ts';
import { sampleVehicle } from './sampleEntries.ts';

/** As many as the server remembers. */
const STATES_MAX = 10_000;
const LOOK_MS = 200;
const MIB = 2 ** 20;

const done = <T>(answer: Either<{ readonly code: string }, T>): T => {
  if (isLeft(answer)) throw new Error(`payout: ${JSON.stringify(answer.left)}`);
  return answer.right;
};

const partsOn = ({ url, park, assets }: PayoutStep) => {
  const store = postgresEventStore({ url });
  const kept = openings({ url });
  const { ledger: workspace } = testLedger(store, STATES_MAX);
  const zone = Zone.parse('Europe/Berlin');
  const books = Array.from({ length: assets }, (_, n) => ({
    ...{ park, zone },
    vehicle: sampleVehicle(n),
  }));
  return {
    parts: { workspace, openings: kept, closing: { booksOf: async () => right(books) } },
    close: () => Promise.all([store.close(), kept.close()]),
  };
};

/** Reads the texts of the month and of what it rests on, by the driver alone. */
const readTexts = async ({ url, period }: PayoutStep): Promise<number> => {
  const sql = rawPool(url, 1);
  const month = `%-${period.replace('-', '')}`;
  const cursor = sql`
    select body from events
     where stream like 'terms-%' or stream like 'register-%' or stream like ${`journal-${month}`}
     order by position`.cursor(READ_EVENTS_MAX);
  let texts = 0;
  for await (const page of cursor) {
    for (const { body } of page) {
      JSON.parse(z.string().parse(body));
      texts += 1;
    }
  }
  await sql.end();
  return texts;
};

const run = async (asked: PayoutStep): Promise<Pick<PayoutTook, 'run' | 'texts'>> => {
  if (asked.step === 'texts') return { run: null, texts: await readTexts(asked) };
  const { parts, close } = partsOn(asked);
  const { park, period, step } = asked;
  const request = requestOf(step, `${step} ${period}`);
  const outcome =
    step === 'propose'
      ? await proposePayout(parts)(request, { park, period })
      : await postPayout(parts)(request, RunId.parse(asked.run));
  await close();
  return { run: done(outcome).id, texts: 0 };
};

/** A process that does one step of a payout and prints what it took. */
const main = async (): Promise<void> => {
  const asked = PayoutStep.parse(JSON.parse(process.argv[2] ?? ''));
  const rss_mib: number[] = [];
  const looking = setInterval(() => rss_mib.push(process.memoryUsage.rss() / MIB), LOOK_MS);
  const begun = performance.now();
  const before = process.cpuUsage();
  const told = await run(asked);
  const { user, system } = process.cpuUsage(before);
  clearInterval(looking);
  const wall_s = (performance.now() - begun) / 1_000;
  const took: PayoutTook = { ...told, wall_s, cpu_s: (user + system) / 1e6, rss_mib };
  process.stdout.write(JSON.stringify(took));
};

await main();
