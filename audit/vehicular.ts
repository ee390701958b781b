import type { LedgerFact } from '#domain/events.ts';
import { isImmobilizationEvent } from '#domain/immobilization/events.ts';
import type { VehicleEvent } from '#domain/registry/vehicleState.ts';

const OF_VEHICLES = /^(?:Vehicle|Odometer|Rental|Repair|Device|SubjectErased)/;

/** Whether a fact is one of a vehicle's own stream. */
export const isVehicular = (fact: LedgerFact): fact is LedgerFact & VehicleEvent =>
  OF_VEHICLES.test(fact.type) || isImmobilizationEvent(fact);
