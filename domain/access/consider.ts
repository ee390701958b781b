import type { DriverId, EventId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { blockedAt } from './blocked.ts';
import type { Purpose } from './custody.ts';
import { type AccessDecision, decideAccess } from './decideAccess.ts';
import type { Revisions, RulesInForce } from './events.ts';
import { type History, happenedBy, lastRevision, saying } from './held.ts';
import { type AccessRules, builtInRules } from './rules.ts';

/** The streams that tell of a driver and, where one is asked about, of a vehicle. */
export interface Concerned {
  readonly driver: History;
  readonly standing: History;
  readonly vehicle: History | null;
}

/** The rules that were published for a tenant, and for the park where it is decided. */
export interface PublishedRules {
  readonly tenant: History;
  readonly park: History;
}

/** Who is to drive what, when, with the day there and the rest they had; `vehicle` null: anything at all. */
export interface Question {
  readonly driver: DriverId;
  readonly vehicle: VehicleId | null;
  readonly purpose: Purpose;
  readonly at: Instant;
  readonly localDate: LocalDate;
  readonly rest_s: number | null;
}

/** Rules that hold, which they are, and since when by which event: null of the built-in ones. */
export interface Holding {
  readonly inForce: RulesInForce;
  readonly rules: AccessRules;
  readonly since: Instant | null;
  readonly event: EventId | null;
}

const isPublished = saying('AccessRulesPublished');
const isOfDriver = saying('DriverRegistered', 'DriverMoved');
const isOfVehicle = saying('VehicleRegistered', 'VehicleMoved');

const builtIn: Holding = {
  inForce: { scope: 'built_in', park: null, version: 0 },
  rules: builtInRules,
  since: null,
  event: null,
};

/** The rules that hold at a moment: the park's own, else the tenant's, else the built-in ones. */
export const rulesAt = ({ tenant, park }: PublishedRules, at: Instant): Holding => {
  const last = (history: History) => happenedBy(history, at).filter(isPublished).at(-1);
  const published = last(park) ?? last(tenant);
  if (!published) return builtIn;
  const { scope, park: of, version, rules } = published.fact.data;
  const since = published.fact.when.at;
  return { inForce: { scope, park: of, version }, rules, since, event: published.id };
};

/** The park whose driver somebody is at a moment, and its zone; null before they are registered. */
export const homeOf = (
  driver: History,
  at: Instant,
): { readonly park: ParkId; readonly zone: Zone } | null => {
  const last = happenedBy(driver, at).filter(isOfDriver).at(-1);
  if (!last) return null;
  const { fact } = last;
  const park = fact.type === 'DriverMoved' ? fact.data.to : fact.data.park;
  return { park, zone: fact.when.zone };
};

/**
 * The park that decides: the one that keeps the vehicle, or, where none is asked about, the driver's; null
 * before there is any.
 */
export const parkOfDecision = ({ driver, vehicle }: Concerned, at: Instant): ParkId | null => {
  if (vehicle === null) return homeOf(driver, at)?.park ?? null;
  const last = happenedBy(vehicle, at).filter(isOfVehicle).at(-1);
  if (!last) return null;
  return last.fact.type === 'VehicleMoved' ? last.fact.data.to : last.fact.data.park;
};

/** How far the streams go that a decision rests on. */
const revisionsOf = (concerned: Concerned, published: PublishedRules): Revisions => ({
  driver: lastRevision(concerned.driver),
  standing: lastRevision(concerned.standing),
  vehicle: concerned.vehicle && lastRevision(concerned.vehicle),
  tenantRules: lastRevision(published.tenant),
  parkRules: lastRevision(published.park),
});

/** The decision on a question under given rules, whichever hold. */
export const decideUnder = (
  { driver, standing, vehicle }: Concerned,
  { at, ...request }: Question,
  rules: AccessRules,
): AccessDecision => {
  const blocked = vehicle && { events: vehicle, blocked: blockedAt(vehicle, at) };
  return decideAccess({ driver, standing, vehicle: blocked }, request, at, rules);
};

/** The decision on a question under the rules that hold, with all that it takes to come to it again. */
export const consider = (
  concerned: Concerned,
  published: PublishedRules,
  question: Question,
): AccessDecision & { readonly rules: RulesInForce; readonly revisions: Revisions } => {
  const { inForce, rules } = rulesAt(published, question.at);
  const decision = decideUnder(concerned, question, rules);
  return { ...decision, rules: inForce, revisions: revisionsOf(concerned, published) };
};
