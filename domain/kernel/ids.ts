import { z } from 'zod';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const UUID_8 = '[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

const derived = () => z.string().regex(new RegExp(`^${UUID_8}$`));
const local = () => z.string().regex(new RegExp(`^${UUID_8}~${UUID_8}$`));

/**
 * Ids of things that have a stream of their own: UUIDs of version 8 in lower case, derived from the command
 * that brought the thing into the world, so that a retried command names the same thing. Source: RFC 9562,
 * section 5.8.
 */
export const VehicleId = derived().brand<'VehicleId'>();
export type VehicleId = z.infer<typeof VehicleId>;
export const DriverId = derived().brand<'DriverId'>();
export type DriverId = z.infer<typeof DriverId>;
export const ParkId = derived().brand<'ParkId'>();
export type ParkId = z.infer<typeof ParkId>;
export const FineId = derived().brand<'FineId'>();
export type FineId = z.infer<typeof FineId>;
export const IncidentId = derived().brand<'IncidentId'>();
export type IncidentId = z.infer<typeof IncidentId>;
export const ConditionId = derived().brand<'ConditionId'>();
export type ConditionId = z.infer<typeof ConditionId>;
export const PartyId = derived().brand<'PartyId'>();
export type PartyId = z.infer<typeof PartyId>;
export const HoldingId = derived().brand<'HoldingId'>();
export type HoldingId = z.infer<typeof HoldingId>;
export const DocumentId = derived().brand<'DocumentId'>();
export type DocumentId = z.infer<typeof DocumentId>;
export const LockoutId = derived().brand<'LockoutId'>();
export type LockoutId = z.infer<typeof LockoutId>;
export const DecisionId = derived().brand<'DecisionId'>();
export type DecisionId = z.infer<typeof DecisionId>;
export const PlanId = derived().brand<'PlanId'>();
export type PlanId = z.infer<typeof PlanId>;
export const ChargeId = derived().brand<'ChargeId'>();
export type ChargeId = z.infer<typeof ChargeId>;
export const DeductionId = derived().brand<'DeductionId'>();
export type DeductionId = z.infer<typeof DeductionId>;
export const BankExceptionId = derived().brand<'BankExceptionId'>();
export type BankExceptionId = z.infer<typeof BankExceptionId>;
/** The stock of one kind of part in a park. */
export const StockId = derived().brand<'StockId'>();
export type StockId = z.infer<typeof StockId>;
export const EventId = derived().brand<'EventId'>();
export type EventId = z.infer<typeof EventId>;
export const CommandId = derived().brand<'CommandId'>();
export type CommandId = z.infer<typeof CommandId>;

/**
 * The id of what a detector concludes from telemetry, derived from the reading that first opened it. The
 * trip, incident or condition that it becomes has an id that follows from it.
 */
export const ConclusionId = derived().brand<'ConclusionId'>();
export type ConclusionId = z.infer<typeof ConclusionId>;

/**
 * A book of the journal: what an asset earned and cost, or what belongs to a park and to none of its
 * assets.
 */
export const BookId = derived().brand<'BookId'>();
export type BookId = z.infer<typeof BookId>;

/**
 * Ids of things that live inside the stream of another: `<stream id>~<local id>`. Whoever holds the id
 * knows the stream, without an index.
 */
export const TripId = local().brand<'TripId'>();
export type TripId = z.infer<typeof TripId>;
export const RentalId = local().brand<'RentalId'>();
export type RentalId = z.infer<typeof RentalId>;
export const RepairId = local().brand<'RepairId'>();
export type RepairId = z.infer<typeof RepairId>;
export const FittingId = local().brand<'FittingId'>();
export type FittingId = z.infer<typeof FittingId>;
export const InstallationId = local().brand<'InstallationId'>();
export type InstallationId = z.infer<typeof InstallationId>;
export const JobId = local().brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

/** The id of an entry of the journal: `<book>-<yyyymm>~<local id>`, after the stream that holds it. */
export const EntryId = z
  .string()
  .regex(new RegExp(`^${UUID_8}-\\d{6}~${UUID_8}$`))
  .brand<'EntryId'>();
export type EntryId = z.infer<typeof EntryId>;

/** The id of a run: `<kind>-<park>-<yyyymm>~<local id>`, after the stream that holds it. */
export const RunId = z
  .string()
  .regex(new RegExp(`^[a-z]{1,12}-${UUID_8}-\\d{6}~${UUID_8}$`))
  .brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;

const IDENT = /^[A-Za-z0-9._:@=-]{1,64}$/;

/**
 * What a device calls itself: an IMEI, a serial number, a name. It travels in topics and in the frames of
 * Wialon IPS, so it has none of their separators: no `#`, `+`, `/`, `;`, `|`, no blanks. It tells of a
 * thing and not of a person, so it is not personal.
 */
export const DeviceIdent = z.string().regex(IDENT).brand<'DeviceIdent'>();
export type DeviceIdent = z.infer<typeof DeviceIdent>;

/** Whether a text is an ident; the quick test for the way every reading takes. */
export const isDeviceIdent = (text: string): text is DeviceIdent => IDENT.test(text);

/** The stand-in for a person or machine that acts; a random UUID that says nothing about who it is. */
export const ActorId = z
  .string()
  .regex(new RegExp(`^${UUID}$`))
  .brand<'ActorId'>();
export type ActorId = z.infer<typeof ActorId>;

/** One customer of the installation. `platform` is the installation itself. */
export const Tenant = z
  .string()
  .regex(/^[a-z0-9]{1,32}$/)
  .brand<'Tenant'>();
export type Tenant = z.infer<typeof Tenant>;

/** A SHA-256 digest, as 64 hexadecimal digits in lower case. */
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** The vehicle whose stream or logbook holds the thing. */
export const vehicleOf = (
  id: TripId | RentalId | RepairId | FittingId | InstallationId | JobId,
): VehicleId => VehicleId.parse(id.slice(0, id.indexOf('~')));
