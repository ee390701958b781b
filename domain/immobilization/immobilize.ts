import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import { epochMs, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { openRental, type Vehicle, type VehicleState } from '#domain/registry/vehicleState.ts';
import type {
  GiveBlockNotice,
  GrantEmergencyStart,
  ImmobilizationCommand,
  ImmobilizationRefusal,
  InstallImmobilizer,
  RemoveImmobilizer,
} from './commands.ts';
import { answerBlock, askPosition, endBlock, holdBlock, startDispatch } from './dispatch.ts';
import {
  BlockNoticeGiven,
  EmergencyStartGranted,
  type ImmobilizationEvent,
  ImmobilizerInstalled,
  ImmobilizerRemoved,
  ReleaseEnded,
} from './events.ts';
import { noteConfirmed, noteExecuted } from './evidence.ts';
import { answerRelease, requestRelease, startReleaseSeries } from './release.ts';
import {
  aboutOf,
  approveBlock,
  cancelBlock,
  isReachable,
  openJob,
  requestBlock,
  reviewBlock,
  usable,
} from './request.ts';

type Decision = Either<ImmobilizationRefusal, readonly ImmobilizationEvent[]>;

/**
 * What is built in changes while nothing is to be blocked by it. A release that a broken device never
 * confirms ends with the device.
 */
const withoutRelease = (vehicle: Vehicle, when: Moment, change: ImmobilizationEvent): Decision => {
  const open = openJob(vehicle);
  if (open === null) return right([change]);
  if (open.kind === 'block') return left({ code: 'ImmobilizerInUse', job: open.job });
  const ended = { status: 'cancelled', code: 'immobilizer_changed' } as const;
  return right([fact(ReleaseEnded, when, { ...aboutOf(vehicle, open.job), ...ended }), change]);
};

const install = (
  { installation, operation, user, when }: InstallImmobilizer,
  vehicle: Vehicle,
): Decision => {
  const { vehicle: id, park, immobilization } = vehicle;
  if (immobilization.installation?.installation === installation.installation) return right([]);
  if (!isReachable(installation, vehicle)) return left({ code: 'ImmobilizerDeviceNotFitted' });
  const fitted = fact(ImmobilizerInstalled, when, {
    vehicle: id,
    park,
    user,
    ...installation,
    operation,
  });
  return withoutRelease(vehicle, when, fitted);
};

const remove = ({ installation, user, when }: RemoveImmobilizer, vehicle: Vehicle): Decision => {
  const { vehicle: id, park, immobilization } = vehicle;
  if (immobilization.installation?.installation !== installation) return right([]);
  const removed = fact(ImmobilizerRemoved, when, { vehicle: id, park, user, installation });
  return withoutRelease(vehicle, when, removed);
};

const giveNotice = (command: GiveBlockNotice, vehicle: Vehicle): Decision => {
  const { user, step, mode, reference, when } = command;
  const held = openRental(vehicle);
  if (held === null) return left({ code: 'NobodyToBlockFor' });
  const { vehicle: id, park } = vehicle;
  const { rental, driver } = held;
  const data = { vehicle: id, park, user, rental, driver, step, mode, reference };
  return right([fact(BlockNoticeGiven, when, data)]);
};

/** A driver in an emergency gets the engine back at once, and no block for money for a while. */
const grant = (command: GrantEmergencyStart, vehicle: Vehicle): Decision => {
  const { user, for_s, job, when } = command;
  const found = usable(vehicle, null);
  if (isLeft(found)) return found;
  const released = requestRelease(
    { type: 'RequestRelease', job, user, method: null, reason: 'emergency_start', when },
    vehicle,
  );
  if (isLeft(released) || released.right.length === 0) return released;
  const until = instantOf(epochMs(when.at) + for_s * 1_000);
  const { vehicle: id, park } = vehicle;
  const granted = fact(EmergencyStartGranted, when, { vehicle: id, park, user, until });
  return right([granted, ...released.right]);
};

/** Decides what is asked about blocking the engine of a registered vehicle. */
export const decideImmobilization = (
  command: ImmobilizationCommand,
  vehicle: Vehicle,
  { abandoned }: Pick<VehicleState, 'abandoned'>,
): Decision => {
  switch (command.type) {
    case 'InstallImmobilizer':
      return abandoned.has(command.operation)
        ? left({ code: 'OperationAbandoned' })
        : install(command, vehicle);
    case 'RemoveImmobilizer':
      return remove(command, vehicle);
    case 'GiveBlockNotice':
      return giveNotice(command, vehicle);
    case 'GrantEmergencyStart':
      return grant(command, vehicle);
    case 'RequestBlock':
      return requestBlock(command, vehicle);
    case 'ApproveBlock':
      return approveBlock(command, vehicle);
    case 'CancelBlock':
      return cancelBlock(command, vehicle);
    case 'ReviewBlock':
      return reviewBlock(command, vehicle);
    case 'RequestRelease':
      return requestRelease(command, vehicle);
    case 'StartDispatch':
      return startDispatch(command, vehicle);
    case 'HoldBlock':
      return holdBlock(command, vehicle);
    case 'AskPosition':
      return askPosition(command, vehicle);
    case 'AnswerBlock':
      return answerBlock(command, vehicle);
    case 'NoteExecuted':
      return noteExecuted(command, vehicle);
    case 'NoteConfirmed':
      return noteConfirmed(command, vehicle);
    case 'EndBlock':
      return endBlock(command, vehicle);
    case 'StartReleaseSeries':
      return startReleaseSeries(command, vehicle);
    case 'AnswerRelease':
      return answerRelease(command, vehicle);
    default:
      return unreachable(command);
  }
};

const commandNames: ReadonlySet<string> = new Set<ImmobilizationCommand['type']>([
  'InstallImmobilizer',
  'RemoveImmobilizer',
  'GiveBlockNotice',
  'GrantEmergencyStart',
  'RequestBlock',
  'ApproveBlock',
  'CancelBlock',
  'ReviewBlock',
  'RequestRelease',
  'StartDispatch',
  'HoldBlock',
  'AskPosition',
  'AnswerBlock',
  'NoteExecuted',
  'NoteConfirmed',
  'EndBlock',
  'StartReleaseSeries',
  'AnswerRelease',
]);

/** Whether a command of a vehicle is about blocking its engine. */
export const isImmobilizationCommand = ({ type }: { readonly type: string }): boolean =>
  commandNames.has(type);
