import { z } from 'zod';
import type {
  ActorId,
  BankExceptionId,
  ConditionId,
  DriverId,
  FineId,
  IncidentId,
  ParkId,
  PartyId,
  PlanId,
  StockId,
  Tenant,
  VehicleId,
} from './ids.ts';

/** The kinds of streams; what each holds is told in docs/ARCHITECTURE.md, "Boundaries of consistency". */
const categories = [
  'park',
  'vehicle',
  'logbook',
  'driver',
  'standing',
  'party',
  'terms',
  'register',
  'valuation',
  'fine',
  'incident',
  'condition',
  'latedata',
  'rules',
  'access',
  'claim',
  'ops',
  'user',
  'chart',
  'rates',
  'bank',
  'journal',
  'run',
  'account',
  'plan',
  'stock',
] as const;
type Category = (typeof categories)[number];

const STREAM = /^[a-z]{1,16}-[a-z0-9]{1,32}\.[a-z0-9][a-z0-9-]{0,79}$/;

/** The name of a stream: `<category>-<tenant>.<id>`. */
export const StreamName = z.string().regex(STREAM).brand<'StreamName'>();
export type StreamName = z.infer<typeof StreamName>;

const named = (category: Category, tenant: Tenant, id: string): StreamName =>
  StreamName.parse(`${category}-${tenant}.${id}`);

export const parkStream = (tenant: Tenant, id: ParkId) => named('park', tenant, id);
export const vehicleStream = (tenant: Tenant, id: VehicleId) => named('vehicle', tenant, id);
export const driverStream = (tenant: Tenant, id: DriverId) => named('driver', tenant, id);
export const standingStream = (tenant: Tenant, id: DriverId) => named('standing', tenant, id);
export const partyStream = (tenant: Tenant, id: PartyId) => named('party', tenant, id);
/** What is agreed on sharing the result of an asset. */
export const termsStream = (tenant: Tenant, id: VehicleId) => named('terms', tenant, id);
/** Who holds shares of an asset. */
export const registerStream = (tenant: Tenant, id: VehicleId) => named('register', tenant, id);
export const accountStream = (tenant: Tenant, id: DriverId) => named('account', tenant, id);
export const planStream = (tenant: Tenant, id: PlanId) => named('plan', tenant, id);
export const stockStream = (tenant: Tenant, id: StockId) => named('stock', tenant, id);
export const fineStream = (tenant: Tenant, id: FineId) => named('fine', tenant, id);
export const incidentStream = (tenant: Tenant, id: IncidentId) => named('incident', tenant, id);
export const conditionStream = (tenant: Tenant, id: ConditionId) => named('condition', tenant, id);
export const userStream = (tenant: Tenant, id: ActorId) => named('user', tenant, id);

/** The stream of one remark on late data, named by the UUID that follows from what it says. */
export const lateDataStream = (tenant: Tenant, id: string) => named('latedata', tenant, id);

/** The stream of one kind of rules, by its name: `access`, or `access-<park id>` for a park of its own. */
export const rulesStream = (tenant: Tenant, name: string) => named('rules', tenant, name);

/** The decisions that were taken on whether a driver may have a vehicle. */
export const accessStream = (tenant: Tenant, id: DriverId) => named('access', tenant, id);

/** The n-th segment, from 0, of a vehicle's logbook. */
export const logbookStream = (tenant: Tenant, id: VehicleId, segment: number) =>
  named('logbook', tenant, `${id}-${segment}`);

/** The stream of a claim, named by the keyed hash of what is claimed, 64 hexadecimal digits. */
export const claimStream = (tenant: Tenant, keyedHash: string) => named('claim', tenant, keyedHash);

/** A vehicle as an asset: what it cost, what it is worth, what was written off. */
export const valuationStream = (tenant: Tenant, id: VehicleId) => named('valuation', tenant, id);

/** The chart of accounts of a tenant. */
export const chartStream = (tenant: Tenant) => named('chart', tenant, 'accounts');

/** The exchange rates of a pair, by `usd-eur`, in a year. */
export const ratesStream = (tenant: Tenant, pair: string, year: number) =>
  named('rates', tenant, `${pair}-${year}`);

/** A line of a bank statement that fits nothing. */
export const bankStream = (tenant: Tenant, id: BankExceptionId) => named('bank', tenant, id);

/** A month of a book, by `<book>-<yyyymm>`. */
export const journalStream = (tenant: Tenant, monthOfBook: string) =>
  named('journal', tenant, monthOfBook);

/** The closing of a month for a whole tenant, `month` written YYYYMM. */
export const booksStream = (tenant: Tenant, month: string) =>
  named('journal', tenant, `books-${month}`);

/** All runs of a kind over a month of a park, from preview to payment; `month` is written YYYYMM. */
export const runStream = (tenant: Tenant, kind: string, park: ParkId, month: string) =>
  named('run', tenant, `${kind}-${park}-${month}`);

/** The platform's own doings in a month, `month` written YYYYMM. */
export const opsStream = (month: string) => StreamName.parse(`ops-platform.${month}`);
