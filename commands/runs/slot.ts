import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { parkOf, runsOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import { namedMonth } from '#domain/finance/period.ts';
import { ParkId, type RunId, type Tenant } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { RunKind } from '#domain/runs/events.ts';
import type { RunCommand, RunRefusal } from '#domain/runs/run.ts';
import type { Run } from '#domain/runs/runState.ts';

/** What a run is about, as its id says: `<kind>-<park>-<yyyymm>~<local id>`. */
export const slotOf = (run: RunId) => {
  const [slot = ''] = run.split('~');
  const { name, period } = namedMonth(slot);
  const kind = RunKind.parse(name.slice(0, name.indexOf('-')));
  const park = ParkId.parse(name.slice(kind.length + 1));
  return { kind, park, period };
};

/** A park that is there. */
export interface KnownPark {
  readonly park: ParkId;
  readonly zone: Zone;
  readonly currency: Currency;
}

type ParkUnknown = { readonly code: 'ParkUnknown'; readonly park: ParkId };

/** Whoever looks at runs: in which tenant, and in which parks. */
export interface Looking extends Pick<Request, 'mayActIn'> {
  readonly tenant: Tenant;
}

/** Whoever asks for a step of a run may look at it. */
export const lookingOf = ({ origin, mayActIn }: Request): Looking => ({
  tenant: origin.tenant,
  mayActIn,
});

/** A park in the caller's scope. */
export const knownPark =
  ({ load }: Workspace) =>
  async (
    looking: Looking,
    park: ParkId,
  ): Promise<Either<HandleFailure | ParkUnknown, KnownPark>> => {
    const loaded = await load(parkOf(looking.tenant, park));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(looking)(park))) {
      return left({ code: 'ParkUnknown', park });
    }
    return right({ park, zone: state.zone, currency: state.currency });
  };

/** A run as far as it has got, where there is one. */
export const runAsItIs =
  ({ load }: Workspace) =>
  async (tenant: Tenant, run: RunId): Promise<Either<HandleFailure | RunRefusal, Run>> => {
    const loaded = await load(runsOf(tenant, slotOf(run)));
    if (isLeft(loaded)) return loaded;
    const found = loaded.right.state.get(run);
    return found ? right(found) : left({ code: 'RunUnknown', run });
  };

type Step<Type extends RunCommand['type']> = Omit<
  Extract<RunCommand, { type: Type }>,
  'run' | 'kind' | 'park' | 'period' | 'when'
>;

/** A step of a run, without what its id and the clock tell. */
export type RunStep = { [Type in RunCommand['type']]: Step<Type> }[RunCommand['type']];

/** Submits a step of a run in the caller's scope; it happens now, or happened at a time before. */
export const onRun =
  (workspace: Workspace) =>
  async (
    request: Request,
    run: RunId,
    step: RunStep,
    at: Instant = workspace.now(),
  ): Outcome<RunId, RunRefusal> => {
    const slot = slotOf(run);
    const park = await knownPark(workspace)(lookingOf(request), slot.park);
    if (isLeft(park)) {
      return park.left.code === 'ParkUnknown' ? left({ code: 'RunUnknown', run }) : left(park.left);
    }
    const { origin } = request;
    const when = momentOf(at, park.right.zone);
    return submitAs(workspace)(run, {
      origin,
      aggregate: runsOf(origin.tenant, slot),
      command: { ...step, ...slot, run, when },
      authorize: () => scope(request)(slot.park),
    })();
  };
