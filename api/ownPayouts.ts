import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { journalOf, runsOf } from '#commands/aggregate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { type OwnLine, readOwnLines } from '#commands/runs/ownLines.ts';
import type { Workspace } from '#commands/workspace.ts';
import { nextPeriod, type Period, periodOf } from '#domain/finance/period.ts';
import { shareDaysIn } from '#domain/investors/register.ts';
import {
  BookId,
  type Digest,
  type HoldingId,
  type ParkId,
  type PartyId,
  type RunId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { postedRun, type Run } from '#domain/runs/runState.ts';
import { type HoldingParts, type OwnHolding, ownHoldings } from './ownHoldings.ts';

/** So many months of an asset are looked through, the last ones: ten years. */
const MONTHS_MAX = 120;

/** What a posted run says of an asset that a party held in its month; share-days are the party's own. */
export interface OwnPayout extends OwnLine {
  readonly period: Period;
  readonly park: ParkId;
  readonly run: RunId;
  readonly currency: Currency;
  readonly inputs: Digest;
  readonly root: Digest | null;
  readonly holding: HoldingId;
  /** By the line; where there is none, by the register as it is known now. */
  readonly shareDays: bigint;
}

/** The first month of an asset that is not paid out. The run is null where nobody has proposed one. */
export interface NextPayout {
  readonly period: Period;
  readonly isClosed: boolean;
  readonly run: { readonly run: RunId; readonly phase: 'proposed' | 'approved' } | null;
}

/** A holding with what it was paid, oldest first; `next` is null where nothing is to come. */
export interface HoldingPayouts {
  readonly held: OwnHolding;
  readonly paid: readonly OwnPayout[];
  readonly next: NextPayout | null;
}

/** A month of an asset as far as payouts have got. */
type MonthState =
  | { readonly kind: 'posted'; readonly park: ParkId; readonly run: Run }
  | { readonly kind: 'not_shared' }
  | ({ readonly kind: 'to_come' } & Omit<NextPayout, 'period'>);

const monthState =
  ({ load }: Workspace, tenant: Tenant) =>
  async (vehicle: VehicleId, period: Period): Promise<Either<Unavailable, MonthState>> => {
    const month = await load(journalOf(tenant, { book: BookId.parse(vehicle), period }));
    if (isLeft(month)) return month;
    const park = month.right.state.closedIn;
    if (park === null) return right({ kind: 'to_come', isClosed: false, run: null });
    const loaded = await load(runsOf(tenant, { kind: 'payout', park, period }));
    if (isLeft(loaded)) return loaded;
    const runs = loaded.right.state;
    const posted = postedRun(runs);
    if (posted) {
      const isShared = posted.closing.has(vehicle);
      return right(isShared ? { kind: 'posted', park, run: posted } : { kind: 'not_shared' });
    }
    const live = [...runs.values()].flatMap(({ run, phase }) =>
      phase === 'proposed' || phase === 'approved' ? [{ run, phase }] : [],
    );
    const run = live.at(-1) ?? null;
    return right({ kind: 'to_come', isClosed: true, run });
  };

const monthsOf = ({ register }: OwnHolding, until: Period): readonly Period[] => {
  const [first] = register.map(({ effectiveFrom }) => effectiveFrom).sort();
  const months: Period[] = [];
  if (first === undefined) return months;
  for (let period = periodOf(first); period <= until; period = nextPeriod(period)) {
    if (shareDaysIn(register, period).total > 0n) months.push(period);
  }
  return months.slice(-MONTHS_MAX);
};

interface PostedMonth {
  readonly held: OwnHolding;
  readonly period: Period;
  readonly park: ParkId;
  readonly run: Run;
}

/** What the runs of some months say of their holdings, each run read once. */
const payoutsIn =
  (parts: HoldingParts, tenant: Tenant) =>
  async (months: readonly PostedMonth[]): Promise<Either<Unavailable, readonly OwnPayout[]>> => {
    const payouts: OwnPayout[] = [];
    for (const [run, some] of Map.groupBy(months, (month) => month.run.run)) {
      const wanted = new Map(some.map(({ held }) => [held.vehicle, held.holding]));
      const lines = await readOwnLines(parts)(tenant, run, wanted);
      if (isLeft(lines)) return lines;
      for (const { held, period, park, run: of } of some) {
        const line = lines.right.find(({ asset }) => asset.vehicle === held.vehicle);
        if (!line) throw new Error(`${run} has no line of ${held.vehicle}`);
        const shareDays = line.own?.shareDays ?? shareDaysIn(held.register, period).total;
        const { inputs, root, totals } = of;
        const about = { period, park, run, currency: totals.currency, inputs, root };
        payouts.push({ ...line, ...about, holding: held.holding, shareDays });
      }
    }
    return right(payouts);
  };

/**
 * What a party was paid of every asset that it holds or held, up to the month of a day, and what is to come
 * next. Runs that were taken back are not in it.
 */
export const ownPayouts =
  (parts: HoldingParts) =>
  async (
    tenant: Tenant,
    party: PartyId,
    today: LocalDate,
  ): Promise<Either<Unavailable, readonly HoldingPayouts[]>> => {
    const own = await ownHoldings(parts)(tenant, party);
    if (isLeft(own)) return own;
    const look = monthState(parts.workspace, tenant);
    const posted: PostedMonth[] = [];
    const next = new Map<HoldingId, NextPayout>();
    for (const held of own.right) {
      for (const period of monthsOf(held, periodOf(today))) {
        const state = await look(held.vehicle, period);
        if (isLeft(state)) return state;
        const { right: month } = state;
        if (month.kind === 'posted')
          posted.push({ held, period, park: month.park, run: month.run });
        else if (month.kind === 'to_come' && !next.has(held.holding)) {
          const { isClosed, run } = month;
          next.set(held.holding, { period, isClosed, run });
        }
      }
    }
    const payouts = await payoutsIn(parts, tenant)(posted);
    if (isLeft(payouts)) return payouts;
    const byHolding = Map.groupBy(payouts.right, ({ holding }) => holding);
    return right(
      own.right.map((held) => ({
        held,
        paid: (byHolding.get(held.holding) ?? []).toSorted((one, other) =>
          one.period < other.period ? -1 : 1,
        ),
        next: next.get(held.holding) ?? null,
      })),
    );
  };
