import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Period } from '#domain/finance/period.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ParkId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { type Currency, type Money, minorUnits } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { Acquisition, AssetState, Disposal, Valuation } from './assetState.ts';
import {
  type AssetEvent,
  type DepreciationPlan,
  VehicleAcquired,
  VehicleAcquisitionCorrected,
  VehicleDepreciated,
  VehicleDepreciationReversed,
  VehicleDisposalVoided,
  VehicleDisposed,
  VehicleValued,
} from './events.ts';

type Ask<Type extends string, Body> = Body & {
  readonly type: Type;
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly when: Moment;
};
/** The currency that the vehicle's park reckons in. */
type In = { readonly currency: Currency };

/** What one may ask of a vehicle as an asset. */
export type AssetCommand =
  | Ask<'AcquireVehicle' | 'CorrectAcquisition', Omit<Acquisition, 'park'> & In>
  | Ask<'ValueVehicle', Valuation & In>
  | Ask<'DisposeOfVehicle', Omit<Disposal, 'park' | 'voided'> & In>
  | Ask<'VoidDisposal', { readonly reason: string }>
  | Ask<
      'BookDepreciation',
      { readonly run: RunId; readonly period: Period; readonly amount: Money }
    >
  | Ask<'ReverseDepreciation', { readonly run: RunId }>;

/** Every way in which a vehicle as an asset may say no. */
export type AssetRefusal =
  | { readonly code: 'AssetAcquiredAlready' }
  | { readonly code: 'AssetNotAcquired' }
  | { readonly code: 'AssetDisposed'; readonly since: LocalDate }
  | { readonly code: 'AssetNotDisposed' }
  | { readonly code: 'DisposalBeforeAcquisition'; readonly acquired: LocalDate }
  | { readonly code: 'ResidualAboveCost' }
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency };

type Of<Type extends AssetCommand['type']> = Extract<AssetCommand, { readonly type: Type }>;
type Decision = Either<AssetRefusal, readonly AssetEvent[]>;
const nothing: Decision = right([]);

const isSame = (one: unknown, other: unknown): boolean =>
  canonicalJson(one) === canonicalJson(other);

const foreignTo = (currency: Currency, amounts: readonly Money[]): AssetRefusal | null =>
  amounts.some((amount) => amount.currency !== currency)
    ? { code: 'ForeignCurrency', expected: currency }
    : null;

const residualOf = (plan: DepreciationPlan): readonly Money[] =>
  plan.method === 'none' ? [] : [plan.residual];

type Acquiring = Of<'AcquireVehicle' | 'CorrectAcquisition'>;

const flawIn = ({ cost, depreciation, currency }: Acquiring): AssetRefusal | null => {
  const foreign = foreignTo(currency, [cost, ...residualOf(depreciation)]);
  if (foreign) return foreign;
  const isAbove = residualOf(depreciation).some((each) => minorUnits(each) > minorUnits(cost));
  return isAbove ? { code: 'ResidualAboveCost' } : null;
};

const inForce = ({ disposal }: AssetState): Disposal | null =>
  disposal === null || disposal.voided ? null : disposal;

const acquire = (command: Acquiring, state: AssetState): Decision => {
  const { type, vehicle, when, park, date, cost, funding, depreciation } = command;
  const said = { park, date, cost, funding, depreciation };
  if (state.acquisition && isSame(said, state.acquisition)) return nothing;
  const flaw = flawIn(command);
  if (flaw) return left(flaw);
  const isFirst = type === 'AcquireVehicle';
  if (isFirst && state.acquisition) return left({ code: 'AssetAcquiredAlready' });
  if (isFirst) return right([fact(VehicleAcquired, when, { vehicle, ...said })]);
  if (!state.acquisition) return left({ code: 'AssetNotAcquired' });
  const disposal = inForce(state);
  // What the disposal booked rests on what was said of the acquisition.
  if (disposal) return left({ code: 'AssetDisposed', since: disposal.date });
  return right([fact(VehicleAcquisitionCorrected, when, { vehicle, ...said })]);
};

const value = (command: Of<'ValueVehicle'>, { valuations }: AssetState): Decision => {
  const { vehicle, park, when, currency, date, value: worth, method, source } = command;
  const said = { date, value: worth, method, source };
  if (isSame(said, valuations.get(date) ?? null)) return nothing;
  const foreign = foreignTo(currency, [worth]);
  if (foreign) return left(foreign);
  return right([fact(VehicleValued, when, { vehicle, park, ...said })]);
};

const dispose = (command: Of<'DisposeOfVehicle'>, state: AssetState): Decision => {
  const { vehicle, park, when, date, proceeds, via, currency } = command;
  if (!state.acquisition) return left({ code: 'AssetNotAcquired' });
  const before = inForce(state);
  if (before) {
    if (isSame({ date, proceeds, via, park, voided: false }, before)) return nothing;
    return left({ code: 'AssetDisposed', since: before.date });
  }
  const foreign = foreignTo(currency, [proceeds, state.acquisition.cost]);
  if (foreign) return left(foreign);
  const acquired = state.acquisition.date;
  if (date < acquired) return left({ code: 'DisposalBeforeAcquisition', acquired });
  return right([fact(VehicleDisposed, when, { vehicle, park, date, proceeds, via })]);
};

const decide = (command: AssetCommand, state: AssetState): Decision => {
  const { vehicle, park, when } = command;
  switch (command.type) {
    case 'AcquireVehicle':
    case 'CorrectAcquisition':
      return acquire(command, state);
    case 'ValueVehicle':
      return value(command, state);
    case 'DisposeOfVehicle':
      return dispose(command, state);
    case 'VoidDisposal': {
      if (!state.disposal) return left({ code: 'AssetNotDisposed' });
      const { reason } = command;
      if (state.disposal.voided) return nothing;
      return right([fact(VehicleDisposalVoided, when, { vehicle, park, reason })]);
    }
    case 'BookDepreciation': {
      const { run, period, amount } = command;
      if (state.booked.has(run)) return nothing;
      // After a disposal, too: the run came first, only word of it came late.
      if (!state.acquisition) return left({ code: 'AssetNotAcquired' });
      return right([fact(VehicleDepreciated, when, { vehicle, park, run, period, amount })]);
    }
    case 'ReverseDepreciation': {
      const { run } = command;
      const held = state.booked.get(run);
      if (!held || held.reversed) return nothing;
      return right([fact(VehicleDepreciationReversed, when, { vehicle, park, run })]);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (state: AssetState, event: AssetEvent): AssetState => {
  switch (event.type) {
    case 'VehicleAcquired':
    case 'VehicleAcquisitionCorrected': {
      const { vehicle: _, ...acquisition } = event.data;
      return { ...state, acquisition };
    }
    case 'VehicleValued': {
      const { vehicle: _, park: __, ...valuation } = event.data;
      const valuations = new Map(state.valuations).set(valuation.date, valuation);
      return { ...state, valuations };
    }
    case 'VehicleDisposed': {
      const { vehicle: _, ...disposal } = event.data;
      return { ...state, disposal: { ...disposal, voided: false } };
    }
    case 'VehicleDisposalVoided':
      return { ...state, disposal: state.disposal && { ...state.disposal, voided: true } };
    case 'VehicleDepreciated': {
      const { run, period, amount } = event.data;
      const held = { period, amount: minorUnits(amount), reversed: false };
      return { ...state, booked: new Map(state.booked).set(run, held) };
    }
    case 'VehicleDepreciationReversed': {
      const held = state.booked.get(event.data.run);
      if (!held) return state;
      const booked = new Map(state.booked).set(event.data.run, { ...held, reversed: true });
      return { ...state, booked };
    }
    default:
      return unreachable(event);
  }
};

/** A vehicle as an asset: acquired once, written off by runs, disposed of. */
export const assetDecider: Decider<AssetCommand, AssetEvent, AssetState, AssetRefusal> = {
  initial: { acquisition: null, disposal: null, booked: new Map(), valuations: new Map() },
  decide,
  evolve,
};
