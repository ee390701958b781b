import { isLeft } from 'fp-ts/lib/Either.js';
import { holding } from '#commands/aggregate.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import { knownPark, lookingOf } from '#commands/runs/slot.ts';
import {
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import { stockEvents } from '#domain/inventory/events.ts';
import { type StockCommand, type StockRefusal, stockDecider } from '#domain/inventory/stock.ts';
import { type ParkId, StockId, type Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { stockStream } from '#domain/kernel/streams.ts';

/** Why nothing comes into a stock or is counted in it. */
export type StockFailure = StockRefusal | { readonly code: 'ParkUnknown'; readonly park: ParkId };

const isStockEvent = holding(stockEvents);

/** The stock of a part in a park; parts may be called what streams may not. */
const stockIdOf = (tenant: Tenant, park: ParkId, part: string): StockId =>
  StockId.parse(deriveUuid('stock', tenant, park, part));

type Step<Type extends StockCommand['type']> = Omit<
  Extract<StockCommand, { type: Type }>,
  'stock' | 'park' | 'part' | 'home' | 'when'
>;
type StockStep = { [Type in StockCommand['type']]: Step<Type> }[StockCommand['type']];

/** Submits what happens to the stock of a part in a park of the caller's. */
export const onStock =
  (workspace: Workspace) =>
  async (
    request: Request,
    { park, part, at }: { readonly park: ParkId; readonly part: string; readonly at: Instant },
    step: StockStep,
  ): Outcome<StockId, StockFailure> => {
    const { tenant } = request.origin;
    const known = await knownPark(workspace)(lookingOf(request), park);
    if (isLeft(known)) return known;
    const { zone, currency: home } = known.right;
    const stock = stockIdOf(tenant, park, part);
    return submitAs(workspace)(stock, {
      origin: request.origin,
      aggregate: {
        decider: stockDecider,
        streamOf: () => stockStream(tenant, stock),
        owns: isStockEvent,
      },
      command: { ...step, ...{ stock, park, part, home }, when: momentOf(at, zone) },
      authorize: () => scope(request)(park),
    })();
  };
