import { isLeft, left } from 'fp-ts/lib/Either.js';
import { ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import type { ParkRefusal } from '#domain/parks/park.ts';
import { parkOf } from './aggregate.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from './workspace.ts';

/** Opens a park: where it lies in time, and in which money it reckons. */
export const openPark =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    asked: {
      readonly code: string;
      readonly name: string;
      readonly currency: Currency;
      readonly zone: Zone;
      readonly at: Instant;
    },
  ): Outcome<ParkId, ParkRefusal> => {
    const { code, name, currency, zone, at } = asked;
    const park = ParkId.parse(deriveUuid('park', origin.command));
    return submitAs(workspace)(park, {
      origin,
      aggregate: parkOf(origin.tenant, park),
      command: { type: 'OpenPark', park, code, name, currency, when: momentOf(at, zone) },
      authorize: everywhere,
    })();
  };

/** Closes a park for good. What is in it stays there until it is moved. */
export const closePark =
  (workspace: Workspace) =>
  async (
    request: Request,
    { park, at }: { readonly park: ParkId; readonly at: Instant },
  ): Outcome<ParkId, ParkRefusal> => {
    const { origin } = request;
    const aggregate = parkOf(origin.tenant, park);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown') return left({ code: 'ParkUnknown', park });
    return submitAs(workspace)(park, {
      origin,
      aggregate,
      command: { type: 'ClosePark', park, when: momentOf(at, state.zone) },
      authorize: () => scope(request)(park),
    })();
  };
