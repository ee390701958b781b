import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import {
  type DriverId,
  PlanId,
  type RentalId,
  type Tenant,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { PlanRefusal } from '#domain/plans/plan.ts';
import { type PlanTerms, type PlanVersion, versionOn } from '#domain/plans/terms.ts';
import type { Rental } from '#domain/registry/vehicleState.ts';
import { planOf } from './aggregates.ts';

/** Why there are no terms to go by: no such rental, or none that a published plan covers on that day. */
export type TermsRefusal =
  | { readonly code: 'RentalUnknown'; readonly rental: RentalId }
  | { readonly code: 'PlanUnknown' };

/** The id of the stream of a plan, whose code may hold what names of streams may not. */
const planIdOf = (tenant: Tenant, plan: string): PlanId =>
  PlanId.parse(deriveUuid('plan', tenant, plan));

/** Every version of a plan; none where nobody has published it. */
export const planVersions =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (tenant: Tenant, plan: string): Promise<Either<Unavailable, readonly PlanVersion[]>> => {
    const loaded = await load(planOf(tenant, planIdOf(tenant, plan)));
    return isLeft(loaded) ? loaded : right(loaded.right.state.versions);
  };

/** Publishes terms of a plan. They hold in every park: prices are the tenant's. */
export const publishPlan =
  (workspace: Workspace) =>
  async (
    { origin }: Request,
    asked: {
      readonly plan: string;
      readonly effectiveFrom: LocalDate;
      readonly terms: PlanTerms;
      readonly at: Instant;
    },
  ): Outcome<string, PlanRefusal> => {
    const { plan, effectiveFrom, terms, at } = asked;
    const planId = planIdOf(origin.tenant, plan);
    const when = momentOf(at, workspace.platformZone);
    return submitAs(workspace)(plan, {
      origin,
      aggregate: planOf(origin.tenant, planId),
      command: { type: 'PublishPlan', plan, planId, effectiveFrom, terms, when },
      authorize: everywhere,
    })();
  };

/**
 * A driver's rental in the caller's scope, and the version of its plan that holds for it on the local day of
 * an instant.
 */
export const rentalTerms =
  (workspace: Pick<Workspace, 'load'>) =>
  async (
    request: Request,
    asked: { readonly rental: RentalId; readonly driver: DriverId; readonly at: Instant },
  ): Promise<
    Either<TermsRefusal | Unavailable, { readonly rental: Rental; readonly version: PlanVersion }>
  > => {
    const { rental: id, driver, at } = asked;
    const { tenant } = request.origin;
    const loaded = await workspace.load(vehicleOf(tenant, vehicleIn(id)));
    if (isLeft(loaded)) return loaded;
    const rental = loaded.right.state.vehicle?.rentals.get(id);
    if (rental?.driver !== driver || isLeft(scope(request)(rental.park))) {
      return left({ code: 'RentalUnknown', rental: id });
    }
    if (rental.plan === null) return left({ code: 'PlanUnknown' });
    const versions = await planVersions(workspace)(tenant, rental.plan);
    if (isLeft(versions)) return versions;
    const version = versionOn(versions.right, momentOf(at, rental.zone).localDate);
    return version ? right({ rental, version }) : left({ code: 'PlanUnknown' });
  };
