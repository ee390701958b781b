import { apiBench } from './api.ts';
import { appendBench } from './append.ts';
import type { Figure } from './measure.ts';
import { readBench } from './read.ts';
import { rebuildBench } from './rebuild.ts';
import { type Rig, rig } from './rig.ts';

const benches: Readonly<Record<string, (rig: Rig) => Promise<readonly Figure[]>>> = {
  append: appendBench,
  read: readBench,
  rebuild: rebuildBench,
  api: apiBench,
};

const digits = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 2 : 0 });

const line = (figure: Figure): string => {
  const { bench, unit, value, peer, peer_value, ratio, target, met } = figure;
  const beside =
    peer === null ? '' : `, ${peer} ${digits(peer_value ?? 0)}, ratio ${(ratio ?? 0).toFixed(2)}`;
  return `${met ? 'met   ' : 'MISSED'} ${bench} · ${figure.case}: ${digits(value)} ${unit}${beside} (${target})`;
};

const usage = `usage: npm run bench -- <${[...Object.keys(benches), 'all'].join('|')}> [--json]\n`;

const main = async (): Promise<void> => {
  const [name = '', ...flags] = process.argv.slice(2);
  const chosen = name === 'all' ? Object.values(benches) : [benches[name]];
  if (chosen.some((bench) => bench === undefined)) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  const ground = await rig();
  try {
    for (const bench of chosen) {
      for (const figure of (await bench?.(ground)) ?? []) {
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
