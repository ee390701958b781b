import { spawnSync } from 'node:child_process';

const RUN_MAX_MS = 20_000;

const run = (args: readonly string[], journal: string) =>
  spawnSync('hledger', ['-f', '-', ...args], {
    input: journal,
    encoding: 'utf8',
    timeout: RUN_MAX_MS,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });

/** Whether hledger is installed. */
export const hasHledger = run(['--version'], '').error === undefined;

if (!hasHledger) {
  process.stderr.write(
    'HLEDGER IS NOT INSTALLED: no exported book is read by anybody else (apt-get install hledger)\n',
  );
}

/** What hledger says of a journal that a command is run on; null where it has nothing to complain about. */
export const complaintOf = (journal: string, ...args: readonly string[]): string | null => {
  const { status, stderr } = run(args, journal);
  return status === 0 ? null : stderr;
};

/** What hledger answers to a command on a journal. Throws with its complaint. */
export const hledger = (journal: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = run(args, journal);
  if (status !== 0) throw new Error(stderr);
  return stdout;
};
