import { apiBench } from './api.ts';
import { appendBench } from './append.ts';
import { immobilizeBench } from './immobilize.ts';
import { ingestBench } from './ingest.ts';
import { type Figure, NO_TARGET } from './measure.ts';
import { payoutBench } from './payout.ts';
import { readBench } from './read.ts';
import { rebuildBench } from './rebuild.ts';
import { type Rig, rig } from './rig.ts';
import { trialBalanceBench } from './trialBalance.ts';

type Bench = (rig: Rig, minutes: number | null) => Promise<readonly Figure[]>;

const benches: Readonly<Record<string, Bench>> = {
  append: appendBench,
  read: readBench,
  rebuild: rebuildBench,
  api: apiBench,
  ingest: ingestBench,
  immobilize: immobilizeBench,
  payout: payoutBench,
  'trial-balance': trialBalanceBench,
};

const digits = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });

const line = (figure: Figure): string => {
  const { bench, unit, value, peer, peer_value, ratio, target, met } = figure;
  const beside =
    peer === null ? '' : `, ${peer} ${digits(peer_value ?? 0)}, ratio ${(ratio ?? 0).toFixed(2)}`;
  const verdict = target === NO_TARGET ? 'seen  ' : met ? 'met   ' : 'MISSED';
  return `${verdict} ${bench} · ${figure.case}: ${digits(value)} ${unit}${beside} (${target})`;
};

const usage = `usage: npm run bench -- <${[...Object.keys(benches), 'all'].join('|')}> [--json]
       npm run bench -- ingest --minutes <minutes> [--json]   memory over that time\n`;

/** For how long memory is to be watched; null: not at all. */
const minutesIn = (flags: readonly string[]): number | null => {
  const at = flags.indexOf('--minutes');
  return at < 0 ? null : Number(flags[at + 1] ?? Number.NaN);
};

const main = async (): Promise<void> => {
  const [name = '', ...flags] = process.argv.slice(2);
  const chosen = name === 'all' ? Object.values(benches) : [benches[name]];
  const minutes = minutesIn(flags);
  if (chosen.some((bench) => bench === undefined) || Number.isNaN(minutes)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const ground = await rig();
  try {
    for (const bench of chosen) {
      for (const figure of (await bench?.(ground, minutes)) ?? []) {
        process.stdout.write(
          `${flags.includes('--json') ? JSON.stringify(figure) : line(figure)}\n`,
        );
      }
    }
  } finally {
    await ground.stop();
  }
};

await main();
