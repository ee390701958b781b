import { right } from 'fp-ts/lib/Either.js';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { memoryOpenings } from '#adapters/memoryOpenings.ts';
import { closePeriod } from '#commands/finance/closePeriod.ts';
import { postEntry } from '#commands/finance/postEntry.ts';
import { registerParty } from '#commands/investors/parties.ts';
import { changeShares } from '#commands/investors/shares.ts';
import { agreeTerms } from '#commands/investors/terms.ts';
import type { EventStore } from '#commands/ports.ts';
import { depreciationReactor } from '#commands/reactors/depreciationReactor.ts';
import { postingReactor } from '#commands/reactors/postingReactor.ts';
import { settlementReactor } from '#commands/reactors/settlementReactor.ts';
import { postPayout, proposePayout } from '#commands/runs/payoutRun.ts';
import { onRun, runAsItIs } from '#commands/runs/slot.ts';
import type { Request } from '#commands/workspace.ts';
import { ACCOUNTS, type Account } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { firstDayOf, type Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { postingRules } from '#domain/finance/rules/all.ts';
import { Terms } from '#domain/investors/terms.ts';
import {
  ActorId,
  type DriverId,
  type PartyId,
  type RunId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { type Instant, Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { RunAssetsReckoned } from '#domain/runs/events.ts';
import {
  actor,
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { acme, day, money, noon, uuid8 } from '#tests/support/samples.ts';

const zone = Zone.parse('Europe/Berlin');
const details = { identity: { name: 'A' }, contact: {}, account: null };

/** Another person than the one in whose name tests ask. */
export const checker = ActorId.parse(uuid8(0x77));

/** The terms of the waterfall that is worked to the cent. Source: facts on money. */
const workedTerms = Terms.parse({
  reserve: { rate: '0.05', until: money('40000') },
  operatorFee: '0.2',
  hurdle: { rate: '0.08', valuation: money('1800000') },
  investorsShare: '0.7',
});

/** A request of a person, under a key of its own or a given one. */
export const requestBy = (user: ActorId, key?: string): Request => {
  const request = requestOf(key ?? user, key);
  return { ...request, origin: { ...request.origin, actor: { ...actor, id: user } } };
};

/** A vehicle under terms, with parties, whose months can be filled, closed and paid out by some day. */
export const payoutScene = async (
  store: EventStore = memoryEventStore(memoryLog()),
  today: Instant | null = null,
) => {
  const { ledger: usual } = testLedger(store);
  const ledger = today === null ? usual : { ...usual, now: () => today };
  const openings = memoryOpenings();
  const fleet = await smallFleet(ledger);
  const { park, vehicle } = fleet;
  const marks = memoryMarks();
  const posted = async () => {
    await settle(store, marks, settlementReactor(ledger));
    await settle(store, marks, depreciationReactor(ledger));
    await settle(store, marks, postingReactor(ledger, postingRules));
  };
  const books = [
    { park, vehicle, zone },
    { park, vehicle: null, zone },
  ];
  const closing = {
    posted: async () => {
      await posted();
      return right(null);
    },
    lastOf: async () => right(null),
    booksOf: async () => right(books),
    driversOf: async () => right([...drivers]),
    foreignMonths: async (_: Tenant, { own, until }: { own: Currency; until: Period }) => {
      const months = new Map<string, { vehicle: VehicleId | null; period: Period }>();
      for (const { type, data } of await allEvents(store)) {
        if (type !== EntryPosted.type) continue;
        const { vehicle: of, period, lines } = EntryPosted.data.parse(data);
        const isForeign = lines.some(({ amount }) => amount.currency !== own);
        if (isForeign && period <= until) months.set(`${of} ${period}`, { vehicle: of, period });
      }
      return right([...months.values()]);
    },
  };
  const parts = { workspace: ledger, openings, closing };
  /** Who drives in the park. */
  const drivers = new Set<DriverId>();
  let entries = 0;
  const entry = async (
    of: VehicleId,
    period: Period,
    [from, to]: readonly [Account, Account],
    amount: string,
  ) => {
    entries += 1;
    rightOf(
      await postEntry(ledger)(requestOf(entries).origin, {
        draft: {
          book: { park, vehicle: of },
          date: firstDayOf(period),
          lines: [debit(from, money(amount)), credit(to, money(amount))],
        },
        transaction: `T-${entries}`,
        ...{ rule: null, reason: 'by_hand', basis: null, reverses: null, exchange: null },
        when: noon,
      }),
    );
  };
  return {
    ...{ store, ledger, openings, parts, posted, marks, books, drivers },
    ...fleet,
    entry,
    /** Revenue and costs of a month, in minor units. */
    month: async (
      period: Period,
      revenue: string,
      costs: readonly (readonly [Account, string])[],
      of = vehicle,
    ) => {
      await entry(of, period, [ACCOUNTS.receivable, ACCOUNTS.rentals], revenue);
      for (const [account, amount] of costs)
        await entry(of, period, [account, ACCOUNTS.suppliers], amount);
    },
    agree: async (from: string, terms = workedTerms, of = vehicle) => {
      const asked = { vehicle: of, effectiveFrom: day(from), terms, at: springMorning };
      rightOf(await agreeTerms(ledger)(requestOf(asked), asked));
    },
    party: async (): Promise<PartyId> => {
      const asked = { kind: 'investor', details, at: springMorning } as const;
      return rightOf(await registerParty(ledger)(requestOf(asked), asked)).id;
    },
    issue: async (
      from: string,
      to: readonly { party: PartyId; shares: number }[],
      of = vehicle,
    ) => {
      const shares = { kind: 'issue', to } as const;
      const asked = { vehicle: of, of: shares, effectiveFrom: day(from), token: null };
      rightOf(await changeShares(parts)(requestOf(to), { ...asked, at: springMorning }));
    },
    transfer: async (from: string, shares: { from: PartyId; to: PartyId; shares: number }) => {
      const of = { kind: 'transfer', ...shares } as const;
      const asked = { vehicle, of, effectiveFrom: day(from), token: null, at: springMorning };
      rightOf(await changeShares(parts)(requestOf(shares), asked));
    },
    close: (period: Period) => closePeriod(ledger, closing)(requestOf(period), period),
    propose: (period: Period) => proposePayout(parts)(requestOf(period), { park, period }),
    approve: async (run: RunId, user = checker) => {
      const { inputs } = rightOf(await runAsItIs(ledger)(acme, run));
      return onRun(ledger)(requestBy(user), run, { type: 'ApproveRun', inputs, user });
    },
    post: (run: RunId, key?: string) => postPayout(parts)(requestOf(run, key), run),
    /** The lines of assets that a run wrote down. */
    linesOf: async (run: RunId) =>
      (await allEvents(store))
        .filter(({ type }) => type === RunAssetsReckoned.type)
        .map(({ data }) => RunAssetsReckoned.data.parse(data))
        .filter((each) => each.run === run)
        .flatMap(({ lines }) => lines),
    /** What holders get by a run, in the order of its lines, in minor units. */
    amountsOf: async (run: RunId): Promise<readonly string[]> => {
      const sealed = (await allEvents(store))
        .filter(({ type, data }) => type === 'RunLinesSealed' && data['run'] === run)
        .flatMap((event) => event.sealed);
      const opened = rightOf(await openings.read(acme, sealed)());
      return sealed.map((digest) => String(opened.get(digest)?.['amount']));
    },
    /** What accounts hold, debits less credits, in minor units. */
    balances: async (): Promise<ReadonlyMap<string, bigint>> => {
      await posted();
      const sums = new Map<string, bigint>();
      for (const { type, data } of await allEvents(store)) {
        if (type !== EntryPosted.type) continue;
        for (const { account, side, amount } of EntryPosted.data.parse(data).lines) {
          const minor = BigInt(amount.amount) * (side === 'debit' ? 1n : -1n);
          sums.set(account, (sums.get(account) ?? 0n) + minor);
        }
      }
      return sums;
    },
  };
};
