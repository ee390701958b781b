import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyLock } from '#adapters/keyLock.ts';
import { type KeyStore, keyStoreOn } from '#adapters/keyStore.ts';
import { crashingDisk, type Tear } from '#tests/support/crashingDisk.ts';
import {
  ann,
  bob,
  cid,
  coins,
  find,
  openOn,
  ownerOf,
  textOf,
  unlessDead,
} from '#tests/support/keyStores.ts';

const RUNS = 400;
const COMMANDS_MAX = 25;
const STEPS_MAX = 60;
/** More steps than a first reading takes. */
const STALLS_MAX = 12;

interface Command {
  readonly process: number;
  readonly act: 'ensure' | 'destroy' | 'find';
  readonly owners: readonly number[];
  /** The step at which it dies, if it gets that far. */
  readonly dies: number | null;
  /** Null: only the process dies. Else the machine, and this decides what is left. */
  readonly loss: number | null;
  readonly tear: Tear;
}

const anyCommand: fc.Arbitrary<Command> = fc.record({
  process: fc.integer({ min: 0, max: 1 }),
  act: fc.constantFrom('ensure', 'ensure', 'destroy', 'find'),
  owners: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
  dies: fc.option(fc.integer({ min: 1, max: STEPS_MAX })),
  loss: fc.option(fc.integer({ min: 0, max: 0x7fffffff })),
  tear: fc.constantFrom('half', 'hole'),
});

/**
 * What may be known of an owner's key: some of these, null being none. `any` until somebody has seen it.
 */
type Belief = ReadonlySet<string | null> | 'any';

const agrees = (belief: Belief, seen: string | null): boolean =>
  belief === 'any' || belief.has(seen);

/** What is believed of a key after a command on its owner, as it answered, or died (undefined). */
const believed = (before: Belief, act: Command['act'], answer: string | null | undefined) => {
  if (answer !== undefined) return new Set([act === 'destroy' ? null : answer]);
  if (act === 'find' || before === 'any') return before;
  // A key may have been made that nobody has seen; one that was there may have been destroyed.
  if (act === 'ensure') return before.has(null) ? 'any' : before;
  return new Set([...before, null]);
};

const perform = async (store: KeyStore, { act, owners }: Command) => {
  const asked = owners.map(ownerOf);
  if (act === 'destroy') await store.destroy(asked);
  if (act === 'ensure') return (await store.ensure(asked)).map(textOf);
  return find(store, asked);
};

/** What a command answered for each owner; null if it died. */
type Answers = readonly (string | null)[] | null;

const learn = (beliefs: Map<number, Belief>, { act, owners }: Command, answers: Answers): void =>
  owners.forEach((owner, index) => {
    const before = beliefs.get(owner) ?? new Set([null]);
    const answer = answers?.[index];
    if (act === 'ensure' && answer !== undefined) {
      expect(answer).not.toBeNull();
      expect(agrees(before, answer) || agrees(before, null)).toBe(true);
    }
    if (act === 'find' && answer !== undefined) expect(agrees(before, answer)).toBe(true);
    beliefs.set(owner, believed(before, act, answer));
  });

const survives = async (commands: readonly Command[]): Promise<void> => {
  const plate = crashingDisk();
  const processes = new Map<number, KeyStore>();
  const beliefs = new Map<number, Belief>();
  for (const command of commands) {
    const store = processes.get(command.process) ?? (await openOn(plate));
    processes.set(command.process, store);
    if (command.dies !== null) plate.dieAt(command.dies, command.tear);
    const answers = await unlessDead(() => perform(store, command));
    plate.nextProcess();
    learn(beliefs, command, answers);
    if (answers !== null) continue;
    if (command.loss === null) {
      processes.delete(command.process);
    } else {
      plate.losePower(coins(command.loss));
      processes.clear();
    }
  }
};

describe('a key store', () => {
  it('loses no key and brings none back, whoever dies when', async () => {
    await fc.assert(fc.asyncProperty(fc.array(anyCommand, { maxLength: COMMANDS_MAX }), survives), {
      numRuns: RUNS,
    });
  });

  it('shows every reader an epoch that is whole, while another process changes it', async () => {
    const queue = (): KeyLock => {
      let last: Promise<unknown> = Promise.resolve();
      return (work) => {
        const mine = last.then(work);
        last = mine.catch(() => {});
        return mine;
      };
    };
    const changing = async (scheduler: fc.Scheduler): Promise<void> => {
      const disk = crashingDisk().diskInTurns(() => scheduler.schedule(Promise.resolve()));
      const lock = queue();
      const run = async () => {
        const [writer, reader] = [
          await keyStoreOn({ disk, lock }),
          await keyStoreOn({ disk, lock }),
        ];
        const bobsKey = (await writer.ensure([bob])).map(textOf);
        const write = async () => {
          await writer.ensure([ann]);
          await writer.destroy([ann]);
          await writer.ensure([cid]);
        };
        const read = async () => {
          for (let n = 0; n < 3; n += 1) {
            const [bobs] = await find(reader, [bob, ann]);
            expect([bobs]).toEqual(bobsKey);
          }
        };
        const make = async () => expect(await reader.ensure([ownerOf(4)])).toHaveLength(1);
        await Promise.all([write(), read(), read(), make()]);
        const every = [ann, bob, cid, ownerOf(4)];
        const [anns, ...others] = await find(reader, every);
        expect(anns).toBeNull();
        expect(others).not.toContain(null);
        expect(await find(await keyStoreOn({ disk, lock }), every)).toEqual([anns, ...others]);
      };
      await scheduler.waitFor(run());
    };
    await fc.assert(fc.asyncProperty(fc.scheduler(), changing), { numRuns: RUNS });
  });

  it('shows a whole epoch to a reader that is slower than the change of epoch', async () => {
    for (let stalled_at = 1; stalled_at < STALLS_MAX; stalled_at += 1) {
      const plate = crashingDisk();
      const writer = await openOn(plate);
      const keys = (await writer.ensure([ann, bob])).map(textOf);
      let steps_left = Number.POSITIVE_INFINITY;
      const over = Promise.withResolvers<void>();
      const disk = plate.diskInTurns(async () => {
        steps_left -= 1;
        if (steps_left === 0) await over.promise;
      });
      const reader = await openOn({ disk });
      steps_left = stalled_at;
      const reading = find(reader, [ann, bob]);
      await writer.destroy([ann]);
      over.resolve();
      const [anns, bobs] = await reading;
      expect(bobs).toBe(keys[1]);
      expect([keys[0], null]).toContain(anns);
    }
  });
});
