import type { KeyDisk } from '#adapters/keyDisk.ts';

interface Inode {
  bytes: Buffer;
  durable: Buffer;
}

/** The error that a step ends with at which the machine dies. */
export const CRASH = 'the machine died';

/** What is left of a write that broke off: its beginning, or all of it with a hole at the beginning. */
export type Tear = 'half' | 'hole';

const torn = (bytes: Buffer, tear: Tear): Buffer => {
  const half = Math.floor(bytes.length / 2);
  return tear === 'half'
    ? bytes.subarray(0, half)
    : Buffer.concat([Buffer.alloc(half), bytes.subarray(half)]);
};

/**
 * A directory in memory whose writes reach the plate only when synced, and which dies at a step of one's
 * choice. What a loss of power leaves of what was not synced is chosen bit by bit by `survives`.
 */
export const crashingDisk = () => {
  let names = new Map<string, Inode>();
  let durableNames = new Map<string, Inode>();
  const inodes = new Set<Inode>();
  let steps_left = Number.POSITIVE_INFINITY;
  let tear: Tear = 'half';

  /** True at the step in whose midst the machine dies. */
  const step = (): boolean => {
    if (steps_left <= 0) throw new Error(CRASH);
    steps_left -= 1;
    return steps_left === 0;
  };
  const inodeOf = (name: string): Inode => {
    const inode = names.get(name);
    if (!inode) throw new Error(`no such file: ${name}`);
    return inode;
  };
  const create = (name: string): Inode => {
    const inode = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) };
    inodes.add(inode);
    names.set(name, inode);
    return inode;
  };
  /** Some steps read, the others change something: only those can die half done. */
  const change = (work: (dying: boolean) => void): void => {
    const dying = step();
    work(dying);
    if (dying) throw new Error(CRASH);
  };

  const readStep = <Result>(work: () => Result): Result => {
    if (step()) throw new Error(CRASH);
    return work();
  };

  const steps = {
    list: () => readStep(() => [...names.keys()]),
    read: (name: string, from_bytes: number) =>
      readStep(() => {
        const inode = names.get(name);
        return inode ? Buffer.from(inode.bytes.subarray(from_bytes)) : null;
      }),
    write: (name: string, bytes: Buffer, at_bytes: number) =>
      change((dying) => {
        const inode = names.get(name) ?? create(name);
        const written = dying ? torn(bytes, tear) : bytes;
        const grown = Buffer.alloc(Math.max(inode.bytes.length, at_bytes + written.length));
        inode.bytes.copy(grown);
        written.copy(grown, at_bytes);
        inode.bytes = grown;
      }),
    truncate: (name: string, length_bytes: number) =>
      change((dying) => {
        const inode = inodeOf(name);
        if (!dying) inode.bytes = Buffer.from(inode.bytes.subarray(0, length_bytes));
      }),
    sync: (name: string) => {
      const inode = names.get(name);
      change((dying) => {
        if (inode && !dying) inode.durable = Buffer.from(inode.bytes);
      });
      return inode !== undefined;
    },
    syncDirectory: () =>
      change((dying) => {
        if (!dying) durableNames = new Map(names);
      }),
    rename: ({ from, to }: { readonly from: string; readonly to: string }) =>
      change((dying) => {
        if (dying) return;
        names.set(to, inodeOf(from));
        names.delete(from);
      }),
    unlink: (name: string) =>
      change((dying) => {
        if (!dying) names.delete(name);
      }),
  };

  /** The disk as a process sees it whose every step waits for its turn. */
  const diskInTurns = (turn: () => Promise<unknown>): KeyDisk => {
    const inTurn =
      <Asked extends readonly unknown[], Result>(work: (...asked: Asked) => Result) =>
      async (...asked: Asked): Promise<Result> => {
        await turn();
        return work(...asked);
      };
    return {
      list: inTurn(steps.list),
      read: inTurn(steps.read),
      write: inTurn(steps.write),
      truncate: inTurn(steps.truncate),
      sync: inTurn(steps.sync),
      syncDirectory: inTurn(steps.syncDirectory),
      rename: inTurn(steps.rename),
      unlink: inTurn(steps.unlink),
    };
  };

  return {
    disk: diskInTurns(async () => {}),
    diskInTurns,
    /** The machine, or the process, dies in the midst of the n-th step from now, the first being 1. */
    dieAt: (n: number, as: Tear = 'half'): void => {
      steps_left = n;
      tear = as;
    },
    /** Another process goes on with what the dead one had written, synced or not. */
    nextProcess: (): void => {
      steps_left = Number.POSITIVE_INFINITY;
    },
    /** Power is lost and comes back. */
    losePower: (survives: () => boolean): void => {
      steps_left = Number.POSITIVE_INFINITY;
      for (const inode of inodes) {
        if (!survives()) inode.bytes = Buffer.from(inode.durable);
        inode.durable = inode.bytes;
      }
      const left = new Map<string, Inode>();
      for (const name of new Set([...names.keys(), ...durableNames.keys()])) {
        const inode = (survives() ? names : durableNames).get(name);
        if (inode) left.set(name, inode);
      }
      names = left;
      durableNames = new Map(left);
    },
    /** Files by name, as they are now. */
    files: (): ReadonlyMap<string, Buffer> =>
      new Map([...names].map(([name, { bytes }]) => [name, bytes])),
    /** Whether some bytes are on the plate, in a file or in what is left of an unlinked one. */
    holds: (bytes: Buffer): boolean =>
      [...inodes].some((inode) => inode.durable.includes(bytes) || inode.bytes.includes(bytes)),
  };
};

export type CrashingDisk = ReturnType<typeof crashingDisk>;
