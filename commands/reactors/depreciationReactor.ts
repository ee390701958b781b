import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { runsOf } from '#commands/aggregate.ts';
import { assetOf } from '#commands/assets/aggregates.ts';
import { slotOf } from '#commands/runs/slot.ts';
import { everywhere, type Workspace } from '#commands/workspace.ts';
import type { AssetCommand } from '#domain/assets/asset.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import { type Money, moneyOf } from '#domain/kernel/money.ts';
import type { RunEvent } from '#domain/runs/events.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'depreciations';

type Change = Extract<RunEvent, { type: 'RunPosted' | 'RunReversed' }>;

const tell =
  (workspace: Workspace) =>
  async (
    stimulus: Stimulus,
    { type, data, when }: Change,
    { vehicle, amount }: { readonly vehicle: VehicleId; readonly amount: Money },
  ): Promise<Either<{ readonly code: string }, unknown>> => {
    const { park, run, period } = data;
    const of = { vehicle, park, run, when };
    const command: AssetCommand =
      type === 'RunPosted'
        ? { ...of, type: 'BookDepreciation', period, amount }
        : { ...of, type: 'ReverseDepreciation' };
    const { origin } = reactionTo(stimulus, NAME, vehicle);
    const aggregate = assetOf(origin.tenant, vehicle);
    return workspace.submit({ origin, aggregate, command, authorize: everywhere })();
  };

/**
 * Tells assets what a run wrote off, when it is posted, and that it did not, when it is taken back. The
 * entries follow from what the assets then say: so a disposal always knows what was written off before it.
 */
export const depreciationReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: ['RunPosted', 'RunReversed'],
  react: async (stimulus) => {
    const { fact } = stimulus;
    const isOfRun = fact.type === 'RunPosted' || fact.type === 'RunReversed';
    if (!isOfRun || fact.data.kind !== 'depreciation') return right(null);
    const { run: id } = fact.data;
    const loaded = await workspace.load(runsOf(stimulus.event.tenant, slotOf(id)));
    if (isLeft(loaded)) return loaded;
    const run = loaded.right.state.get(id);
    if (!run) throw new Error(`${id} is not in its stream`);
    for (const line of run.lines) {
      if (line.kind !== 'depreciation') continue;
      const amount = moneyOf(BigInt(line.amount), run.totals.currency);
      const told = await tell(workspace)(stimulus, fact, { vehicle: line.vehicle, amount });
      if (isLeft(told)) return told;
    }
    return right(null);
  },
});
