import { isLeft } from 'fp-ts/lib/Either.js';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import type { ProposeDeduction } from '#domain/driverAccounts/commands.ts';
import { DeductionId, type RentalId, vehicleOf as vehicleIn } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { accountOf } from './aggregates.ts';
import { type AccountFailure, currencyOf } from './onAccount.ts';
import { rentalTerms, type TermsRefusal } from './plans.ts';

const DAY_MS = 86_400_000;

/** What is to be deducted from whom, and the rental whose plan says how. */
interface NewDeduction
  extends Pick<ProposeDeduction, 'driver' | 'kind' | 'fine' | 'amount' | 'basis'> {
  readonly rental: RentalId;
  /** When what it is for happened: the terms of that day count. */
  readonly happenedAt: Instant;
  /** When it is proposed: the dispute window begins. */
  readonly at: Instant;
  /** What, besides the driver, the id of the deduction follows from. */
  readonly cause: string;
}

/**
 * Proposes to deduct something from a driver, on the terms of the plan of the rental in which it happened:
 * where there is no published plan, there is nothing to go by.
 */
export const proposeDeduction =
  (workspace: Workspace) =>
  async (
    request: Request,
    { happenedAt, cause, at, ...said }: NewDeduction,
  ): Outcome<DeductionId, AccountFailure | TermsRefusal> => {
    const { driver, rental: id } = said;
    const { tenant } = request.origin;
    const terms = await rentalTerms(workspace)(request, { rental: id, driver, at: happenedAt });
    if (isLeft(terms)) return terms;
    const { rental, version } = terms.right;
    const { park, zone } = rental;
    const home = await currencyOf(workspace)(tenant, park);
    if (isLeft(home)) return home;
    const { deductionCap: cap, disputeWindow_days } = version.terms;
    const deduction = DeductionId.parse(deriveUuid('deduction', driver, cause));
    return submitAs(workspace)(deduction, {
      origin: request.origin,
      aggregate: accountOf(tenant, driver),
      command: {
        type: 'ProposeDeduction',
        ...said,
        ...{ park, vehicle: vehicleIn(id), home: home.right, when: momentOf(at, zone) },
        ...{ deduction, cap },
        disputableUntil: instantOf(epochMs(at) + disputeWindow_days * DAY_MS),
      },
      authorize: everywhere,
    })();
  };
