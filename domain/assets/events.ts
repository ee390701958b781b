import { z } from 'zod';
import { Period } from '#domain/finance/period.ts';
import { Share } from '#domain/finance/rate.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { Digest, ParkId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money, NonNegativeMoney } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, subjects } from '#domain/kernel/subjects.ts';

/** Fifty years: nothing on wheels is written off over more. */
const LIFE_MAX_MONTHS = 600;

/** Who paid for a vehicle, or is still owed for it: that account is credited. */
export const Funding = z.enum(['investors', 'supplier', 'bank']);
export type Funding = z.infer<typeof Funding>;

/** How what a vehicle cost is spread over its life; `residual` is never gone below. */
export const DepreciationPlan = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('straight_line'),
    life_months: z.int().min(1).max(LIFE_MAX_MONTHS),
    residual: NonNegativeMoney,
  }),
  z.strictObject({
    method: z.literal('declining_balance'),
    rate_per_year: Share,
    residual: NonNegativeMoney,
  }),
  z.strictObject({ method: z.literal('none') }),
]);
export type DepreciationPlan = z.infer<typeof DepreciationPlan>;

/** How somebody came to say what a vehicle is worth. */
export const ValuationMethod = z.enum([
  'market_listing',
  'appraisal',
  'formula',
  'purchase_price',
  'other',
]);
/** Where the proceeds of a vehicle came in: at the bank, or over a provider of payments. */
export const ProceedsChannel = z.enum(['bank', 'provider']);
export type ProceedsChannel = z.infer<typeof ProceedsChannel>;

const ofVehicle = { vehicle: VehicleId, park: ParkId };
const concerned = ({ vehicle, park }: z.infer<z.ZodObject<typeof ofVehicle>>) =>
  subjects(assetKey(vehicle), parkKey(park));

const acquired = {
  ...ofVehicle,
  date: LocalDate,
  cost: NonNegativeMoney,
  funding: Funding,
  depreciation: DepreciationPlan,
};

export const VehicleAcquired = eventType({
  type: 'VehicleAcquired',
  about: 'A vehicle became an asset: what it cost, who paid for it, and how it is depreciated.',
  data: z.strictObject(acquired),
  subjects: concerned,
});

export const VehicleAcquisitionCorrected = eventType({
  type: 'VehicleAcquisitionCorrected',
  about:
    'What was said of the acquisition of a vehicle was wrong; this takes its place, and is whole. A cost of nothing says that it never was one.',
  data: z.strictObject(acquired),
  subjects: concerned,
});

export const VehicleValued = eventType({
  type: 'VehicleValued',
  about:
    'What a vehicle is worth from a local day on, who or what says so. Said again for the same day, it takes the place of what was said before. It moves no account.',
  data: z.strictObject({
    ...ofVehicle,
    date: LocalDate,
    value: NonNegativeMoney,
    method: ValuationMethod,
    source: z.union([Reference, Digest]),
  }),
  subjects: concerned,
});

export const VehicleDisposed = eventType({
  type: 'VehicleDisposed',
  about:
    'A vehicle is no asset any more, and what it was sold for: nothing, where it was scrapped.',
  data: z.strictObject({
    ...ofVehicle,
    date: LocalDate,
    proceeds: NonNegativeMoney,
    via: ProceedsChannel,
  }),
  subjects: concerned,
});

export const VehicleDisposalVoided = eventType({
  type: 'VehicleDisposalVoided',
  about: 'A vehicle was not disposed of after all.',
  data: z.strictObject({ ...ofVehicle, reason: Code }),
  subjects: concerned,
});

export const VehicleDepreciated = eventType({
  type: 'VehicleDepreciated',
  about:
    'A posted run wrote that much off a vehicle for a month; below zero where less is due than was written off before.',
  data: z.strictObject({ ...ofVehicle, run: RunId, period: Period, amount: Money }),
  subjects: concerned,
});

export const VehicleDepreciationReversed = eventType({
  type: 'VehicleDepreciationReversed',
  about: 'What a run wrote off a vehicle comes back, since the run does not hold.',
  data: z.strictObject({ ...ofVehicle, run: RunId }),
  subjects: concerned,
});

export const assetEvents = [
  VehicleAcquired,
  VehicleAcquisitionCorrected,
  VehicleValued,
  VehicleDisposed,
  VehicleDisposalVoided,
  VehicleDepreciated,
  VehicleDepreciationReversed,
] as const;
export type AssetEvent = Fact<(typeof assetEvents)[number]>;

const names = new Set<string>(assetEvents.map(({ type }) => type));

/** Tells the facts about a vehicle as an asset from all others. */
export const isAssetEvent = <Other extends { readonly type: string }>(
  event: Other | AssetEvent,
): event is AssetEvent => names.has(event.type);
