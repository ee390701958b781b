import type { DriverId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import type { Blocked } from './blocked.ts';
import { custodyFindings, type Purpose } from './custody.ts';
import { driverDocumentFindings, vehicleDocumentFindings } from './documentFindings.ts';
import { driverFindings } from './driverFindings.ts';
import { type History, happenedBy } from './held.ts';
import { type Finding, finding, type Reason, type Verdict } from './reason.ts';
import { type AccessRules, ReasonCode } from './rules.ts';
import { standingFindings } from './standingFindings.ts';
import { vehicleFindings } from './vehicleFindings.ts';

/**
 * All that a decision rests on: the events of the driver, of what the driver owes, and of the vehicle, with
 * whether it is blocked; `vehicle` is null where it is asked whether the driver may drive at all.
 */
export interface AccessHistories {
  readonly driver: History;
  readonly standing: History;
  readonly vehicle: { readonly events: History; readonly blocked: Blocked } | null;
}

/**
 * What is asked. `localDate` is the day in the zone of the driver's park; `rest_s` how many seconds of the
 * last 24 hours were free for rest, null where that is not known.
 */
export interface AccessRequest {
  readonly driver: DriverId;
  readonly purpose: Purpose;
  readonly localDate: LocalDate;
  readonly rest_s: number | null;
}

/** What a decision came to, and every reason that rules do not ignore. */
export interface AccessDecision {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

const ofVehicle = (
  { events, blocked }: NonNullable<AccessHistories['vehicle']>,
  { driver, purpose, localDate }: AccessRequest,
  at: Instant,
): readonly Finding[] => {
  const happened = happenedBy(events, at);
  return [
    ...vehicleFindings(happened),
    ...(blocked.state === 'blocked' ? [finding('vehicle_blocked', blocked.events)] : []),
    ...vehicleDocumentFindings(happened, localDate),
    ...custodyFindings(events, { driver, at, purpose }),
  ];
};

const findings = (
  { driver, standing, vehicle }: AccessHistories,
  request: AccessRequest,
  at: Instant,
  rules: AccessRules,
): readonly Finding[] => {
  const happened = happenedBy(driver, at);
  const { rest_s } = request;
  return [
    ...driverFindings(happened, at),
    ...driverDocumentFindings(happened, request.localDate),
    ...standingFindings(standing, at, rules),
    ...(vehicle ? ofVehicle(vehicle, request, at) : []),
    ...(rest_s !== null && rest_s < rules.rest_min_s ? [finding('rest_short', [])] : []),
  ];
};

const place = new Map(ReasonCode.options.map((code, index) => [code, index]));

/** By code in the order of the list; the sort is stable, so that equals stay in the order of true time. */
const inOrder = (one: Finding, other: Finding): number =>
  (place.get(one.code) ?? 0) - (place.get(other.code) ?? 0);

const weighed =
  ({ effects }: AccessRules) =>
  (found: Finding): readonly Reason[] => {
    const severity = effects[found.code];
    return severity === 'ignored' ? [] : [{ ...found, severity }];
  };

const verdictOf = (reasons: readonly Reason[]): Verdict => {
  if (reasons.some(({ severity }) => severity === 'denies')) return 'denied';
  return reasons.length > 0 ? 'allowed_with_warnings' : 'allowed';
};

/**
 * May this driver drive this vehicle at a moment of true time? By all that is told, as far as it had happened
 * by then; a correction counts from the beginning of what it corrects. Pure: the same events, in whatever
 * order, the same question and the same rules give the same answer, byte for byte.
 */
export const decideAccess = (
  histories: AccessHistories,
  request: AccessRequest,
  at: Instant,
  rules: AccessRules,
): AccessDecision => {
  const reasons = findings(histories, request, at, rules).toSorted(inOrder).flatMap(weighed(rules));
  return { verdict: verdictOf(reasons), reasons };
};
