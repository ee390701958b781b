import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { CommandId, DeviceIdent, FittingId } from '#domain/kernel/ids.ts';
import type { Interval, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { Vehicle, VehicleState } from '#domain/registry/vehicleState.ts';
import {
  DeviceFitted,
  DeviceFittingVoided,
  type DeviceRemovalReason,
  DeviceRemoved,
  type FittingVoidReason,
} from './events.ts';
import { type DeviceEvent, devicesAtOnce, type Fitting, fittingsDuring } from './fittingState.ts';

/** More trackers, cameras and beacons than that in one vehicle are a mistake of whoever tells of them. */
export const DEVICES_MAX = 8;

type RemovalReason = z.infer<typeof DeviceRemovalReason>;

interface Fit {
  readonly fitting: FittingId;
  readonly ident: DeviceIdent;
  /** The command that took the claim on the ident. */
  readonly operation: CommandId;
  readonly when: Moment;
}

/** What one may ask about the devices in a vehicle. `RecordFitting` tells of one that is over already. */
export type FittingCommand =
  | ({ readonly type: 'FitDevice' } & Fit)
  | ({
      readonly type: 'RecordFitting';
      readonly reason: RemovalReason;
      readonly removed: Moment;
    } & Fit)
  | {
      readonly type: 'RemoveDevice';
      readonly fitting: FittingId;
      readonly reason: RemovalReason;
      readonly when: Moment;
    }
  | {
      readonly type: 'VoidFitting';
      readonly fitting: FittingId;
      readonly reason: z.infer<typeof FittingVoidReason>;
      readonly when: Moment;
    };

export type FittingRefusal =
  | { readonly code: 'DeviceAlreadyFitted'; readonly fitting: FittingId }
  | { readonly code: 'DevicesExceeded'; readonly devices_max: number }
  | { readonly code: 'FittingUnknown'; readonly fitting: FittingId }
  | { readonly code: 'FittingAlreadyEnded'; readonly fitting: FittingId }
  | { readonly code: 'FittingIsVoid'; readonly fitting: FittingId }
  | { readonly code: 'OperationAbandoned' }
  | { readonly code: 'EndBeforeStart' };

type Decision = Either<FittingRefusal, readonly DeviceEvent[]>;
const nothing: Decision = right([]);

/** Why a device cannot be in the vehicle for a stretch of time; null if it can. */
const hindrance = (
  { fittings }: Vehicle,
  ident: DeviceIdent,
  span: Interval,
): FittingRefusal | null => {
  const rival = fittingsDuring(fittings, span).find((fitting) => fitting.ident === ident);
  if (rival) return { code: 'DeviceAlreadyFitted', fitting: rival.fitting };
  return devicesAtOnce(fittings, span) < DEVICES_MAX
    ? null
    : { code: 'DevicesExceeded', devices_max: DEVICES_MAX };
};

type Begin = Extract<FittingCommand, { type: 'FitDevice' | 'RecordFitting' }>;

const begin = (command: Begin, vehicle: Vehicle, { abandoned }: VehicleState): Decision => {
  const { fitting, ident, operation, when } = command;
  const { vehicle: id, park } = vehicle;
  if (vehicle.fittings.has(fitting)) return nothing;
  if (abandoned.has(operation)) return left({ code: 'OperationAbandoned' });
  const removed = command.type === 'RecordFitting' ? command.removed : null;
  if (removed !== null && removed.at < when.at) return left({ code: 'EndBeforeStart' });
  const hindered = hindrance(vehicle, ident, { from: when.at, to: removed?.at ?? null });
  if (hindered) return left(hindered);
  const about = { fitting, vehicle: id, park, ident };
  const fitted = fact(DeviceFitted, when, { ...about, operation });
  if (command.type === 'FitDevice') return right([fitted]);
  const { reason } = command;
  return right([fitted, fact(DeviceRemoved, command.removed, { ...about, reason })]);
};

const aboutOf = ({ vehicle, park }: Vehicle, { fitting, ident }: Fitting) => ({
  fitting,
  vehicle,
  park,
  ident,
});

type Remove = Extract<FittingCommand, { type: 'RemoveDevice' }>;

const remove = ({ fitting, reason, when }: Remove, vehicle: Vehicle): Decision => {
  const held = vehicle.fittings.get(fitting);
  if (!held) return left({ code: 'FittingUnknown', fitting });
  if (held.voided) return left({ code: 'FittingIsVoid', fitting });
  if (held.to === when.at) return nothing;
  if (held.to !== null) return left({ code: 'FittingAlreadyEnded', fitting });
  if (when.at < held.from) return left({ code: 'EndBeforeStart' });
  return right([fact(DeviceRemoved, when, { ...aboutOf(vehicle, held), reason })]);
};

type Void = Extract<FittingCommand, { type: 'VoidFitting' }>;

const voidFitting = ({ fitting, reason, when }: Void, vehicle: Vehicle): Decision => {
  const held = vehicle.fittings.get(fitting);
  if (!held) return left({ code: 'FittingUnknown', fitting });
  if (held.voided) return nothing;
  return right([fact(DeviceFittingVoided, when, { ...aboutOf(vehicle, held), reason })]);
};

/** Decides what is asked about the devices in a registered vehicle. */
export const decideFitting = (
  command: FittingCommand,
  vehicle: Vehicle,
  state: VehicleState,
): Decision => {
  switch (command.type) {
    case 'FitDevice':
    case 'RecordFitting':
      return begin(command, vehicle, state);
    case 'RemoveDevice':
      return remove(command, vehicle);
    case 'VoidFitting':
      return voidFitting(command, vehicle);
    default:
      return unreachable(command);
  }
};
