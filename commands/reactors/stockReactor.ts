import { right } from 'fp-ts/lib/Either.js';
import { onStock } from '#commands/inventory/stock.ts';
import type { Workspace } from '#commands/workspace.ts';
import { RepairCostAdded } from '#domain/maintenance/events.ts';
import { type Reactor, reactionTo } from './reactor.ts';

const NAME = 'stock';

/** Takes the parts that a repair used out of the stock of its park. */
export const stockReactor = (workspace: Workspace): Reactor => ({
  name: NAME,
  handles: [RepairCostAdded.type],
  react: async (stimulus) => {
    const { event, fact } = stimulus;
    if (fact.type !== 'RepairCostAdded' || fact.data.line.kind !== 'part') return right(null);
    const { park, vehicle, line } = fact.data;
    const { reference: part, quantity_milli, amount } = line;
    const of = { park, part, at: fact.when.at };
    return onStock(workspace)(reactionTo(stimulus, NAME, 'take'), of, {
      ...{ type: 'TakeParts', quantity_milli, amount, vehicle, basis: event.id },
    });
  },
});
