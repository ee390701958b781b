import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { registerOf } from '#commands/investors/aggregates.ts';
import type { Unavailable } from '#commands/ports.ts';
import { firstDayOf, lastDayOf, type Period, periodOf } from '#domain/finance/period.ts';
import { issuedOn } from '#domain/investors/register.ts';
import { issuedAt } from '#domain/investors/shares.ts';
import type { PartyId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Currency, type Money, moneyOf } from '#domain/kernel/money.ts';
import type { AssetLine, Carried } from '#domain/runs/events.ts';
import { vehicles } from '#projections/vehicles.ts';
import type {
  HandedOn,
  LinePayment,
  PayoutLine,
  PayoutPayment,
  SharedMonth,
  StatementPart,
} from '#reports/data.ts';
import type { HoldingParts, OwnHolding } from './ownHoldings.ts';
import { type OwnPayout, ownPayouts } from './ownPayouts.ts';

const MONTHS_SHOWN = 6;
/** The last digits of an id tell vehicles of one make apart. */
const ID_DIGITS = 6;

type Moneys = (minor: string) => Money;

const handedOn = (of: Moneys, { reserve, advanced, remainder }: Carried): HandedOn => ({
  ...{ reserve: of(reserve), advanced: of(advanced), remainder: of(remainder) },
});

const sharedMonth = (of: Moneys, line: AssetLine): SharedMonth => ({
  opening: handedOn(of, line.opening),
  revenue: of(line.revenue),
  costs: line.costs.map(({ account, amount }) => ({ account, amount: of(amount) })),
  from_reserve: of(line.fromReserve),
  advanced: of(line.advanced),
  recouped: of(line.recouped),
  to_reserve: of(line.toReserve),
  operator_fee: of(line.operatorFee),
  operator_rest: of(line.operatorRest),
  to_investors: of(line.toInvestors),
  closing: handedOn(of, line.closing),
});

/** How the payment of a line stands; null where nothing is to be paid. */
export const paymentOf = ({ own }: Pick<OwnPayout, 'own'>): LinePayment | null => {
  if (!own) return null;
  const last = own.payments.at(-1);
  if (!last) return { state: 'owed', on: null, reference: null };
  return { state: last.state, on: last.on, reference: own.reference };
};

/** How an asset is called, and how many shares of it there are and a party has, at the end of a month. */
export interface KnownAsset {
  readonly name: string;
  readonly shares: number;
  readonly issued: number;
}

const lineOf = (payout: OwnPayout, known: KnownAsset): PayoutLine => {
  const { asset, run, currency, own, shareDays } = payout;
  const of: Moneys = (minor) => moneyOf(BigInt(minor), currency);
  return {
    ...{ vehicle: asset.vehicle, asset: known.name, run, month: sharedMonth(of, asset) },
    ...{ shares: known.shares, shares_issued: known.issued },
    ...{ share_days: shareDays, share_days_in_all: BigInt(asset.shareDays) },
    distributable: of(asset.distributable),
    amount: moneyOf(own?.amount ?? 0n, currency),
    payment: paymentOf(payout),
  };
};

const newsOf = ({ own, currency }: OwnPayout): readonly PayoutPayment[] =>
  (own?.payments ?? []).map(({ on, state }) => ({
    ...{ on, reference: own?.reference ?? '', status: state },
    amount: moneyOf(own?.amount ?? 0n, currency),
  }));

const SIGNS = { ordered: 0n, paid: 1n, returned: -1n } as const;

const netOf = (news: readonly PayoutPayment[]): bigint =>
  news.reduce((sum, { status, amount }) => sum + SIGNS[status] * BigInt(amount.amount), 0n);

const earnedBy = (payouts: readonly OwnPayout[]): bigint =>
  payouts.reduce((sum, { own }) => sum + (own?.amount ?? 0n), 0n);

/** A month in one currency: all payouts of a party in it up to then, and what is known of their payments. */
const partOf = (
  all: readonly OwnPayout[],
  period: Period,
  { currency, known }: { readonly currency: Currency; readonly known: KnownAssets },
): StatementPart => {
  const of = (minor: bigint) => moneyOf(minor, currency);
  const own = all.filter((each) => each.currency === currency && each.period <= period);
  const ofMonth = own.filter((each) => each.period === period);
  const news = own.flatMap(newsOf);
  const inMonth = news.filter(({ on }) => periodOf(on) === period);
  const before = earnedBy(own.filter((each) => each.period < period));
  const paidBefore = netOf(news.filter(({ on }) => on < firstDayOf(period)));
  const earned = earnedBy(ofMonth);
  const paid = netOf(inMonth);
  const byMonth = [...Map.groupBy(own, (each) => each.period)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return {
    owed_before: of(before - paidBefore),
    ...{ earned: of(earned), paid: of(paid), owed: of(before - paidBefore + earned - paid) },
    lines: ofMonth.map((payout) => lineOf(payout, known(payout.asset.vehicle))),
    payments: inMonth.toSorted((one, other) => (one.on < other.on ? -1 : 1)),
    months: byMonth
      .slice(-MONTHS_SHOWN)
      .map(([month, some]) => ({ period: month, amount: of(earnedBy(some)) })),
    runs: [
      ...new Map(ofMonth.map(({ run, root, inputs }) => [run, { run, root, inputs }])).values(),
    ],
  };
};

type KnownAssets = (vehicle: VehicleId) => KnownAsset;

/**
 * What a party gets for a month, by currency, from all that it was paid so far. Paid is what the bank paid in
 * the days of the month, so that what is owed at the end of one month is owed before the next.
 */
const statementParts = (
  all: readonly OwnPayout[],
  period: Period,
  known: KnownAssets,
): readonly StatementPart[] => {
  const ofMonth = all.filter((each) => each.period === period);
  const currencies = [...new Set(ofMonth.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => partOf(all, period, { currency, known }));
};

const knownAsset =
  ({ workspace, readings }: HoldingParts, tenant: Tenant) =>
  async (
    { vehicle, register }: OwnHolding,
    date: LocalDate,
  ): Promise<Either<Unavailable, KnownAsset>> => {
    const row = await readings.row(vehicles, { tenant, key: vehicle });
    const loaded = await workspace.load(registerOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const id = vehicle.slice(-ID_DIGITS);
    return right({
      name: row === null ? id : `${row.make} ${row.model} · ${id}`,
      shares: issuedOn(register, date),
      issued: issuedAt(loaded.right.state, date),
    });
  };

/** The statement of a party for a month; none of its parts where no run over it was posted. */
export const ownStatement =
  (parts: HoldingParts) =>
  async (
    tenant: Tenant,
    party: PartyId,
    { period, today }: { readonly period: Period; readonly today: LocalDate },
  ): Promise<Either<Unavailable, readonly StatementPart[]>> => {
    const found = await ownPayouts(parts)(tenant, party, today);
    if (isLeft(found)) return found;
    const look = knownAsset(parts, tenant);
    const known = new Map<VehicleId, KnownAsset>();
    for (const { held, paid } of found.right) {
      if (!paid.some((each) => each.period === period)) continue;
      const asset = await look(held, lastDayOf(period));
      if (isLeft(asset)) return asset;
      known.set(held.vehicle, asset.right);
    }
    const all = found.right.flatMap(({ paid }) => paid);
    return right(
      statementParts(all, period, (vehicle) => {
        const asset = known.get(vehicle);
        if (!asset) throw new Error(`nobody looked at ${vehicle}`);
        return asset;
      }),
    );
  };
