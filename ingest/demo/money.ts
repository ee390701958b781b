import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { chargeRental } from '#commands/driverAccounts/chargeRental.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { publishPlan } from '#commands/driverAccounts/plans.ts';
import { postByHand } from '#commands/finance/byHand.ts';
import { closePeriod } from '#commands/finance/closePeriod.ts';
import { deriveUuid } from '#commands/identity.ts';
import { registerParty } from '#commands/investors/parties.ts';
import { changeShares } from '#commands/investors/shares.ts';
import { agreeTerms } from '#commands/investors/terms.ts';
import type { RunParts } from '#commands/runs/reckoner.ts';
import { balanceIn } from '#domain/driverAccounts/accountState.ts';
import { ACCOUNTS, type Account } from '#domain/finance/accounts.ts';
import { firstDayOf, type Period, periodOf, previousPeriod } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { Terms } from '#domain/investors/terms.ts';
import type { PartyId, RentalId, RunId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate } from '#domain/kernel/instant.ts';
import { Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { PlanTerms } from '#domain/plans/terms.ts';
import { acquire } from './acquisitions.ts';
import { type Ask, at, money, must, parks } from './cast.ts';
import { payFares } from './fares.ts';
import { carryOut } from './moneyRuns.ts';
import type { Demo } from './seedDemo.ts';

/** The park whose vehicles belong to investors, and which of its vehicles do. */
const PARK = 1;
const OWNED = [1, 4, 7, 10] as const;
/** The vehicle whose gearbox broke in the first of the closed months. */
const BROKEN = 4;

const MONTHLY: readonly (readonly [Account, string, number])[] = [
  [ACCOUNTS.insurance, 'insurance', 9_540],
  [ACCOUNTS.platform, 'platform', 3_000],
];
const GEARBOX = 190_000;
/** The driver's part of what passengers pay. */
const FARE_SHARE = '0.4';
const OPENED = LocalDate.parse('2021-01-01');
const PAID_PERCENT = 90n;

const euros = (amount: string) => Money.parse({ amount, currency: 'EUR' });

/** Source: the waterfall worked to the cent, facts on money. */
const TERMS = Terms.parse({
  reserve: { rate: '0.05', until: euros('40000') },
  operatorFee: '0.2',
  hurdle: { rate: '0.08', valuation: euros('1800000') },
  investorsShare: '0.7',
});
const SHARES = [500, 300, 200] as const;
/** Of the form of Lisbon's banks, with check digits that are right, of a bank that there is not. */
const IBANS = [
  'PT50999900000000000000182',
  'PT50999900000000000000279',
  'PT50999900000000000000376',
];
const OPERATOR_IBAN = 'PT50999900000000000000473';

/** What the months of the demo are filled in with, and how the ledger closes them. */
export interface MoneyParts extends RunParts {
  readonly tenant: Tenant;
  /** Waits until all that follows from the log by itself is in the log. */
  readonly settled: () => Promise<void>;
}

/** Months that are over, oldest first: the last two are paid out. */
const monthsBefore = (until: Instant): readonly [Period, Period, Period] => {
  const now = periodOf(LocalDate.parse(until.slice(0, 10)));
  const last = previousPeriod(now);
  const first = previousPeriod(last);
  return [previousPeriod(first), first, last];
};

const costs = async (
  { workspace }: MoneyParts,
  ask: Ask,
  { parks, vehicles }: Demo,
  months: readonly Period[],
): Promise<void> => {
  const spend = async (
    number: number,
    period: Period,
    account: Account,
    reason: string,
    amount: number,
  ) => {
    const vehicle = at(vehicles, number);
    const cost = money(amount, number);
    const asked = {
      book: { park: at(parks, number % parks.length), vehicle },
      date: firstDayOf(period),
      transaction: deriveUuid('demo-cost', vehicle, period, reason),
      reason,
      lines: [debit(account, cost), credit(ACCOUNTS.suppliers, cost)],
      exchange: null,
    };
    must(await postByHand(workspace)(ask(asked), asked), asked.transaction);
  };
  for (const period of months) {
    for (const number of vehicles.keys()) {
      for (const [account, reason, amount] of MONTHLY)
        await spend(number, period, account, reason, amount);
    }
  }
  const [, first] = months;
  if (first) await spend(BROKEN, first, ACCOUNTS.repairs, 'gearbox', GEARBOX);
};

const publishPlans = async ({ workspace }: MoneyParts, ask: Ask, until: Instant): Promise<void> => {
  for (const { currency, perDay, deposit, taxRate } of parks) {
    const of = (amount: string) => ({ amount, currency });
    const terms = PlanTerms.parse({
      currency,
      time: { per: 'day', amount: of(perDay) },
      ...{ distance: null, taxRate, fareShare: FARE_SHARE, deposit: of(deposit) },
      ...{ deductionCap: null, disputeWindow_days: 14 },
    });
    const asked = { plan: `STD-${currency}`, effectiveFrom: OPENED, terms, at: until };
    must(await publishPlan(workspace)(ask(asked), asked), asked.plan);
  }
};

/**
 * Charges what was rented by the plans. They are published when the made-up history is known to its end:
 * whoever is told of a rental that began months ago would charge it until today.
 */
const charges = async (
  { workspace }: MoneyParts,
  ask: Ask,
  rentals: readonly RentalId[],
  until: Instant,
): Promise<void> => {
  for (const rental of rentals) {
    const asked = { rental, until, basis: null };
    must(await chargeRental(workspace)(ask(asked), asked), rental);
  }
};

/** Every driver leaves a deposit, and pays most of what is owed by then. */
const drivers = async (
  { workspace, tenant }: MoneyParts,
  ask: Ask,
  { drivers: all }: Demo,
  until: Instant,
): Promise<void> => {
  for (const [number, driver] of all.entries()) {
    const { currency, deposit } = at(parks, number % parks.length);
    const left = Money.parse({ amount: deposit, currency });
    const move = async (type: 'TakeDeposit' | 'ReceivePayment', amount: Money): Promise<void> => {
      // By the driver alone: how much is paid is decided the first time.
      const request = ask({ type, driver });
      if (minorUnits(amount) <= 0n) return;
      const transaction = deriveUuid('demo-payment', driver, type);
      const about = { driver, at: until, id: driver };
      const done = await onAccount(workspace)(request, about, (said) => ({
        ...{ ...said, type, transaction, amount, via: 'bank' },
      }));
      must(done, transaction);
    };
    await move('TakeDeposit', left);
    const loaded = must(await workspace.load(accountOf(tenant, driver)), number);
    const { owed } = balanceIn(loaded.state, left.currency);
    await move('ReceivePayment', moneyOf((owed * PAID_PERCENT) / 100n, left.currency));
  }
};

const investors = async (
  parts: MoneyParts,
  ask: Ask,
  owned: readonly VehicleId[],
  from: LocalDate,
  joined: Instant,
) => {
  const parties: PartyId[] = [];
  for (const index of SHARES.keys()) {
    const iban = at(IBANS, index);
    const details = {
      identity: { name: `Demo Investor ${index}` },
      contact: { email: `investor${index}@demo.example` },
      account: { iban, account_name: `Demo Investor ${index}` },
    };
    const asked = { kind: 'investor', details, at: joined } as const;
    parties.push(must(await registerParty(parts.workspace)(ask({ index }), asked), index).id);
  }
  for (const vehicle of owned) {
    const terms = { vehicle, effectiveFrom: from, terms: TERMS, at: joined };
    must(await agreeTerms(parts.workspace)(ask(terms), terms), vehicle);
    const to = SHARES.map((shares, index) => ({ party: at(parties, index), shares }));
    const issue = { vehicle, of: { kind: 'issue', to }, effectiveFrom: from } as const;
    const asked = { ...issue, token: null, at: joined };
    must(await changeShares(parts)(ask(issue), asked), vehicle);
  }
};

/** Whoever runs the fleet is a party too, for they are paid. */
const operatorOf = async (
  { workspace }: MoneyParts,
  ask: Ask,
  joined: Instant,
): Promise<PartyId> => {
  const details = {
    identity: { name: 'Demo Operator' },
    contact: {},
    account: { iban: OPERATOR_IBAN, account_name: 'Demo Operator' },
  };
  const asked = { kind: 'operator', details, at: joined } as const;
  return must(await registerParty(workspace)(ask({ operator: 0 }), asked), 'operator').id;
};

/**
 * Fills the months of the made-up fleet with money: what each vehicle cost and costs, three investors who
 * own four of them, two months closed, paid out and settled with drivers, one of them a bad one for one
 * vehicle. The same commands each time, so that it goes on where it was interrupted. Answers the payouts.
 */
export const seedMoney = async (
  parts: MoneyParts,
  ask: Ask,
  demo: Demo,
  until: Instant,
): Promise<readonly RunId[]> => {
  const { workspace, tenant, closing, settled } = parts;
  const [before, first, last] = monthsBefore(until);
  const owned = OWNED.map((number) => at(demo.vehicles, number));
  await publishPlans(parts, ask, until);
  await charges(parts, ask, demo.rentals, until);
  await acquire(parts, ask, demo.vehicles, {
    owned: OWNED,
    date: firstDayOf(before),
    joined: until,
  });
  await costs(parts, ask, demo, [before, first, last]);
  await investors(parts, ask, owned, firstDayOf(first), until);
  const operator = await operatorOf(parts, ask, until);
  await payFares(parts, ask, {
    rentals: demo.rentals,
    park: at(demo.parks, PARK),
    months: [first, last],
  });
  await settled();
  await drivers(parts, ask, demo, until);
  await settled();
  const run = carryOut(parts, tenant, ask);
  for (const period of [first, last]) {
    for (const each of demo.parks) {
      await run({ kind: 'depreciation', park: each, period, payee: null });
    }
  }
  await settled();
  for (const period of [before, first, last]) {
    must(await closePeriod(workspace, closing)(ask({ close: period }), period), period);
  }
  const park = at(demo.parks, PARK);
  const runs: RunId[] = [];
  for (const period of [first, last]) {
    runs.push(await run({ kind: 'payout', park, period, payee: null }));
    await run({ kind: 'operator', park, period, payee: operator });
    await run({ kind: 'settlement', park, period, payee: null });
  }
  await settled();
  return runs;
};
