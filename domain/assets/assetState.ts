import type { Period } from '#domain/finance/period.ts';
import type { RunId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import type { AssetEvent } from './events.ts';

type DataOf<Type extends AssetEvent['type']> = Extract<AssetEvent, { type: Type }>['data'];

/** What a vehicle cost, when, and how it is written off, as was said last. */
export type Acquisition = Omit<DataOf<'VehicleAcquired'>, 'vehicle'>;

/** What a vehicle is worth by somebody's word. */
export type Valuation = Omit<DataOf<'VehicleValued'>, 'vehicle' | 'park'>;

/** How a vehicle was disposed of; `voided`: it was not after all. */
export interface Disposal extends Omit<DataOf<'VehicleDisposed'>, 'vehicle'> {
  readonly voided: boolean;
}

/** What a run wrote off for a month, in minor units; `reversed`: the run does not hold. */
interface Booked {
  readonly period: Period;
  readonly amount: bigint;
  readonly reversed: boolean;
}

/** A vehicle as an asset; `acquisition` is null until it is one. Valuations go by their days. */
export interface AssetState {
  readonly acquisition: Acquisition | null;
  readonly disposal: Disposal | null;
  readonly booked: ReadonlyMap<RunId, Booked>;
  readonly valuations: ReadonlyMap<LocalDate, Valuation>;
}

/**
 * What is written off by runs that hold, in minor units: for months up to one, or, with null, for all.
 */
export const bookedOf = ({ booked }: AssetState, until: Period | null = null): bigint =>
  [...booked.values()]
    .filter(({ period, reversed }) => !reversed && (until === null || period <= until))
    .reduce((sum, { amount }) => sum + amount, 0n);

/** What a vehicle is worth by the last word of a day or the days before; null where there is none. */
export const valuationAt = ({ valuations }: AssetState, date: LocalDate): Valuation | null =>
  [...valuations.values()]
    .filter((each) => each.date <= date)
    .reduce<Valuation | null>(
      (last, each) => (last === null || each.date > last.date ? each : last),
      null,
    );
