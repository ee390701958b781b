import { assetDecider } from '#domain/assets/asset.ts';
import {
  type Acquisition,
  type AssetState,
  bookedOf,
  type Disposal,
} from '#domain/assets/assetState.ts';
import {
  type AssetEvent,
  assetEvents,
  type Funding,
  isAssetEvent,
  type ProceedsChannel,
} from '#domain/assets/events.ts';
import { ACCOUNTS, type Account } from '#domain/finance/accounts.ts';
import { lastDayOf } from '#domain/finance/period.ts';
import {
  credit,
  debit,
  type EntryDraft,
  type EntryLine,
  flipped,
  postingRule,
} from '#domain/finance/postingRule.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import { type Currency, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import type { AnyFact } from '#domain/kernel/registry.ts';

const PAID_FROM: Readonly<Record<Funding, Account>> = {
  investors: ACCOUNTS.contributed,
  supplier: ACCOUNTS.suppliers,
  bank: ACCOUNTS.bank,
};
const PAID_TO: Readonly<Record<ProceedsChannel, Account>> = {
  bank: ACCOUNTS.bank,
  provider: ACCOUNTS.providers,
};

/** Debits an account by an amount above zero, and credits it by one below; of nothing there is no line. */
const on =
  (currency: Currency) =>
  (account: Account, minor: bigint): readonly EntryLine[] => {
    if (minor === 0n) return [];
    return minor > 0n
      ? [debit(account, moneyOf(minor, currency))]
      : [credit(account, moneyOf(-minor, currency))];
  };

const acquiring = ({ cost, funding }: Acquisition): readonly EntryLine[] => {
  const line = on(cost.currency);
  const minor = minorUnits(cost);
  return [...line(ACCOUNTS.vehicles, minor), ...line(PAID_FROM[funding], -minor)];
};

/** What a disposal gained or lost, by what was written off. */
const outcome = (
  { cost }: Acquisition,
  { proceeds }: Disposal,
  off: bigint,
): readonly EntryLine[] => {
  const lost = minorUnits(cost) - off - minorUnits(proceeds);
  return on(cost.currency)(lost > 0n ? ACCOUNTS.disposalLosses : ACCOUNTS.disposalGains, lost);
};

const disposing = (
  acquired: Acquisition,
  disposal: Disposal,
  off: bigint,
): readonly EntryLine[] => {
  const line = on(acquired.cost.currency);
  return [
    ...line(ACCOUNTS.depreciated, off),
    ...line(PAID_TO[disposal.via], minorUnits(disposal.proceeds)),
    ...line(ACCOUNTS.vehicles, -minorUnits(acquired.cost)),
    ...outcome(acquired, disposal, off),
  ];
};

/**
 * What writing off books. What becomes known after the vehicle was disposed of changes what the disposal
 * gained or lost: there is nothing left to be worth less.
 */
const writingOff = (before: AssetState, amount: bigint): readonly EntryLine[] => {
  const { acquisition, disposal } = before;
  if (!acquisition) return [];
  const line = on(acquisition.cost.currency);
  const cost = line(ACCOUNTS.depreciation, amount);
  if (!disposal || disposal.voided) return [...cost, ...line(ACCOUNTS.depreciated, -amount)];
  const off = bookedOf(before);
  return [
    ...cost,
    ...flipped(outcome(acquisition, disposal, off)),
    ...outcome(acquisition, disposal, off + amount),
  ];
};

type Posted = Omit<EntryDraft, 'book'> & { readonly park: EntryDraft['book']['park'] };

const acquisitionOf = (acquisition: Acquisition | null): readonly Posted[] =>
  acquisition
    ? [{ park: acquisition.park, date: acquisition.date, lines: acquiring(acquisition) }]
    : [];

const isPlanOnly = (one: Acquisition, other: Acquisition): boolean =>
  one.park === other.park &&
  one.date === other.date &&
  one.funding === other.funding &&
  one.cost.amount === other.cost.amount;

const changed = (fact: AssetEvent, before: AssetState): readonly Posted[] => {
  const { acquisition, disposal } = before;
  const after = assetDecider.evolve(before, fact);
  switch (fact.type) {
    case 'VehicleAcquired':
      return acquisitionOf(after.acquisition);
    case 'VehicleAcquisitionCorrected': {
      if (acquisition && isPlanOnly(acquisition, fact.data)) return [];
      const undone = acquisitionOf(acquisition).map((posted) => ({
        ...posted,
        lines: flipped(posted.lines),
      }));
      return [...undone, ...acquisitionOf(after.acquisition)];
    }
    case 'VehicleDisposed': {
      const { park, date } = fact.data;
      if (!acquisition || !after.disposal) return [];
      const lines = disposing(acquisition, after.disposal, bookedOf(before));
      return [{ park, date, lines }];
    }
    case 'VehicleDisposalVoided': {
      if (!acquisition || !disposal) return [];
      const { park, date } = disposal;
      const lines = flipped(disposing(acquisition, disposal, bookedOf(before)));
      return [{ park, date, lines }];
    }
    case 'VehicleDepreciated': {
      const { park, period, amount } = fact.data;
      return [{ park, date: lastDayOf(period), lines: writingOff(before, minorUnits(amount)) }];
    }
    case 'VehicleDepreciationReversed': {
      const held = before.booked.get(fact.data.run);
      if (!held) return [];
      const lines = writingOff(before, -held.amount);
      return [{ park: fact.data.park, date: lastDayOf(held.period), lines }];
    }
    case 'VehicleValued':
      return [];
    default:
      return unreachable(fact);
  }
};

const stateOf = (before: readonly AnyFact[]): AssetState =>
  before.filter(isAssetEvent).reduce(assetDecider.evolve, assetDecider.initial);

const draftsOf = (vehicle: VehicleId, posted: readonly Posted[]): readonly EntryDraft[] =>
  posted
    .filter(({ lines }) => lines.length > 0)
    .map(({ park, date, lines }) => ({ book: { park, vehicle }, date, lines }));

/**
 * A vehicle comes into the books at cost and is written off by runs; when it goes, both go out, and what it
 * brought in more or less than what it was carried at is gained or lost. Dated the day of the deed, and
 * what runs write off the last day of its month.
 */
export const assetsRule = postingRule({
  name: 'assets',
  version: 1,
  handles: assetEvents,
  history: true,
  drafts: (fact, before) => draftsOf(fact.data.vehicle, changed(fact, stateOf(before))),
});
