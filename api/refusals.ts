import type { AssetFailure } from '#commands/assets/onAsset.ts';
import type { DeviceFailure } from '#commands/devices.ts';
import type { FareFailure } from '#commands/driverAccounts/fares.ts';
import type { DriverFailure } from '#commands/drivers.ts';
import type { ByHandRefusal } from '#commands/finance/byHand.ts';
import type { ClosingRefusal } from '#commands/finance/closePeriod.ts';
import type { FineFailure } from '#commands/fines.ts';
import type { HandleFailure } from '#commands/handle.ts';
import type { IncidentFailure } from '#commands/incidents.ts';
import type { StockFailure } from '#commands/inventory/stock.ts';
import type { PartyFailure } from '#commands/investors/parties.ts';
import type { ShareFailure } from '#commands/investors/shares.ts';
import type { TermsFailure } from '#commands/investors/terms.ts';
import type { RentalFailure } from '#commands/rentals.ts';
import type { PaymentRefusal } from '#commands/runs/orderPayments.ts';
import type { RunFailure } from '#commands/runs/runs.ts';
import type { StandingFailure } from '#commands/standings.ts';
import type { TripFailure } from '#commands/trips.ts';
import type { UserFailure } from '#commands/users.ts';
import type { VehicleFailure } from '#commands/vehicles.ts';
import type { OutsideScope } from '#commands/workspace.ts';
import type { RulesRefusal } from '#domain/access/publishRules.ts';
import type { ConditionRefusal } from '#domain/conditions/condition.ts';
import type { ExceptionRefusal } from '#domain/finance/bank/exception.ts';
import type { ChartRefusal } from '#domain/finance/chart/chart.ts';
import type { RateRefusal } from '#domain/finance/rates/rates.ts';
import type { ParkRefusal } from '#domain/parks/park.ts';
import type { PlanRefusal } from '#domain/plans/plan.ts';
import type { Permission } from '#domain/users/rights.ts';
import type { DeviceRefusal } from '#ingest/deviceAccess.ts';

/** Conditions are noted by detectors; requests only read them. */
type UnknownCondition = Extract<ConditionRefusal, { readonly code: 'ConditionUnknown' }>;

/** Every way in which the domain and the use cases may say no. */
type UseCaseRefusal =
  | ParkRefusal
  | VehicleFailure
  | DeviceFailure
  | RentalFailure
  | TripFailure
  | DriverFailure
  | StandingFailure
  | StockFailure
  | FareFailure
  | PlanRefusal
  | RulesRefusal
  | FineFailure
  | IncidentFailure
  | PartyFailure
  | TermsFailure
  | AssetFailure
  | ShareFailure
  | UserFailure
  | ByHandRefusal
  | RateRefusal
  | ClosingRefusal
  | RunFailure
  | ChartRefusal
  | ExceptionRefusal
  | PaymentRefusal
  | UnknownCondition
  | HandleFailure
  | DeviceRefusal
  | OutsideScope;

/** One thing that is wrong with a request: where, and what. Never the value itself. */
export interface Flaw {
  readonly at: string;
  readonly what: string;
}

/** What the border itself may refuse, before anything is asked of the ledger. */
export type BorderRefusal =
  | { readonly code: 'MalformedRequest'; readonly flaws: readonly Flaw[] }
  | { readonly code: 'BrokenJson' }
  | { readonly code: 'BodyTooLarge' }
  | { readonly code: 'UnsupportedMediaType' }
  | { readonly code: 'Unauthenticated' }
  | { readonly code: 'RoleNotAllowed' }
  | { readonly code: 'UserSuspended' }
  | { readonly code: 'PermissionMissing'; readonly permission: Permission }
  | { readonly code: 'StepUpRequired'; readonly acr: string; readonly age_max_s: number }
  | { readonly code: 'NotFound' }
  | { readonly code: 'FactInTheFuture'; readonly ahead_max_s: number }
  | { readonly code: 'ProjectionBehind' }
  | { readonly code: 'FeatureUnknown' }
  | { readonly code: 'QuarantineEntryUnknown' }
  | { readonly code: 'DeadJobUnknown' }
  | { readonly code: 'EvidenceUnknown' }
  | { readonly code: 'StatementUnknown' }
  | { readonly code: 'ImportUnknown' }
  | { readonly code: 'ImportFolderMissing' }
  | { readonly code: 'ImportRefused'; readonly why: string; readonly columns: string }
  | { readonly code: 'BankAccountMissing' }
  | { readonly code: 'BatchRefused'; readonly why: string }
  | { readonly code: 'StatementRefused'; readonly why: string; readonly at: string }
  | { readonly code: 'TooManyRequests'; readonly retry_after_s: number }
  | { readonly code: 'TooManyStreams' }
  | { readonly code: 'RequestTimeout' }
  | { readonly code: 'HeadersTooLarge' }
  | { readonly code: 'UriTooLong' }
  | { readonly code: 'Internal' };

/** Whatever may be said no with. */
export type Refusal = UseCaseRefusal | BorderRefusal;
