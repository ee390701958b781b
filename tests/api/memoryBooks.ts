import { right } from 'fp-ts/lib/Either.js';
import type { MemoryLog } from '#adapters/memoryEventStore.ts';
import type { Books } from '#api/routes/finance.ts';
import { decodeFact, type LedgerFact } from '#domain/events.ts';
import { type Balances, entered, totalsOf } from '#domain/finance/journal/balance.ts';
import type { Entry } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import type { Book } from '#domain/finance/postingRule.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Zone } from '#domain/kernel/instant.ts';
import type { Span } from '#projections/bookFigures.ts';

const factsIn = (
  { records }: MemoryLog,
  tenant: Tenant,
): readonly { readonly event: LedgerEvent; readonly fact: LedgerFact }[] =>
  records
    .map(({ text }) => parseEvent(text))
    .filter((event) => event.tenant === tenant)
    .map((event) => ({ event, fact: decodeFact(event) }));

const entriesIn = (log: MemoryLog, { tenant, parks, from, to }: Span): readonly Entry[] =>
  factsIn(log, tenant)
    .flatMap(({ fact }) => (fact.type === 'EntryPosted' ? [fact.data] : []))
    .filter(({ park }) => parks === null || parks.includes(park))
    .filter(({ date }) => (from === null || date >= from) && date <= to);

const totals = (entries: readonly Entry[]) =>
  totalsOf(entries.reduce<Balances>((sums, { lines }) => entered(sums, lines), new Map()));

/** The books of a log in memory, added up anew at every question. All that is in the log is posted. */
export const memoryBooks = (log: MemoryLog): Books => ({
  figures: {
    totals: async (span) => totals(entriesIn(log, span)),
    byDay: async (span) =>
      [...Map.groupBy(entriesIn(log, span), ({ date }) => date)].flatMap(([date, entries]) =>
        totals(entries).map((sum) => ({ date, ...sum })),
      ),
    byVehicle: async (span) =>
      [...Map.groupBy(entriesIn(log, span), ({ vehicle }) => vehicle)].flatMap(
        ([vehicle, entries]) => totals(entries).map((sum) => ({ vehicle, ...sum })),
      ),
  },
  assets: {
    totals: async ({ tenant, vehicle, from, to }) =>
      [
        ...Map.groupBy(
          entriesIn(log, { tenant, parks: null, from, to }).filter(
            (entry) => entry.vehicle === vehicle,
          ),
          ({ period, rule }) => `${period} ${rule?.name ?? ''}`,
        ),
      ].flatMap(([, entries]) =>
        totals(entries).map((sum) => ({
          ...sum,
          period: entries[0]?.period ?? Period.parse(from.slice(0, 7)),
          rule: entries[0]?.rule?.name ?? null,
        })),
      ),
    doings: async () => ({ rented: [], down: [], trips: 0, distance_m: 0 }),
  },
  closing: {
    posted: async () => right(null),
    lastOf: async (tenant, key) =>
      right(
        factsIn(log, tenant).findLast(({ event }) => event.keys.includes(key))?.event.id ?? null,
      ),
    foreignMonths: async (tenant, { park, own, until }) =>
      right(
        factsIn(log, tenant).flatMap(({ fact }) => {
          if (fact.type !== 'EntryPosted') return [];
          const { vehicle, period, lines } = fact.data;
          const isForeign = lines.some(({ amount }) => amount.currency !== own);
          const isAsked = fact.data.park === park && period <= until;
          return isForeign && isAsked ? [{ vehicle, period }] : [];
        }),
      ),
    driversOf: async (tenant, park) =>
      right(
        factsIn(log, tenant).flatMap(({ fact }) =>
          fact.type === 'FareShareCredited' && fact.data.park === park ? [fact.data.driver] : [],
        ),
      ),
    booksOf: async (tenant) =>
      right(
        factsIn(log, tenant).flatMap(({ fact }): (Book & { readonly zone: Zone })[] => {
          const { zone } = fact.when;
          if (fact.type === 'ParkOpened') return [{ park: fact.data.park, vehicle: null, zone }];
          if (fact.type !== 'VehicleRegistered') return [];
          const { park, vehicle } = fact.data;
          return [{ park, vehicle, zone }];
        }),
      ),
  },
});
