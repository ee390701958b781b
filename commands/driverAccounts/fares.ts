import { isLeft, left } from 'fp-ts/lib/Either.js';
import { momentOf } from '#commands/localDate.ts';
import {
  everywhere,
  type Outcome,
  type Request,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import { timesRate } from '#domain/finance/rate.ts';
import { type DriverId, type RentalId, vehicleOf as vehicleIn } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { accountOf } from './aggregates.ts';
import { type AccountFailure, currencyOf } from './onAccount.ts';
import { rentalTerms, type TermsRefusal } from './plans.ts';

/** Why a fare is none of a driver's business: the plan of the rental knows no share of it. */
export type FareFailure =
  | AccountFailure
  | TermsRefusal
  | { readonly code: 'PlanWithoutFareShare'; readonly plan: string };

/** Credits a driver with their share of a fare, by the plan of the rental on the day of the fare. */
export const creditFare =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly driver: DriverId;
      readonly rental: RentalId;
      readonly transaction: string;
      readonly amount: Money;
      readonly at: Instant;
    },
  ): Outcome<DriverId, FareFailure> => {
    const { driver, rental: id, transaction, amount, at } = asked;
    const { origin } = request;
    const terms = await rentalTerms(workspace)(request, { rental: id, driver, at });
    if (isLeft(terms)) return terms;
    const { rental, version } = terms.right;
    const { park, zone } = rental;
    const { plan, version: planVersion } = version;
    const { fareShare } = version.terms;
    if (fareShare === null) return left({ code: 'PlanWithoutFareShare', plan });
    const home = await currencyOf(workspace)(origin.tenant, park);
    if (isLeft(home)) return home;
    const share = timesRate(minorUnits(amount), fareShare);
    return submitAs(workspace)(driver, {
      origin,
      aggregate: accountOf(origin.tenant, driver),
      command: {
        type: 'CreditFare',
        ...{ driver, park, vehicle: vehicleIn(id), rental: id, home: home.right },
        ...{ transaction, amount, driverShare: moneyOf(share, amount.currency) },
        ...{ plan, planVersion, when: momentOf(at, zone) },
      },
      authorize: everywhere,
    })();
  };
