import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { immobilizationRulesOf, newBlocksOf, parkOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { momentOf } from '#commands/localDate.ts';
import { platformTenant } from '#commands/platform.ts';
import type { FenceShapes, Unavailable } from '#commands/ports.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { RulesUsed } from '#domain/immobilization/events.ts';
import type { NewBlocks } from '#domain/immobilization/publishRules.ts';
import { defaultRules, type ImmobilizationRules } from '#domain/immobilization/rules.ts';
import type { ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Fence } from '#domain/parks/fence.ts';
import type { ParkRefusal } from '#domain/parks/park.ts';

/** The rules that hold in a park: its own, else the tenant's, else the defaults. */
export const rulesFor =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (tenant: Tenant, park: ParkId | null): Promise<Either<Unavailable, RulesUsed>> => {
    for (const of of park === null ? [null] : [park, null]) {
      const loaded = await load(immobilizationRulesOf(tenant, of));
      if (isLeft(loaded)) return loaded;
      const { version, rules } = loaded.right.state;
      if (rules !== null) return right({ park: of, version, rules });
    }
    return right({ park: null, version: 0, rules: defaultRules });
  };

interface NewRules {
  readonly park: ParkId | null;
  /** The rules, with the shapes of no-stop zones instead of their digests. */
  readonly rules: Omit<ImmobilizationRules, 'no_stop'>;
  readonly noStop: readonly Fence[];
}

/** Publishes rules for a park, or for the tenant; the shapes of no-stop zones are kept first. */
export const publishImmobilizationRules =
  (workspace: Workspace, shapes: FenceShapes) =>
  async (request: Request, { park, rules, noStop }: NewRules): Outcome<string, ParkRefusal> => {
    const { origin } = request;
    const { tenant, actor } = origin;
    const at = workspace.now();
    let zone = workspace.platformZone;
    if (park !== null) {
      const loaded = await workspace.load(parkOf(tenant, park));
      if (isLeft(loaded)) return loaded;
      const { state } = loaded.right;
      if (state.phase === 'unknown' || isLeft(scope(request)(park))) {
        return left({ code: 'ParkUnknown', park });
      }
      zone = state.zone;
    }
    const kept = await shapes.keep(tenant, noStop)();
    if (isLeft(kept)) return kept;
    const no_stop = noStop.flatMap(({ fence }, index) => {
      const digest = kept.right[index];
      return digest ? [{ fence, digest }] : [];
    });
    return submitAs(workspace)(park ?? tenant, {
      origin,
      aggregate: immobilizationRulesOf(tenant, park),
      command: {
        type: 'PublishImmobilizationRules',
        user: actor.id,
        park,
        rules: { ...rules, no_stop },
        when: momentOf(at, zone),
      },
      authorize: everywhere,
    })();
  };

/** Whether blocks are allowed: of a tenant, and of everybody. */
export const newBlocks =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (
    tenant: Tenant,
  ): Promise<Either<Unavailable, { readonly tenant: NewBlocks; readonly platform: NewBlocks }>> => {
    const [own, everywhereElse] = await Promise.all([
      load(newBlocksOf(tenant)),
      load(newBlocksOf(platformTenant)),
    ]);
    if (isLeft(own)) return own;
    if (isLeft(everywhereElse)) return everywhereElse;
    return right({ tenant: own.right.state, platform: everywhereElse.right.state });
  };

/** Whether new blocks may be sent for a tenant at this moment. */
export const newBlocksAllowed =
  (workspace: Pick<Workspace, 'load'>) =>
  async (tenant: Tenant): Promise<Either<Unavailable, boolean>> => {
    const found = await newBlocks(workspace)(tenant);
    if (isLeft(found)) return found;
    return right(found.right.tenant.allowed && found.right.platform.allowed);
  };

/** Stops new blocks of a tenant, or, of `platform`, all of them; or allows them again. */
export const switchNewBlocks =
  (workspace: Workspace) =>
  async (
    { origin }: Pick<Request, 'origin'>,
    { allowed, reason }: { readonly allowed: boolean; readonly reason: string },
  ): Promise<Either<HandleFailure, { readonly allowed: boolean }>> => {
    const done = await workspace.submit({
      origin,
      aggregate: newBlocksOf(origin.tenant),
      command: {
        type: 'SwitchNewBlocks',
        user: origin.actor.id,
        allowed,
        reason,
        when: momentOf(workspace.now(), workspace.platformZone),
      },
      authorize: everywhere,
    })();
    return isLeft(done) ? done : right({ allowed });
  };
