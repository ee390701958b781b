import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { FineCommand, FineRefusal } from '#domain/fines/fine.ts';
import { type DriverId, FineId, type VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { Money } from '#domain/kernel/money.ts';
import { fineOf } from './aggregate.ts';
import { attribute, type CustodyRefused } from './custody.ts';
import { digestOf } from './digest.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

export type FineFailure = FineRefusal | CustodyRefused;

export interface NewFine {
  readonly vehicle: VehicleId;
  /** Whom the authority names, null where it names nobody. */
  readonly named: DriverId | null;
  readonly offence: string;
  readonly reference: string;
  readonly amount: Money;
  readonly points: number;
  readonly at: Instant;
}

/**
 * Records a fine, laid at the door of whoever had the vehicle at the time of the offence. Its id follows from
 * what it says, so the same fine told again, under whatever key, writes nothing.
 */
export const issueFine =
  (workspace: Workspace) =>
  async (request: Request, asked: NewFine): Outcome<FineId, FineFailure> => {
    const { origin } = request;
    const { vehicle: id, named, offence, reference, amount, points, at } = asked;
    const attributed = await attribute(workspace)(request, { vehicle: id, at, named });
    if (isLeft(attributed)) return attributed;
    const { vehicle, driver, rental } = attributed.right;
    const said = { type: 'FineIssued', vehicle: id, at, offence, reference, amount, points };
    const factHash = digestOf(said);
    const fine = FineId.parse(deriveUuid('fine', origin.tenant, factHash));
    return submitAs(workspace)(fine, {
      origin,
      aggregate: fineOf(origin.tenant, fine),
      command: {
        type: 'IssueFine',
        fine,
        vehicle: id,
        park: vehicle.park,
        driver,
        rental,
        offence,
        reference,
        amount,
        points,
        factHash,
        parkCurrency: vehicle.currency,
        when: momentOf(at, vehicle.zone),
      },
      authorize: () => scope(request)(vehicle.park),
    })();
  };

/** Submits a step of a fine that is there and in the caller's scope. */
export const onFine =
  (workspace: Workspace) =>
  async (
    request: Request,
    { fine, at }: { readonly fine: FineId; readonly at: Instant },
    build: (when: Moment) => FineCommand,
  ): Outcome<FineId, FineRefusal> => {
    const { origin } = request;
    const aggregate = fineOf(origin.tenant, fine);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'FineUnknown', fine });
    }
    return submitAs(workspace)(fine, {
      origin,
      aggregate,
      command: build(momentOf(at, state.when.zone)),
      authorize: () => scope(request)(state.park),
    })();
  };
