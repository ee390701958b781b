import { setImmediate as breathe } from 'node:timers/promises';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import {
  type Concerned,
  decideUnder,
  homeOf,
  type PublishedRules,
  parkOfDecision,
  rulesAt,
} from '#domain/access/consider.ts';
import type { Purpose } from '#domain/access/custody.ts';
import type { AccessDecision } from '#domain/access/decideAccess.ts';
import type { Reason } from '#domain/access/reason.ts';
import type { AccessRules } from '#domain/access/rules.ts';
import { type Stretch, turningPoints } from '#domain/access/turningPoints.ts';
import type { DriverId, RentalId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import { publishedRules, type ReadStream, readConcerned, readUpTo } from './access.ts';
import { keptStreams } from './keptStreams.ts';
import { momentOf, plusDays, startOfDay } from './localDate.ts';
import type { Unavailable } from './ports.ts';
import type { Workspace } from './workspace.ts';

const STREAMS_MAX = 2_000;
/** How many rentals are looked at before others get their turn. */
const BREATHE_EVERY = 20;

/** A rental that ran in the period, or what was decided upon and came to none: then `rental` is null. */
export interface Replayed {
  readonly rental: RentalId | null;
  readonly driver: DriverId;
  readonly vehicle: VehicleId;
  readonly from: Instant;
  /** Null where it has not ended, and where there is no rental. */
  readonly to: Instant | null;
  readonly rest_s: number | null;
}

/** Somebody who would have been refused, or let through, at a moment. */
export interface Refusal {
  readonly driver: DriverId;
  readonly vehicle: VehicleId;
  readonly at: Instant;
  readonly reasons: readonly Reason[];
}

/** A vehicle that would have been denied to who had it, from a moment on; `newly`: not by the rules then. */
export interface Lock {
  readonly rental: RentalId;
  readonly driver: DriverId;
  readonly vehicle: VehicleId;
  readonly from: Instant;
  readonly newly: boolean;
  readonly reasons: readonly Reason[];
}

/** What rules would have done in a period, beside what those did that were in force. */
export interface Simulation {
  readonly decided: number;
  readonly refused: readonly Refusal[];
  readonly newlyRefused: readonly Refusal[];
  readonly newlyAllowed: readonly Refusal[];
  readonly locked: readonly Lock[];
}

/** Both answers to one question: under the proposed rules, and under those that were in force. */
interface Both {
  readonly proposed: AccessDecision;
  readonly inForce: AccessDecision;
}

/** All that is known of one rental, and how to decide on it at any moment. */
interface Case {
  readonly zoneAt: (at: Instant) => Zone;
  readonly decide: (purpose: Purpose, at: Instant) => Both;
  readonly concerned: Concerned;
}

const caseOf = (
  { driver, vehicle, rest_s }: Replayed,
  { concerned, published }: { concerned: Concerned; published: PublishedRules },
  { rules, platformZone }: { rules: AccessRules; platformZone: Zone },
): Case => {
  const zoneAt = (at: Instant) => homeOf(concerned.driver, at)?.zone ?? platformZone;
  return {
    zoneAt,
    concerned,
    decide: (purpose, at) => {
      const { localDate } = momentOf(at, zoneAt(at));
      // What somebody knew of the driver's rest was known when the vehicle was handed over.
      const rest = purpose === 'rental' ? rest_s : null;
      const question = { driver, vehicle, purpose, at, localDate, rest_s: rest };
      return {
        proposed: decideUnder(concerned, question, rules),
        inForce: decideUnder(concerned, question, rulesAt(published, at).rules),
      };
    },
  };
};

const denies = ({ verdict }: AccessDecision): boolean => verdict === 'denied';

/** The first moment of a stretch at which the proposed rules deny; null where they never do. */
const firstDenied = (
  { concerned, zoneAt, decide }: Case,
  { from, to }: Stretch,
): { readonly at: Instant; readonly both: Both } | null => {
  const { instants, lastDays } = turningPoints(concerned, { from, to });
  const expiries = lastDays
    .map((day) => startOfDay(plusDays(day, 1), zoneAt(from)))
    .filter((at) => from < at && at < to);
  for (const at of [...new Set([...instants, ...expiries])].toSorted()) {
    const both = decide('drive', at);
    if (denies(both.proposed)) return { at, both };
  }
  return null;
};

/** Reads what is known of a rental: of its park the rules, too. */
const knownOf = async (
  read: ReadStream,
  tenant: Tenant,
  { driver, vehicle, from }: Replayed,
): Promise<Either<Unavailable, { concerned: Concerned; published: PublishedRules }>> => {
  const concerned = await readConcerned(read, tenant, { driver, vehicle });
  if (isLeft(concerned)) return concerned;
  const park = parkOfDecision(concerned.right, from);
  const published = await publishedRules(read, tenant, park);
  if (isLeft(published)) return published;
  return right({ concerned: concerned.right, published: published.right });
};

/**
 * Replays a period under proposed rules, by all that is known of it now: who would have been refused a
 * vehicle, whom the rules in force would have treated otherwise, and which vehicles would have been denied to
 * who had them, from when on. Writes nothing.
 */
export const simulateRules =
  ({ store, platformZone }: Pick<Workspace, 'store' | 'platformZone'>) =>
  async (
    tenant: Tenant,
    replayed: readonly Replayed[],
    { rules, from, to }: { readonly rules: AccessRules } & Stretch,
  ): Promise<Either<Unavailable, Simulation>> => {
    const read = keptStreams(readUpTo({ store }, null), STREAMS_MAX);
    const refused: Refusal[] = [];
    const newlyRefused: Refusal[] = [];
    const newlyAllowed: Refusal[] = [];
    const locked: Lock[] = [];
    let decided = 0;
    for (const [index, each] of replayed.entries()) {
      if (index % BREATHE_EVERY === 0) await breathe();
      const known = await knownOf(read, tenant, each);
      if (isLeft(known)) return known;
      const about = caseOf(each, known.right, { rules, platformZone });
      const { driver, vehicle, rental } = each;
      if (each.from >= from) {
        const { proposed, inForce } = about.decide('rental', each.from);
        const told = { driver, vehicle, at: each.from };
        decided += 1;
        if (denies(proposed)) refused.push({ ...told, reasons: proposed.reasons });
        if (denies(proposed) && !denies(inForce)) {
          newlyRefused.push({ ...told, reasons: proposed.reasons });
        }
        if (!denies(proposed) && denies(inForce)) {
          newlyAllowed.push({ ...told, reasons: inForce.reasons });
        }
        // What would not have been handed over could not have been locked.
        if (denies(proposed)) continue;
      }
      if (rental === null) continue;
      const end = each.to !== null && each.to < to ? each.to : to;
      const begun = each.from < from ? from : each.from;
      const found = begun < end ? firstDenied(about, { from: begun, to: end }) : null;
      if (!found) continue;
      const { at, both } = found;
      const newly = !denies(both.inForce);
      locked.push({ rental, driver, vehicle, from: at, newly, reasons: both.proposed.reasons });
    }
    return right({ decided, refused, newlyRefused, newlyAllowed, locked });
  };
