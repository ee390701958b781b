import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import {
  decideFitting,
  type FittingCommand,
  type FittingRefusal,
} from '#domain/devices/fitting.ts';
import type {
  ImmobilizationCommand,
  ImmobilizationRefusal,
} from '#domain/immobilization/commands.ts';
import {
  decideImmobilization,
  isImmobilizationCommand,
} from '#domain/immobilization/immobilize.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { PiiClass, PiiDigest } from '#domain/kernel/event.ts';
import type {
  CommandId,
  Digest,
  DocumentId,
  ParkId,
  PartyId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  decideRepair,
  type RepairCommand,
  type RepairRefusal,
} from '#domain/maintenance/repair.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import { decideRental, type RentalCommand, type RentalRefusal } from '#domain/rentals/rental.ts';
import {
  OdometerRead,
  type RetirementReason,
  VehicleClaimAbandoned,
  VehicleCommissioned,
  type VehicleDocumentKind,
  VehicleDocumentRecorded,
  VehicleMoved,
  VehicleOwnerChanged,
  VehiclePlateChanged,
  VehicleRegistered,
  VehicleReinstated,
  VehicleRetired,
  VehicleWithdrawn,
  type VinCheck,
  type WithdrawalReason,
} from './events.ts';
import {
  evolve,
  openRental,
  type Vehicle,
  type VehicleEvent,
  type VehicleState,
  vehicleStatus,
} from './vehicleState.ts';

type Command<Type extends string, Fields = object> = {
  readonly type: Type;
  readonly vehicle: VehicleId;
  readonly when: Moment;
} & Readonly<Fields>;

type Register = Command<
  'RegisterVehicle',
  {
    park: ParkId;
    owner: PartyId;
    make: string;
    model: string;
    year: number;
    vinCheck: z.infer<typeof VinCheck>;
    currency: Currency;
    odometer_m: number;
    operation: CommandId;
    pii: readonly PiiDigest[];
  }
>;

type Abandon = Command<'AbandonVehicleClaim', { operation: CommandId; reason: string }>;

/** What one may ask of a vehicle's master data. */
type MasterDataCommand =
  | Command<
      'RecordVehicleDocument',
      {
        document: DocumentId;
        kind: z.infer<typeof VehicleDocumentKind>;
        digest: Digest;
        expiresOn: LocalDate | null;
      }
    >
  | Command<'ChangePlate', { operation: CommandId; pii: readonly PiiDigest[] }>
  | Command<'ReadOdometer', { odometer_m: number }>
  | Command<'MoveVehicle', { to: ParkId; currency: Currency }>
  | Command<'ChangeVehicleOwner', { to: PartyId }>
  | Command<'CommissionVehicle'>
  | Command<'WithdrawVehicle', { reason: z.infer<typeof WithdrawalReason> }>
  | Command<'ReinstateVehicle'>
  | Command<'RetireVehicle', { reason: z.infer<typeof RetirementReason> }>
  | Command<
      'EraseVehicleIdentity',
      { erased: PiiClass[]; held: { class: PiiClass; until: Instant }[] }
    >;

type Vehicular<C> = C & { readonly vehicle: VehicleId };

/** Everything one may ask of the stream of a vehicle. */
export type VehicleCommand =
  | Register
  | Abandon
  | MasterDataCommand
  | Vehicular<RentalCommand>
  | Vehicular<FittingCommand>
  | Vehicular<RepairCommand>
  | Vehicular<ImmobilizationCommand>;

export type VehicleRefusal =
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId }
  | { readonly code: 'VehicleAlreadyRegistered'; readonly vehicle: VehicleId }
  | { readonly code: 'VehicleRetired'; readonly vehicle: VehicleId; readonly since: Instant }
  | { readonly code: 'VehicleNotIdle'; readonly status: string }
  | { readonly code: 'FactBeforeRegistration'; readonly registeredAt: Instant }
  | { readonly code: 'OdometerBackwards'; readonly odometer_m: number }
  | RentalRefusal
  | RepairRefusal
  | FittingRefusal
  | ImmobilizationRefusal;

type Decision = Either<VehicleRefusal, readonly VehicleEvent[]>;
const nothing: Decision = right([]);

const register = (command: Register, state: VehicleState): Decision => {
  const { type: _, when, pii, ...data } = command;
  if (state.abandoned.has(data.operation)) return left({ code: 'OperationAbandoned' });
  if (state.vehicle === null) return right([fact(VehicleRegistered, when, data, pii)]);
  return left({ code: 'VehicleAlreadyRegistered', vehicle: command.vehicle });
};

const readOdometer = (odometer_m: number, when: Moment, vehicle: Vehicle): Decision => {
  const { vehicle: id, park, odometer } = vehicle;
  if (when.at === odometer.at && odometer_m === odometer.odometer_m) return nothing;
  if (when.at >= odometer.at && odometer_m < odometer.odometer_m) {
    return left({ code: 'OdometerBackwards', odometer_m: odometer.odometer_m });
  }
  return right([fact(OdometerRead, when, { vehicle: id, park, odometer_m })]);
};

type Retire = Extract<MasterDataCommand, { type: 'RetireVehicle' }>;

/**
 * What is stolen or scrapped is gone whatever we hold; otherwise a vehicle has to be back and whole first.
 */
const retire = ({ reason, when }: Retire, vehicle: Vehicle): Decision => {
  const { vehicle: id, park } = vehicle;
  const status = vehicleStatus(vehicle);
  const gone = reason === 'stolen' || reason === 'scrapped';
  if (openRental(vehicle) !== null || (status === 'in_repair' && !gone)) {
    return left({ code: 'VehicleNotIdle', status });
  }
  return right([fact(VehicleRetired, when, { vehicle: id, park, reason })]);
};

type ChangePlate = Extract<MasterDataCommand, { type: 'ChangePlate' }>;

const changePlate = (
  { operation, when, pii }: ChangePlate,
  { vehicle, park }: Vehicle,
  abandoned: ReadonlySet<CommandId>,
): Decision =>
  abandoned.has(operation)
    ? left({ code: 'OperationAbandoned' })
    : right([fact(VehiclePlateChanged, when, { vehicle, park, operation }, pii)]);

const decideMasterData = (
  command: MasterDataCommand,
  vehicle: Vehicle,
  { abandoned }: VehicleState,
): Decision => {
  const { vehicle: id, park } = vehicle;
  const { when } = command;
  switch (command.type) {
    case 'RecordVehicleDocument': {
      const { document, kind, digest, expiresOn } = command;
      if (vehicle.documents.get(document) === digest) return nothing;
      const data = { vehicle: id, park, document, kind, digest, expiresOn };
      return right([fact(VehicleDocumentRecorded, when, data)]);
    }
    case 'ChangePlate':
      return changePlate(command, vehicle, abandoned);
    case 'ReadOdometer':
      return readOdometer(command.odometer_m, when, vehicle);
    case 'MoveVehicle': {
      if (command.to === park) return nothing;
      const { to, currency } = command;
      return right([fact(VehicleMoved, when, { vehicle: id, from: park, to, currency })]);
    }
    case 'ChangeVehicleOwner': {
      if (command.to === vehicle.owner) return nothing;
      const data = { vehicle: id, park, from: vehicle.owner, to: command.to };
      return right([fact(VehicleOwnerChanged, when, data)]);
    }
    case 'CommissionVehicle':
      if (vehicle.commissioned) return nothing;
      return right([fact(VehicleCommissioned, when, { vehicle: id, park })]);
    case 'WithdrawVehicle':
      if (vehicle.withdrawn) return nothing;
      return right([fact(VehicleWithdrawn, when, { vehicle: id, park, reason: command.reason })]);
    case 'ReinstateVehicle':
      if (!vehicle.withdrawn) return nothing;
      return right([fact(VehicleReinstated, when, { vehicle: id, park })]);
    case 'RetireVehicle':
      return retire(command, vehicle);
    case 'EraseVehicleIdentity': {
      const { erased, held } = command;
      return right([fact(SubjectErased, when, { subject: { kind: 'vehicle', id }, erased, held })]);
    }
    default:
      return unreachable(command);
  }
};

const isRental = (command: VehicleCommand): command is Vehicular<RentalCommand> =>
  ['StartRental', 'EndRental', 'RecordRental', 'VoidRental'].includes(command.type);

const isRepair = (command: VehicleCommand): command is Vehicular<RepairCommand> =>
  ['RequestRepair', 'OpenRepair', 'AddRepairCost', 'CompleteRepair', 'CancelRepair'].includes(
    command.type,
  );

const isFitting = (command: VehicleCommand): command is Vehicular<FittingCommand> =>
  ['FitDevice', 'RecordFitting', 'RemoveDevice', 'VoidFitting'].includes(command.type);

const isImmobilization = (command: VehicleCommand): command is Vehicular<ImmobilizationCommand> =>
  isImmobilizationCommand(command);

/**
 * What still may be told of a vehicle that has left the fleet: late facts of its time, corrections, erasure.
 */
const allowedOnceRetired = new Set<VehicleCommand['type']>([
  'RetireVehicle',
  'RecordRental',
  'VoidRental',
  'AddRepairCost',
  'CompleteRepair',
  'CancelRepair',
  'RecordFitting',
  'RemoveDevice',
  'VoidFitting',
  'EraseVehicleIdentity',
  'RemoveImmobilizer',
  'CancelBlock',
  'AnswerBlock',
  'EndBlock',
  'ReviewBlock',
  'RequestRelease',
  'StartReleaseSeries',
  'AnswerRelease',
  'NoteExecuted',
  'NoteConfirmed',
]);

const decide = (command: VehicleCommand, state: VehicleState): Decision => {
  if (command.type === 'RegisterVehicle') return register(command, state);
  if (command.type === 'AbandonVehicleClaim') {
    const { vehicle, operation, reason, when } = command;
    if (state.abandoned.has(operation)) return nothing;
    return right([fact(VehicleClaimAbandoned, when, { vehicle, operation, reason })]);
  }
  const { vehicle } = state;
  const { at } = command.when;
  if (vehicle === null) return left({ code: 'VehicleUnknown', vehicle: command.vehicle });
  if (at < vehicle.registeredAt) {
    return left({ code: 'FactBeforeRegistration', registeredAt: vehicle.registeredAt });
  }
  if (vehicle.retiredAt !== null) {
    if (command.type === 'RetireVehicle') return nothing;
    const late = allowedOnceRetired.has(command.type);
    const { retiredAt: since } = vehicle;
    if (!late) return left({ code: 'VehicleRetired', vehicle: vehicle.vehicle, since });
  }
  if (isRental(command)) return decideRental(command, vehicle, state);
  if (isRepair(command)) return decideRepair(command, vehicle);
  if (isFitting(command)) return decideFitting(command, vehicle, state);
  if (isImmobilization(command)) return decideImmobilization(command, vehicle, state);
  return decideMasterData(command, vehicle, state);
};

/** The consistency boundary of a vehicle: master data, rentals, repairs and devices, in one stream. */
export const vehicleDecider: Decider<VehicleCommand, VehicleEvent, VehicleState, VehicleRefusal> = {
  initial: { vehicle: null, abandoned: new Set() },
  decide,
  evolve,
};
