import { accessEvents } from '#domain/access/events.ts';
import { assetEvents } from '#domain/assets/events.ts';
import { claimEvents } from '#domain/claims/events.ts';
import { conditionEvents } from '#domain/conditions/events.ts';
import { deviceEvents } from '#domain/devices/events.ts';
import { accountEvents } from '#domain/driverAccounts/events.ts';
import { driverEvents } from '#domain/drivers/events.ts';
import { bankEvents } from '#domain/finance/bank/events.ts';
import { chartEvents } from '#domain/finance/chart/events.ts';
import { BooksClosed, journalEvents } from '#domain/finance/journal/events.ts';
import { ExchangeRateRecorded } from '#domain/finance/rates/events.ts';
import { fineEvents } from '#domain/fines/events.ts';
import { immobilizationEvents } from '#domain/immobilization/events.ts';
import { immobilizationRuleEvents } from '#domain/immobilization/ruleEvents.ts';
import { incidentEvents } from '#domain/incidents/events.ts';
import { stockEvents } from '#domain/inventory/events.ts';
import { termsEvents } from '#domain/investors/events.ts';
import { partyEvents } from '#domain/investors/partyEvents.ts';
import { registerEvents } from '#domain/investors/registerEvents.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { type AnyFact, eventRegistry, type Fact, factOf } from '#domain/kernel/registry.ts';
import { maintenanceEvents } from '#domain/maintenance/events.ts';
import { opsEvents } from '#domain/ops/events.ts';
import { parkEvents } from '#domain/parks/events.ts';
import { PlanPublished } from '#domain/plans/events.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { registryEvents } from '#domain/registry/events.ts';
import { rentalEvents } from '#domain/rentals/events.ts';
import { runEvents } from '#domain/runs/events.ts';
import { standingEvents } from '#domain/standing/events.ts';
import { tripEvents } from '#domain/trips/events.ts';
import { userEvents } from '#domain/users/events.ts';

const all = [
  ...parkEvents,
  ...registryEvents,
  ...rentalEvents,
  ...maintenanceEvents,
  ...deviceEvents,
  ...immobilizationEvents,
  ...immobilizationRuleEvents,
  ...tripEvents,
  ...driverEvents,
  ...standingEvents,
  ...partyEvents,
  ...termsEvents,
  ...registerEvents,
  ...assetEvents,
  ...fineEvents,
  ...incidentEvents,
  ...conditionEvents,
  ...accessEvents,
  ...claimEvents,
  ...opsEvents,
  ...userEvents,
  ...journalEvents,
  ...chartEvents,
  ExchangeRateRecorded,
  ...bankEvents,
  ...runEvents,
  BooksClosed,
  ...accountEvents,
  PlanPublished,
  ...stockEvents,
  SubjectErased,
] as const;

/** Every type of event there is. What is stored and not in here cannot be read. */
export const ledgerEvents = eventRegistry(all);

/** Any fact of the ledger, discriminated by its type. */
export type LedgerFact = Fact<(typeof all)[number]>;

const isLedgerFact = (decoded: AnyFact): decoded is LedgerFact => ledgerEvents.has(decoded.type);

/**
 * The fact in a stored event, in the current version of its type. Throws for what does not parse: corruption.
 */
export const decodeFact = (stored: LedgerEvent): LedgerFact => {
  const decoded = factOf(ledgerEvents, stored);
  if (!isLedgerFact(decoded)) throw new Error(`event ${stored.id} is of no known type`);
  return decoded;
};
