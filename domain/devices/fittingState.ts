import { unreachable } from '#domain/kernel/decider.ts';
import type { CommandId, DeviceIdent, FittingId } from '#domain/kernel/ids.ts';
import { covers, type Interval, overlaps } from '#domain/kernel/instant.ts';
import type { Fact } from '#domain/kernel/registry.ts';
import type { deviceEvents } from './events.ts';

export type DeviceEvent = Fact<(typeof deviceEvents)[number]>;

/** A device in a vehicle, from when to when; `operation` is the command that claimed its ident. */
export interface Fitting extends Interval {
  readonly fitting: FittingId;
  readonly ident: DeviceIdent;
  readonly operation: CommandId;
  readonly voided: boolean;
}

/** Every fitting that a vehicle's stream tells of, the voided ones too. */
export type Fittings = ReadonlyMap<FittingId, Fitting>;

const changed = (fittings: Fittings, id: FittingId, change: Partial<Fitting>): Fittings => {
  const fitting = fittings.get(id);
  return fitting ? new Map(fittings).set(id, { ...fitting, ...change }) : fittings;
};

/** Folds one event about devices into the fittings of a vehicle. */
export const evolveFittings = (fittings: Fittings, event: DeviceEvent): Fittings => {
  const { at } = event.when;
  switch (event.type) {
    case 'DeviceFitted': {
      const { fitting, ident, operation } = event.data;
      const begun = { fitting, ident, operation, from: at, to: null, voided: false };
      return new Map(fittings).set(fitting, begun);
    }
    case 'DeviceRemoved':
      return changed(fittings, event.data.fitting, { to: at });
    case 'DeviceFittingVoided':
      return changed(fittings, event.data.fitting, { voided: true });
    default:
      return unreachable(event);
  }
};

/** The fittings that stand and share a moment with a stretch of time. */
export const fittingsDuring = (fittings: Fittings, span: Interval): readonly Fitting[] =>
  [...fittings.values()].filter((fitting) => !fitting.voided && overlaps(fitting, span));

/** The most devices that a vehicle carries at once within a stretch of time. */
export const devicesAtOnce = (fittings: Fittings, span: Interval): number => {
  const during = fittingsDuring(fittings, span);
  // The count only rises where a fitting begins, so it is highest at the start of one or of the stretch.
  const starts = [span.from, ...during.map(({ from }) => from).filter((at) => covers(span, at))];
  const counts = starts.map((at) => during.filter((fitting) => covers(fitting, at)).length);
  return Math.max(...counts);
};
