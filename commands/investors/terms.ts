import { isLeft, left } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  type Outcome,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { TermsRefusal } from '#domain/investors/agreement.ts';
import type { Terms } from '#domain/investors/terms.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { termsOf } from './aggregates.ts';

/** Why terms may be refused. */
export type TermsFailure =
  | TermsRefusal
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId };

/** Agrees terms for an asset of the caller's, from a local day on. */
export const agreeTerms =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly effectiveFrom: LocalDate;
      readonly terms: Terms;
      readonly at: Instant;
    },
  ): Outcome<VehicleId, TermsFailure> => {
    const { origin } = request;
    const { vehicle, effectiveFrom, terms, at } = asked;
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const { currency, zone, park } = known;
    const when = momentOf(at, zone);
    return submitAs(workspace)(vehicle, {
      origin,
      aggregate: termsOf(origin.tenant, vehicle),
      command: { type: 'AgreeTerms', vehicle, effectiveFrom, terms, currency, when },
      authorize: () => scope(request)(park),
    })();
  };
