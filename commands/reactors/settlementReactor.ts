import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { deriveUuid } from '#commands/identity.ts';
import { slotOf } from '#commands/runs/slot.ts';
import { everywhere, type Workspace } from '#commands/workspace.ts';
import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import { type Money, moneyOf } from '#domain/kernel/money.ts';
import type { PaidLine, RunEvent } from '#domain/runs/events.ts';
import type { SettlementLine } from '#domain/runs/lines/settlement.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'settlements';

type Change = Extract<
  RunEvent,
  { type: 'RunPosted' | 'RunReversed' | 'PaymentsConfirmed' | 'PaymentsReturned' }
>;

/** What moves in the account of a driver, by which transaction. */
interface Movement {
  readonly type: 'SetOffPayable' | 'ReverseSetOff' | 'PayOut' | 'ReturnPayout';
  readonly driver: DriverId;
  readonly transaction: string;
  readonly amount: Money;
}

interface OfRun {
  readonly lines: readonly SettlementLine[];
  readonly money: (minor: string) => Money;
}

/** What was set off is settled when the run holds, and open again when it does not. */
const setOff = (
  { type, data }: Extract<Change, { type: 'RunPosted' | 'RunReversed' }>,
  { lines, money }: OfRun,
): readonly Movement[] =>
  lines
    .filter(({ offset }) => offset !== '0')
    .map(({ driver, offset }) => ({
      type: type === 'RunPosted' ? 'SetOffPayable' : 'ReverseSetOff',
      driver,
      transaction: deriveUuid('set-off', data.run, driver, type),
      amount: money(offset),
    }));

/** What the bank has paid is payable no more; what came back is payable again. */
const paid = (
  { type, data }: Extract<Change, { type: 'PaymentsConfirmed' | 'PaymentsReturned' }>,
  { lines, money }: OfRun,
): readonly Movement[] =>
  data.lines.flatMap(({ line, amount, entry }: PaidLine) => {
    const driver = lines[line]?.driver;
    if (driver === undefined) throw new Error(`${data.run} has no line ${line}`);
    const transaction = deriveUuid('settlement', data.run, String(line), entry);
    const moved = type === 'PaymentsConfirmed' ? ('PayOut' as const) : ('ReturnPayout' as const);
    return [{ type: moved, driver, transaction, amount: money(amount) }];
  });

const movements = (change: Change, of: OfRun): readonly Movement[] => {
  switch (change.type) {
    case 'RunPosted':
    case 'RunReversed':
      return setOff(change, of);
    default:
      return paid(change, of);
  }
};

const move =
  (workspace: Workspace) =>
  async (
    stimulus: Stimulus,
    change: Change,
    { type, driver, transaction, amount }: Movement,
  ): Promise<Either<{ readonly code: string }, unknown>> => {
    const { park } = change.data;
    const command: AccountCommand = {
      ...{ type, driver, park, vehicle: null, rental: null },
      ...{ transaction, amount, home: amount.currency, when: change.when },
    };
    const { origin } = reactionTo(stimulus, NAME, transaction);
    const aggregate = accountOf(origin.tenant, driver);
    return workspace.submit({ origin, aggregate, command, authorize: everywhere })();
  };

/**
 * Tells drivers' accounts what a settlement came to: what was set off when it is posted, what was paid when
 * the bank says so. Each is a transaction of its own, so that it is told once.
 */
export const settlementReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: ['RunPosted', 'RunReversed', 'PaymentsConfirmed', 'PaymentsReturned'],
  react: async (stimulus) => {
    const { fact } = stimulus;
    switch (fact.type) {
      case 'RunPosted':
      case 'RunReversed':
      case 'PaymentsConfirmed':
      case 'PaymentsReturned':
        break;
      default:
        return right(null);
    }
    if (fact.data.kind !== 'settlement') return right(null);
    const { run: id } = fact.data;
    const loaded = await workspace.load(runsOf(stimulus.event.tenant, slotOf(id)));
    if (isLeft(loaded)) return loaded;
    const run = loaded.right.state.get(id);
    if (!run) throw new Error(`${id} is not in its stream`);
    const { currency } = run.totals;
    const money = (minor: string) => moneyOf(BigInt(minor), currency);
    const lines = run.lines.filter((line) => line.kind === 'settlement');
    for (const movement of movements(fact, { lines, money })) {
      const moved = await move(workspace)(stimulus, fact, movement);
      if (isLeft(moved)) return moved;
    }
    return right(null);
  },
});
