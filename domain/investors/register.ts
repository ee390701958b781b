import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { type Period, periodOf } from '#domain/finance/period.ts';
import { HoldingId, PartyId } from '#domain/kernel/ids.ts';
import { daysInMonth, type LocalDate } from '#domain/kernel/instant.ts';
import type { Entitlement } from './allocation.ts';

/**
 * What a change is for one holder, as it is sealed: the signed number of shares, and what the holding then
 * comes to on the day of the change by all that was known. A change that becomes known later, for an earlier
 * day, leaves that number behind: what holds is the sum of `shares`.
 */
export const HolderEntry = z.strictObject({
  holding: HoldingId,
  party: PartyId,
  shares: z.int(),
  balance: z.int().min(0),
});
export type HolderEntry = z.infer<typeof HolderEntry>;

/** A change with its openings, from the first moment of a local day on. */
export interface OpenChange {
  readonly effectiveFrom: LocalDate;
  readonly entries: readonly HolderEntry[];
}

/** The share register of an asset: every change, in the order in which they became known. */
export type Register = readonly OpenChange[];

/** What is to become of a holding: `shares` more of them, below zero where less. */
export type WishedChange = Omit<HolderEntry, 'balance'>;

/** Why the register says no. `available` is the least that the holding has on that day or any day after. */
export type RegisterRefusal =
  | { readonly code: 'SharesNotIssued' }
  | { readonly code: 'HoldingTooSmall'; readonly available: number }
  | { readonly code: 'HolderNamedTwice' };

/** A change that may be made, with what everybody may know of it and what is to be sealed. */
export interface PlannedChange extends OpenChange {
  readonly issued: number;
}

const sharesOn = (
  register: Register,
  date: LocalDate,
  isWanted: (entry: HolderEntry) => boolean,
): number => {
  let shares = 0;
  for (const { effectiveFrom, entries } of register) {
    if (effectiveFrom > date) continue;
    for (const entry of entries) if (isWanted(entry)) shares += entry.shares;
  }
  return shares;
};

/** How many shares there are on a day. */
export const issuedOn = (register: Register, date: LocalDate): number =>
  sharesOn(register, date, () => true);

/** Who holds how many shares on a day, by the ids of holdings; none is empty. */
export const holdingsOn = (
  register: Register,
  date: LocalDate,
): ReadonlyMap<HoldingId, { readonly party: PartyId; readonly shares: number }> => {
  const held = new Map<HoldingId, { readonly party: PartyId; readonly shares: number }>();
  for (const { effectiveFrom, entries } of register) {
    if (effectiveFrom > date) continue;
    for (const { holding, party, shares } of entries)
      held.set(holding, { party, shares: (held.get(holding)?.shares ?? 0) + shares });
  }
  return new Map(
    [...held]
      .filter(([, { shares }]) => shares > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
};

/** The least that a holding has on a day or any day after it: as much may be taken out of it from then on. */
const availableFrom = (register: Register, holding: HoldingId, date: LocalDate): number => {
  const isWanted = (entry: HolderEntry) => entry.holding === holding;
  const touched = register.filter(({ entries }) => entries.some(isWanted));
  const later = new Set(touched.map(({ effectiveFrom }) => effectiveFrom));
  const days = [date, ...[...later].filter((day) => day > date)];
  return Math.min(...days.map((day) => sharesOn(touched, day, isWanted)));
};

/**
 * What some wishes come to together, from the first moment of a local day on, which may lie before changes
 * that are known already: then nobody may come to hold less than nothing on any day since.
 */
export const planChange = (
  register: Register,
  wished: readonly WishedChange[],
  effectiveFrom: LocalDate,
): Either<RegisterRefusal, PlannedChange> => {
  const before = issuedOn(register, effectiveFrom);
  if (new Set(wished.map(({ holding }) => holding)).size < wished.length) {
    return left({ code: 'HolderNamedTwice' });
  }
  for (const { holding, shares } of wished.filter((each) => each.shares < 0)) {
    if (before === 0) return left({ code: 'SharesNotIssued' });
    const available = availableFrom(register, holding, effectiveFrom);
    if (available + shares < 0) return left({ code: 'HoldingTooSmall', available });
  }
  const entries = wished.map((wish) => {
    const isWanted = ({ holding }: HolderEntry) => holding === wish.holding;
    return { ...wish, balance: sharesOn(register, effectiveFrom, isWanted) + wish.shares };
  });
  return right({
    effectiveFrom,
    // In the order of their ids, which says nothing of who gives and who gets.
    entries: entries.sort((one, other) => (one.holding < other.holding ? -1 : 1)),
    issued: entries.reduce((sum, { shares }) => sum + shares, before),
  });
};

/** On how many days of a month something holds that takes effect at the first moment of a day. */
const daysFrom = (effectiveFrom: LocalDate, period: Period): number => {
  const began = periodOf(effectiveFrom);
  if (began > period) return 0;
  const days = daysInMonth(period);
  return began < period ? days : days - Number(effectiveFrom.slice(8)) + 1;
};

/**
 * What every holding is entitled by in a month, and T, by who held how much at each local midnight. In the
 * order of the holdings' ids.
 */
export const shareDaysIn = (
  register: Register,
  period: Period,
): { readonly shareDays: readonly Entitlement[]; readonly total: bigint } => {
  const held = new Map<HoldingId, bigint>();
  let total = 0n;
  for (const { effectiveFrom, entries } of register) {
    const days = daysFrom(effectiveFrom, period);
    for (const { holding, shares } of entries) {
      const shareDays = BigInt(shares) * BigInt(days);
      held.set(holding, (held.get(holding) ?? 0n) + shareDays);
      total += shareDays;
    }
  }
  const shareDays = [...held]
    .filter(([, days]) => days > 0n)
    .map(([holding, days]) => ({ holding, shareDays: days }))
    .sort((one, other) => (one.holding < other.holding ? -1 : 1));
  return { shareDays, total };
};
