import { z } from 'zod';
import type {
  ActorId,
  BankExceptionId,
  ConditionId,
  DriverId,
  EntryId,
  FineId,
  HoldingId,
  IncidentId,
  JobId,
  ParkId,
  PartyId,
  PlanId,
  RentalId,
  RepairId,
  RunId,
  StockId,
  TripId,
  VehicleId,
} from './ids.ts';

export const KEYS_MAX = 64;
export const KEY_MAX_BYTES = 100;

/**
 * A subject that an event concerns, `<kind>:<id>`, at most 100 bytes of ASCII. An asset's history is every
 * event with its key, in order.
 */
export const SubjectKey = z
  .string()
  .max(KEY_MAX_BYTES)
  .regex(/^[a-z]{1,16}:[a-z0-9~.-]{1,98}$/)
  .brand<'SubjectKey'>();
export type SubjectKey = z.infer<typeof SubjectKey>;

const keyed = <Id extends string>(kind: string) => {
  return (id: Id): SubjectKey => SubjectKey.parse(`${kind}:${id}`);
};

export const assetKey = keyed<VehicleId>('asset');
export const driverKey = keyed<DriverId>('driver');
export const parkKey = keyed<ParkId>('park');
export const partyKey = keyed<PartyId>('party');
export const holdingKey = keyed<HoldingId>('holding');
export const rentalKey = keyed<RentalId>('rental');
export const tripKey = keyed<TripId>('trip');
export const repairKey = keyed<RepairId>('repair');
export const fineKey = keyed<FineId>('fine');
export const conditionKey = keyed<ConditionId>('condition');
export const jobKey = keyed<JobId>('job');
export const userKey = keyed<ActorId>('user');
export const planKey = keyed<PlanId>('plan');
export const incidentKey = keyed<IncidentId>('incident');
export const entryKey = keyed<EntryId>('entry');
export const exceptionKey = keyed<BankExceptionId>('bankexception');
export const runKey = keyed<RunId>('run');
export const stockKey = keyed<StockId>('stock');
/** The key of a month of a book: `<book>-<yyyymm>`. */
export const journalKey = keyed<string>('journal');
/** The key of what a park's books say of a day: `<park>-<yyyymmdd>`. */
export const daybookKey = keyed<string>('daybook');
/** The key of a chart of accounts. */
export const chartKey = keyed<string>('chart');
/** The key of the books of a tenant as a whole. */
export const booksKey = keyed<string>('books');
/** The key of exchange rates, by their pair of currencies: `usd-eur`. */
export const rateKey = keyed<string>('rate');
/** The key of rules, by the name of their stream: `access`, or `access-<park id>`. */
export const rulesKey = keyed<string>('rules');

/** The keys of the subjects that are there, without repeats, in the order given. */
export const subjects = (...keys: readonly (SubjectKey | null)[]): SubjectKey[] => [
  ...new Set(keys.filter((key) => key !== null)),
];
