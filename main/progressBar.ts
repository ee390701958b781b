import cliProgress from 'cli-progress';
import type { Progress } from '#projections/progress.ts';

/** A bar on stderr, or nothing where that is no terminal, so that scripts read what they expect. */
export const progressBar = (label: string) => {
  if (!process.stderr.isTTY) return { update: () => {}, count: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format: `${label} {bar} {percentage}% · {value} of {total} · {pace}/s · {left} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: false,
  });
  const begun_ms = performance.now();
  bar.start(1, 0, { pace: 0, left: '?' });
  return {
    /** Shows how far a filling from the log has got. */
    update: ({ events_per_s, position, head, left_ms }: Progress): void => {
      bar.setTotal(Number(head ?? position));
      const left = left_ms === null ? '?' : `${Math.ceil(left_ms / 1_000)} s`;
      bar.update(Number(position), { pace: Math.round(events_per_s), left });
    },
    /** Shows how many of a known number are done. */
    count: (done: number, total: number): void => {
      const pace = done / ((performance.now() - begun_ms) / 1_000);
      bar.setTotal(total);
      bar.update(done, { pace: Math.round(pace), left: `${Math.ceil((total - done) / pace)} s` });
    },
    stop: (): void => bar.stop(),
  };
};
