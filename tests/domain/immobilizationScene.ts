import { isLeft } from 'fp-ts/lib/Either.js';
import type { ImmobilizationCommand } from '#domain/immobilization/commands.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import { defaultRules, ImmobilizationRules } from '#domain/immobilization/rules.ts';
import type { BlockReason, RelayMethod } from '#domain/immobilization/words.ts';
import { ActorId, DeviceIdent, FittingId, InstallationId, JobId } from '#domain/kernel/ids.ts';
import { epochMs, instantOf } from '#domain/kernel/instant.ts';
import { type VehicleCommand, vehicleDecider } from '#domain/registry/vehicle.ts';
import type { VehicleState } from '#domain/registry/vehicleState.ts';
import { registerVan, starter } from '#tests/support/immobilizer.ts';
import { ann, digest, moment, operation, rentalOfAnn, uuid8, van } from '#tests/support/samples.ts';

const start = '2026-03-01T06:00:00.000Z';
export const at = (s: number) => moment(instantOf(epochMs(moment(start).at) + s * 1_000));
export const clerk = ActorId.parse(uuid8(0x1));
export const chief = ActorId.parse(uuid8(0x2));
export const job = JobId.parse(`${van}~${uuid8(0x90)}`);
export const other = JobId.parse(`${van}~${uuid8(0x91)}`);
export const installation: Installation = {
  installation: InstallationId.parse(`${van}~${uuid8(0x80)}`),
  ...starter,
};
export const device = {
  fitting: FittingId.parse(`${van}~${uuid8(0x70)}`),
  ident: DeviceIdent.parse('d1'),
};
const ladder = {
  jurisdiction: 'US-NJ',
  notices: [{ step: 'final_warning', modes_min: 2, before_s: 72 * 3_600 }],
  emergency_start_s: 48 * 3_600,
} as const;
export const withLadder = ImmobilizationRules.parse({ ladder });

/** Commands that were carried out, one after another. */
export type Given = readonly VehicleCommand[];

export const played = (commands: Given): VehicleState => {
  let state = vehicleDecider.initial;
  for (const command of commands) {
    const decided = vehicleDecider.decide(command, state);
    if (isLeft(decided)) throw new Error(`${command.type}: ${decided.left.code}`);
    state = decided.right.reduce(vehicleDecider.evolve, state);
  }
  return state;
};

export const about = { vehicle: van };
export const registered: Given = [
  registerVan(at(0)),
  { type: 'CommissionVehicle', ...about, when: at(0) },
];
export const fitted = (change: Partial<Installation> = {}): Given => [
  ...registered,
  {
    type: 'InstallImmobilizer',
    ...about,
    installation: { ...installation, ...change },
    operation,
    user: clerk,
    when: at(0),
  },
];
export const rented: Given = [
  ...fitted(),
  {
    type: 'StartRental',
    ...about,
    ...{ rental: rentalOfAnn, driver: ann, plan: null, rate: null, odometer_m: null, operation },
    when: at(10),
  },
];
export const notice = (mode: 'sms' | 'letter', s: number): VehicleCommand => ({
  ...{ type: 'GiveBlockNotice', ...about, user: clerk, step: 'final_warning', mode },
  reference: 'N-1',
  when: at(s),
});

export const block = (
  reason: BlockReason,
  s: number,
  {
    rules = defaultRules,
    id = job,
    newBlocksAllowed = true,
    method = 'vialon_relay',
  }: {
    rules?: ImmobilizationRules;
    id?: JobId;
    newBlocksAllowed?: boolean;
    method?: RelayMethod;
  } = {},
): VehicleCommand => ({
  ...{ type: 'RequestBlock', ...about, job: id, method, reason, user: clerk },
  ...{ legalBasis: null, waits: true, rules: { park: null, version: 1, rules }, newBlocksAllowed },
  basisOf: () => digest(7),
  when: at(s),
});

export const later_s = 73 * 3_600 + 100;
export const warned: Given = [...rented, notice('sms', 20), notice('letter', 30)];
export const proposed: Given = [...warned, block('arrears', later_s, { rules: withLadder })];

const decide = (given: Given, command: VehicleCommand) =>
  vehicleDecider.decide(command, played(given));
export const refusal = (given: Given, command: VehicleCommand): string => {
  const decided = decide(given, command);
  return isLeft(decided) ? decided.left.code : `decided: ${decided.right.map(({ type }) => type)}`;
};
export const facts = (given: Given, command: VehicleCommand): string[] => {
  const decided = decide(given, command);
  if (isLeft(decided)) throw new Error(decided.left.code);
  return decided.right.map(({ type }) => type);
};
export const approve = (user: ActorId, s: number, basis = digest(7)): VehicleCommand => ({
  type: 'ApproveBlock',
  ...{ ...about, job, user, basis, when: at(s) },
});
export const release = (s: number): VehicleCommand => ({
  ...{ type: 'RequestRelease', ...about, job: other, method: null, reason: 'mistake', user: chief },
  when: at(s),
});
export const step = (command: Extract<ImmobilizationCommand, { job: JobId }>): VehicleCommand => ({
  ...command,
  ...about,
});
