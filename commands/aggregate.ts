import { AccessDecided, AccessRulesPublished } from '#domain/access/events.ts';
import { rulesDecider } from '#domain/access/publishRules.ts';
import { decisionsDecider } from '#domain/access/recordDecision.ts';
import { claimDecider } from '#domain/claims/claim.ts';
import { claimEvents } from '#domain/claims/events.ts';
import { timedClaimDecider } from '#domain/claims/timedClaim.ts';
import { conditionDecider } from '#domain/conditions/condition.ts';
import {
  ConditionAmended,
  ConditionNoted,
  ConditionVoided,
  LateDataIgnored,
} from '#domain/conditions/events.ts';
import { lateDataDecider } from '#domain/conditions/lateData.ts';
import { deviceEvents } from '#domain/devices/events.ts';
import { driverDecider } from '#domain/drivers/driver.ts';
import { driverEvents } from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { chartDecider } from '#domain/finance/chart/chart.ts';
import { chartEvents } from '#domain/finance/chart/events.ts';
import { booksDecider } from '#domain/finance/journal/books.ts';
import { BooksClosed, journalEvents, monthOfBook } from '#domain/finance/journal/events.ts';
import { journalDecider } from '#domain/finance/journal/journal.ts';
import { monthDigits, type Period } from '#domain/finance/period.ts';
import { fineEvents } from '#domain/fines/events.ts';
import { fineDecider } from '#domain/fines/fine.ts';
import { immobilizationEvents } from '#domain/immobilization/events.ts';
import {
  immobilizationRulesDecider,
  newBlocksDecider,
} from '#domain/immobilization/publishRules.ts';
import {
  ImmobilizationRulesPublished,
  NewBlocksSwitched,
} from '#domain/immobilization/ruleEvents.ts';
import { incidentEvents } from '#domain/incidents/events.ts';
import { incidentDecider } from '#domain/incidents/incident.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type {
  ActorId,
  BookId,
  ConditionId,
  DriverId,
  FineId,
  IncidentId,
  ParkId,
  Tenant,
  VehicleId,
} from '#domain/kernel/ids.ts';
import type { AnyEventType, Fact } from '#domain/kernel/registry.ts';
import {
  accessStream,
  booksStream,
  chartStream,
  claimStream,
  conditionStream,
  driverStream,
  fineStream,
  incidentStream,
  journalStream,
  lateDataStream,
  logbookStream,
  parkStream,
  rulesStream,
  runStream,
  type StreamName,
  standingStream,
  userStream,
  vehicleStream,
} from '#domain/kernel/streams.ts';
import { maintenanceEvents } from '#domain/maintenance/events.ts';
import { parkEvents } from '#domain/parks/events.ts';
import { parkDecider } from '#domain/parks/park.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { registryEvents } from '#domain/registry/events.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import { rentalEvents } from '#domain/rentals/events.ts';
import { type RunKind, runEvents } from '#domain/runs/events.ts';
import { runDecider } from '#domain/runs/run.ts';
import { standingEvents } from '#domain/standing/events.ts';
import { standingDecider } from '#domain/standing/standing.ts';
import { tripEvents } from '#domain/trips/events.ts';
import { logbookDecider } from '#domain/trips/logbook.ts';
import type { LogbookState } from '#domain/trips/logbookState.ts';
import { userEvents } from '#domain/users/events.ts';
import { userDecider } from '#domain/users/user.ts';

/**
 * A decider with the stream it lives in. The stream may depend on the state: a logbook goes on in its next
 * segment once the present one says that it is closed.
 */
export interface Aggregate<Command, Event, State, Refusal> {
  readonly decider: Decider<Command, Event, State, Refusal>;
  readonly streamOf: (state: State) => StreamName;
  /** Whether a fact of the ledger is one of this aggregate's; any other in its stream is corruption. */
  readonly owns: (fact: LedgerFact) => fact is LedgerFact & Event;
}

/** Tells the facts of some event types from all others. */
export const holding = <const Types extends readonly AnyEventType[]>(types: Types) => {
  const names = new Set<string>(types.map(({ type }) => type));
  return (fact: LedgerFact): fact is LedgerFact & Fact<Types[number]> => names.has(fact.type);
};

const isParkEvent = holding(parkEvents);
const isVehicleEvent = holding([
  ...registryEvents,
  ...rentalEvents,
  ...maintenanceEvents,
  ...deviceEvents,
  ...immobilizationEvents,
  SubjectErased,
]);
const isDriverEvent = holding([...driverEvents, SubjectErased]);
const isStandingEvent = holding(standingEvents);
const isFineEvent = holding(fineEvents);
const isIncidentEvent = holding(incidentEvents);
const isConditionEvent = holding([ConditionNoted, ConditionAmended, ConditionVoided]);
const isLateDataEvent = holding([LateDataIgnored]);
const isAccessRulesEvent = holding([AccessRulesPublished]);
const isDecisionEvent = holding([AccessDecided]);
const isClaimEvent = holding(claimEvents);
const isImmobilizationRulesEvent = holding([ImmobilizationRulesPublished]);
const isSwitchEvent = holding([NewBlocksSwitched]);
const isTripEvent = holding(tripEvents);
const isUserEvent = holding(userEvents);
const isChartEvent = holding(chartEvents);
const isJournalEvent = holding(journalEvents);
const isRunEvent = holding(runEvents);
const isBooksEvent = holding([BooksClosed]);

export const parkOf = (tenant: Tenant, id: ParkId) => ({
  decider: parkDecider,
  streamOf: () => parkStream(tenant, id),
  owns: isParkEvent,
});

export const vehicleOf = (tenant: Tenant, id: VehicleId) => ({
  decider: vehicleDecider,
  streamOf: () => vehicleStream(tenant, id),
  owns: isVehicleEvent,
});

export const driverOf = (tenant: Tenant, id: DriverId) => ({
  decider: driverDecider,
  streamOf: () => driverStream(tenant, id),
  owns: isDriverEvent,
});

export const standingOf = (tenant: Tenant, id: DriverId) => ({
  decider: standingDecider,
  streamOf: () => standingStream(tenant, id),
  owns: isStandingEvent,
});

export const fineOf = (tenant: Tenant, id: FineId) => ({
  decider: fineDecider,
  streamOf: () => fineStream(tenant, id),
  owns: isFineEvent,
});

export const incidentOf = (tenant: Tenant, id: IncidentId) => ({
  decider: incidentDecider,
  streamOf: () => incidentStream(tenant, id),
  owns: isIncidentEvent,
});

export const conditionOf = (tenant: Tenant, id: ConditionId) => ({
  decider: conditionDecider,
  streamOf: () => conditionStream(tenant, id),
  owns: isConditionEvent,
});

/** A remark on late data, by the UUID that follows from what it says. */
export const lateDataOf = (tenant: Tenant, id: string) => ({
  decider: lateDataDecider,
  streamOf: () => lateDataStream(tenant, id),
  owns: isLateDataEvent,
});

/** The rules of access by the name of their stream: `access`, or `access-<park id>`. */
export const accessRulesOf = (tenant: Tenant, name: string) => ({
  decider: rulesDecider,
  streamOf: () => rulesStream(tenant, name),
  owns: isAccessRulesEvent,
});

/** The decisions that were taken on a driver. */
export const decisionsOf = (tenant: Tenant, id: DriverId) => ({
  decider: decisionsDecider,
  streamOf: () => accessStream(tenant, id),
  owns: isDecisionEvent,
});

/** A claim, by the keyed hash of what is claimed. */
export const claimOf = (tenant: Tenant, keyedHash: string) => ({
  decider: claimDecider,
  streamOf: () => claimStream(tenant, keyedHash),
  owns: isClaimEvent,
});

/** A claim on stretches of time, by the keyed hash of what is claimed. */
export const timedClaimOf = (tenant: Tenant, keyedHash: string) => ({
  decider: timedClaimDecider,
  streamOf: () => claimStream(tenant, keyedHash),
  owns: isClaimEvent,
});

export const userOf = (tenant: Tenant, id: ActorId) => ({
  decider: userDecider,
  streamOf: () => userStream(tenant, id),
  owns: isUserEvent,
});

/** The logbook of a vehicle, over all its segments. */
export const logbookOf = (tenant: Tenant, id: VehicleId) => ({
  decider: logbookDecider,
  streamOf: ({ segment }: LogbookState) => logbookStream(tenant, id, segment),
  owns: isTripEvent,
});

/** The rules by which engines are blocked: of a park, or, null, of the whole tenant. */
export const immobilizationRulesOf = (tenant: Tenant, park: ParkId | null) => ({
  decider: immobilizationRulesDecider,
  streamOf: () => rulesStream(tenant, park === null ? 'immobilization' : `immobilization-${park}`),
  owns: isImmobilizationRulesEvent,
});

/** Whether a tenant, or, of `platform`, anybody, may block engines. */
export const newBlocksOf = (tenant: Tenant) => ({
  decider: newBlocksDecider,
  streamOf: () => rulesStream(tenant, 'new-blocks'),
  owns: isSwitchEvent,
});

/** The chart of accounts of a tenant. */
export const chartOf = (tenant: Tenant) => ({
  decider: chartDecider,
  streamOf: () => chartStream(tenant),
  owns: isChartEvent,
});

/** A month of a book. */
export const journalOf = (
  tenant: Tenant,
  month: { readonly book: BookId; readonly period: Period },
) => ({
  decider: journalDecider,
  streamOf: () => journalStream(tenant, monthOfBook(month)),
  owns: isJournalEvent,
});

/** Whether a month is closed for a whole tenant. */
export const booksOf = (tenant: Tenant, period: Period) => ({
  decider: booksDecider,
  streamOf: () => booksStream(tenant, monthDigits(period)),
  owns: isBooksEvent,
});

/** All runs of a kind over a month of a park. */
export const runsOf = (
  tenant: Tenant,
  {
    kind,
    park,
    period,
  }: { readonly kind: RunKind; readonly park: ParkId; readonly period: Period },
) => ({
  decider: runDecider,
  streamOf: () => runStream(tenant, kind, park, monthDigits(period)),
  owns: isRunEvent,
});
