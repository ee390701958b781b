import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { openings } from '#adapters/openings.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { deriveUuid } from '#commands/identity.ts';
import { openPark } from '#commands/parks.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { BooksClosed } from '#domain/finance/journal/events.ts';
import { firstDayOf, monthDigits, Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { TermsAgreed } from '#domain/investors/events.ts';
import { SharesIssued } from '#domain/investors/registerEvents.ts';
import { Terms } from '#domain/investors/terms.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { type Digest, HoldingId, type ParkId, PartyId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { moneyOf } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { booksStream, registerStream, termsStream } from '#domain/kernel/streams.ts';
import { requestOf, testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { inChunks } from './inChunks.ts';
import {
  closingOf,
  euro,
  monthEvents,
  type SampleMonth,
  sampleEntries,
  sampleEntry,
  sampleEvent,
  sampleMoment,
  sampleRevenue,
  sampleVehicle,
} from './sampleEntries.ts';

/** How large the park is that is paid out. */
export interface PayoutScale {
  readonly assets: number;
  readonly holders_each: number;
  readonly entries_each: number;
}

/** The month before the one that is measured, of which each asset hands a few cents on; and that one. */
export const FIRST = Period.parse('2026-01');
export const MEASURED = Period.parse('2026-02');

const ASSETS_AT_ONCE = 25;
/** Cents of an asset in the first month: too few for anybody to get one. */
const FIRST_CENTS = 7n;
const terms = Terms.parse({
  reserve: { rate: '0.05', until: moneyOf(40_000n, euro) },
  operatorFee: '0.2',
  hurdle: { rate: '0.08', valuation: moneyOf(1_800_000n, euro) },
  investorsShare: '0.7',
});

const done = <T>(answer: Either<{ readonly code: string }, T>): T => {
  if (isLeft(answer)) throw new Error(`payout: ${answer.left.code}`);
  return answer.right;
};

/** The shares of one asset: of its holders the n-th has 1 + n % 7. */
const holdersOf = (asset: number, { holders_each }: PayoutScale) =>
  Array.from({ length: holders_each }, (_, n) => ({
    holding: HoldingId.parse(deriveUuid('bench', 'holding', String(asset), String(n))),
    party: PartyId.parse(deriveUuid('bench', 'party', String((asset + n * 97) % 5_000))),
    shares: 1 + (n % 7),
    balance: 1 + (n % 7),
  })).sort((one, other) => (one.holding < other.holding ? -1 : 1));

/** The events of a month of a book that is closed. */
const closed = (month: SampleMonth, entries: ReturnType<typeof sampleEntries>) =>
  monthEvents(month, [...entries, closingOf(month, entries)]);

/** What is known of one asset but its books: the terms, and the shares, whose openings are kept. */
const agreed = (asset: number, entries: ReturnType<typeof holdersOf>) => {
  const vehicle = sampleVehicle(asset);
  const effectiveFrom = firstDayOf(FIRST);
  const shares = entries.reduce((sum, each) => sum + each.shares, 0);
  const issue = (sealed: readonly Digest[]) => ({
    ...fact(SharesIssued, sampleMoment, {
      ...{ vehicle, effectiveFrom, shares, issued: shares, token: null },
      holdings: entries.map(({ holding }) => holding),
    }),
    sealed,
  });
  const stream = registerStream(acme, vehicle);
  return {
    terms: sampleEvent(
      termsStream(acme, vehicle),
      fact(TermsAgreed, sampleMoment, { vehicle, effectiveFrom, terms }),
      ...['terms', vehicle],
    ),
    issued: (sealed: readonly Digest[]) => sampleEvent(stream, issue(sealed), 'shares', vehicle),
  };
};

/** What all assets of a park earn in the measured month, net of tax, in minor units. */
export const revenueOf = ({ assets, entries_each }: PayoutScale): bigint => {
  let revenue = 0n;
  for (let asset = 0; asset < assets; asset += 1)
    revenue += BigInt(sampleRevenue(asset, entries_each));
  return revenue;
};

/** A park whose last two months are closed, and nothing of them paid out. */
export const seedPayout = async (url: string, scale: PayoutScale): Promise<ParkId> => {
  const store = postgresEventStore({ url });
  const kept = openings({ url });
  const { ledger } = testLedger(store);
  const append = async (events: readonly LedgerEvent[]): Promise<void> => {
    const [first] = events;
    if (!first) return;
    done(await store.append({ stream: first.stream, expected: 'no_stream', events })());
  };
  const asked = {
    ...{ code: 'BENCH', name: 'Bench', currency: euro },
    ...{ zone: Zone.parse('Europe/Berlin'), at: sampleMoment.at },
  };
  const { id: park } = done(await openPark(ledger)(requestOf('park', 'park'), asked));
  const pennies = moneyOf(FIRST_CENTS, euro);
  const seedAsset = async (asset: number): Promise<void> => {
    const holders = holdersOf(asset, scale);
    const { terms: said, issued } = agreed(asset, holders);
    const { id } = issued([]);
    const sealed = done(
      await kept.keep(
        acme,
        holders.map((entry) => ({ event: id, entry })),
      )(),
    );
    const first = { park, vehicle: asset, period: FIRST };
    const measured = { park, vehicle: asset, period: MEASURED };
    const penny = sampleEntry(first, 0, {
      lines: [debit(ACCOUNTS.receivable, pennies), credit(ACCOUNTS.rentals, pennies)],
      rule: 'driver_charged',
    });
    await Promise.all([
      append([said]),
      append([issued(sealed)]),
      append(closed(first, [penny])),
      append(closed(measured, sampleEntries(measured, scale.entries_each))),
    ]);
  };
  await inChunks(
    Array.from({ length: scale.assets }, (_, asset) => asset),
    ASSETS_AT_ONCE,
    seedAsset,
  );
  for (const period of [FIRST, MEASURED]) {
    const books = fact(BooksClosed, sampleMoment, { period, books: scale.assets });
    await append([sampleEvent(booksStream(acme, monthDigits(period)), books, 'books', period)]);
  }
  await Promise.all([store.close(), kept.close()]);
  return park;
};
