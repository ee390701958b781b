import { z } from 'zod';
import { Rate, Share } from '#domain/finance/rate.ts';
import { type Currency, NonNegativeMoney } from '#domain/kernel/money.ts';

/** What is put aside of each month's revenue until the reserve holds `until`. */
const ReserveTerms = z.strictObject({ rate: Share, until: NonNegativeMoney });

/** What investors get first: `rate` a year on `valuation`, a twelfth of it each month, not cumulative. */
const HurdleTerms = z.strictObject({ rate: Rate, valuation: NonNegativeMoney });

/**
 * How the result of an asset is shared. Null: there is no reserve, or no hurdle. `operatorFee` is of what is
 * left after costs, what the operator advanced, and the reserve; `investorsShare` of what is left above the
 * hurdle. Costs and advances come first under any terms, so that nothing is said of them. Source: facts on
 * money, "A waterfall, worked to the cent".
 */
export const Terms = z.strictObject({
  reserve: ReserveTerms.nullable(),
  operatorFee: Share,
  hurdle: HurdleTerms.nullable(),
  investorsShare: Share,
});
export type Terms = z.infer<typeof Terms>;

/** The currencies in which terms name amounts; none where they name none. */
export const currenciesOf = ({ reserve, hurdle }: Terms): readonly Currency[] =>
  [reserve?.until, hurdle?.valuation].flatMap((amount) => (amount ? [amount.currency] : []));
