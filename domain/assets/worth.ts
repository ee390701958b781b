import { lastDayOf, type Period, periodOf, previousPeriod } from '#domain/finance/period.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import {
  type Acquisition,
  type AssetState,
  bookedOf,
  type Disposal,
  type Valuation,
  valuationAt,
} from './assetState.ts';

/** What a vehicle is as an asset at the end of a day; amounts in minor units of what it cost. */
export interface Worth {
  /** How it was acquired, what is written off, and what it is carried at; null: it was in no books. */
  readonly carried: {
    readonly acquisition: Acquisition;
    readonly writtenOff: bigint;
    readonly bookValue: bigint;
  } | null;
  readonly disposal: Disposal | null;
  readonly valuation: Valuation | null;
}

/** The last month that is over at the end of a day. */
const overBy = (date: LocalDate): Period => {
  const period = periodOf(date);
  return date === lastDayOf(period) ? period : previousPeriod(period);
};

/** What is known of a vehicle as an asset at the end of a day. Disposed of, it is carried at nothing. */
export const worthOn = (state: AssetState, date: LocalDate): Worth => {
  const { acquisition, disposal } = state;
  const valuation = valuationAt(state, date);
  if (acquisition === null || acquisition.date > date)
    return { carried: null, disposal: null, valuation };
  const isGone = disposal !== null && !disposal.voided && disposal.date <= date;
  const writtenOff = bookedOf(state, overBy(date));
  const bookValue = isGone ? 0n : minorUnits(acquisition.cost) - writtenOff;
  return {
    carried: { acquisition, writtenOff, bookValue },
    disposal: isGone ? disposal : null,
    valuation,
  };
};
