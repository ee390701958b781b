import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { fineOf } from '#commands/aggregate.ts';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { proposeDeduction } from '#commands/driverAccounts/deductions.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { readHistory } from '#commands/readHistory.ts';
import type { Workspace } from '#commands/workspace.ts';
import { deductionFor } from '#domain/driverAccounts/accountState.ts';
import type { WithdrawDeduction } from '#domain/driverAccounts/commands.ts';
import type { FineEvent } from '#domain/fines/events.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import { fineStream } from '#domain/kernel/streams.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'deductions';

type Reaction = Promise<Either<{ readonly code: string }, unknown>>;
type Change = Extract<
  FineEvent,
  { type: 'FineConfirmed' | 'FineDisputed' | 'FineVoided' | 'FineReattributed' }
>;

/** Proposes what a fine costs to whoever bears it, once it stands: the fine's own events are the evidence. */
const propose =
  (workspace: Workspace) =>
  async (stimulus: Stimulus, { data, when }: Change): Reaction => {
    const { fine } = data;
    const { tenant } = stimulus.event;
    const loaded = await workspace.load(fineOf(tenant, fine));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    const stands = state.phase === 'confirmed' || state.phase === 'paid';
    if (!stands || state.driver === null || state.rental === null) return right(null);
    // What was laid at another door meanwhile has an event of its own, which proposes it there.
    if (state.driver !== data.driver || state.amount.amount === '0') return right(null);
    const history = await readHistory(workspace.store)(fineStream(tenant, fine));
    if (isLeft(history)) return history;
    const issued = history.right.find(({ fact }) => fact.type === 'FineIssued')?.id;
    const { driver, rental, amount } = state;
    const proposed = await proposeDeduction(workspace)(reactionTo(stimulus, NAME, driver), {
      ...{ driver, rental, kind: 'fine', fine, amount },
      basis: issued ? [issued, stimulus.event.id] : [stimulus.event.id],
      // A reattribution speaks of the time of the offence; the driver learns of it only now.
      at: stimulus.fact.type === 'FineReattributed' ? workspace.now() : when.at,
      ...{ happenedAt: state.when.at, cause: stimulus.event.id },
    });
    // Without a published plan there are no terms on which anything could be deducted.
    return isLeft(proposed) && proposed.left.code === 'PlanUnknown' ? right(null) : proposed;
  };

const withdraw =
  (workspace: Workspace) =>
  async (
    stimulus: Stimulus,
    { data, when }: Change,
    { driver, reason }: { driver: DriverId | null; reason: WithdrawDeduction['reason'] },
  ): Reaction => {
    if (driver === null) return right(null);
    const loaded = await workspace.load(accountOf(stimulus.event.tenant, driver));
    if (isLeft(loaded)) return loaded;
    const held = deductionFor(loaded.right.state, data.fine);
    if (!held) return right(null);
    const { deduction } = held.proposed;
    const request = reactionTo(stimulus, NAME, driver, 'withdraw');
    const about = { driver, at: when.at, id: deduction };
    return onAccount(workspace)(request, about, (said) => ({
      ...said,
      type: 'WithdrawDeduction',
      deduction,
      reason,
      basis: stimulus.event.id,
    }));
  };

/**
 * Has drivers pay for the fines that stand: proposes a deduction when a fine is confirmed or comes to
 * somebody else, and takes it back, with all that was deducted, when the fine is disputed, voided or goes
 * away.
 */
export const deductionReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: ['FineConfirmed', 'FineDisputed', 'FineVoided', 'FineReattributed'],
  react: async (stimulus) => {
    const { fact } = stimulus;
    switch (fact.type) {
      case 'FineConfirmed':
        return propose(workspace)(stimulus, fact);
      case 'FineDisputed': {
        const { driver } = fact.data;
        return withdraw(workspace)(stimulus, fact, { driver, reason: 'fine_disputed' });
      }
      case 'FineVoided': {
        const { driver } = fact.data;
        return withdraw(workspace)(stimulus, fact, { driver, reason: 'fine_voided' });
      }
      case 'FineReattributed': {
        const from = { driver: fact.data.fromDriver, reason: 'fine_reattributed' } as const;
        const withdrawn = await withdraw(workspace)(stimulus, fact, from);
        return isLeft(withdrawn) ? withdrawn : propose(workspace)(stimulus, fact);
      }
      default:
        return right(null);
    }
  },
});
