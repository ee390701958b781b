import type { ImmobilizationRefusal } from '#domain/immobilization/commands.ts';
import type { Row } from './problemRow.ts';

type Code = Exclude<ImmobilizationRefusal['code'], 'OperationAbandoned'> | 'VehicleImmobilized';

/** How it is told why an engine is not blocked. */
export const immobilizationProblems: { readonly [C in Code]: Row<C> } = {
  JobUnknown: { status: 404, title: 'No such job' },
  VehicleImmobilized: { status: 409, title: 'The engine of the vehicle is, or may be, blocked' },
  ImmobilizerMissing: { status: 409, title: 'The vehicle has no immobilizer' },
  ImmobilizerDeviceNotFitted: {
    status: 409,
    title: 'The device of the immobilizer is not in the vehicle',
  },
  ImmobilizerUnitOfAnother: {
    status: 422,
    title: 'A unit that speaks MQTT to us is named <tenant>/<ident>, by its own tenant',
  },
  ImmobilizerOfAnotherMethod: {
    status: 409,
    title: 'The immobilizer of the vehicle is not reached that way',
    tell: ({ method }) => ({ method }),
  },
  ImmobilizerUnsafe: {
    status: 409,
    title: 'This installation could stop a moving vehicle and may never be used to block',
    tell: ({ interrupts }) => ({ interrupts }),
  },
  ImmobilizerInUse: { status: 409, title: 'A block is under way', tell: ({ job }) => ({ job }) },
  NewBlocksForbidden: { status: 409, title: 'New blocks are switched off' },
  LadderMissing: {
    status: 409,
    title: 'No notices are laid down for blocking for money here, so it is not done',
  },
  NoticesMissing: {
    status: 409,
    title: 'A notice that must come first was not given, or not long enough ago',
    tell: ({ step }) => ({ step }),
  },
  NobodyToBlockFor: { status: 409, title: 'Nobody has the vehicle' },
  EmergencyStartHolds: {
    status: 409,
    title: 'An emergency start has been granted',
    tell: ({ until }) => ({ until }),
  },
  VehicleBlocked: {
    status: 409,
    title: 'The engine is blocked already',
    tell: ({ job }) => (job === null ? {} : { job }),
  },
  BlockInFlight: {
    status: 409,
    title: 'A block was sent already; ask for a release instead',
    tell: ({ job }) => ({ job }),
  },
  JobHasEnded: { status: 409, title: 'The job has ended', tell: ({ status }) => ({ status }) },
  ApprovalNotAwaited: { status: 409, title: 'No approval is awaited' },
  ApprovalOfOneself: { status: 409, title: 'Whoever asked for a block cannot approve it' },
  ApprovalExpired: {
    status: 409,
    title: 'The approval comes too late',
    tell: ({ approveBy }) => ({ approve_by: approveBy }),
  },
  ApprovalOfSomethingElse: {
    status: 409,
    title: 'The approval is for something else than what is asked',
    tell: ({ basis }) => ({ approval_hash: basis }),
  },
  SnapshotChanged: {
    status: 409,
    title: 'Something has changed since the block was asked for',
    tell: ({ changed }) => ({ changed: changed.join(', ') }),
  },
  ReviewNotDue: { status: 409, title: 'There is nothing to review' },
  ReviewOfOneself: { status: 409, title: 'Whoever asked for a block cannot review it' },
  StandstillUncertain: {
    status: 409,
    title: 'It is not certain that the vehicle stands',
    tell: ({ doubts }) => ({ doubts: doubts.join(', ') }),
  },
  AttemptNotDue: { status: 409, title: 'This attempt is not due' },
};
