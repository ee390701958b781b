import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { vehicleOf } from '#commands/aggregate.ts';
import { takeClaim } from '#commands/claims.ts';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import { onVehicle } from '#commands/vehicles.ts';
import { type Outcome, type Request, scope, type Workspace } from '#commands/workspace.ts';
import type { ClaimRefusal } from '#domain/claims/claim.ts';
import type { PeoplesCommand } from '#domain/immobilization/commands.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import type {
  BlockReason,
  CancelReason,
  RelayMethod,
  ReleaseReason,
} from '#domain/immobilization/words.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import {
  type CommandId,
  type Digest,
  InstallationId,
  JobId,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { type VehicleRefusal, vehicleDecider } from '#domain/registry/vehicle.ts';
import { newBlocksAllowed, rulesFor } from './rules.ts';

const jobIdOf = (vehicle: VehicleId, command: CommandId): JobId =>
  JobId.parse(`${vehicle}~${deriveUuid('immobilization', command)}`);

type Asked<Command> = Command extends PeoplesCommand ? Omit<Command, 'user' | 'when'> : never;

/**
 * Asks something about the engine of a vehicle in the name of whoever asks, now: nobody blocks back-dated.
 */
const ask =
  (workspace: Workspace) =>
  <Id extends string>(
    request: Request,
    { vehicle, id }: { readonly vehicle: VehicleId; readonly id: Id },
    command: Asked<PeoplesCommand>,
  ): Outcome<Id, VehicleRefusal> => {
    const about = { vehicle, id, at: workspace.now() };
    const user = request.origin.actor.id;
    return onVehicle(workspace)(request, about, (_, when) => ({ ...command, vehicle, user, when }));
  };

/**
 * An immobilizer is built in, as its installer recorded it: the claim on what the relay calls its device
 * first, so that nobody can block the vehicle of another by naming its unit.
 */
export const installImmobilizer =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle, ...recorded }: { vehicle: VehicleId } & Omit<Installation, 'installation'>,
  ): Outcome<InstallationId, VehicleRefusal | ClaimRefusal> => {
    const { origin } = request;
    const { method, unit } = recorded;
    const operation = origin.command;
    const id = InstallationId.parse(`${vehicle}~${deriveUuid('installation', operation)}`);
    const installation = { installation: id, ...recorded };
    const step = { type: 'InstallImmobilizer', installation, operation } as const;
    const install = () => ask(workspace)(request, { vehicle, id }, step);
    if (method === 'mqtt_relay' && !unit.startsWith(`${origin.tenant}/`)) {
      return left({ code: 'ImmobilizerUnitOfAnother' });
    }
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const { state, commands } = loaded.right;
    if (!state.vehicle || isLeft(scope(request)(state.vehicle.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    if (holds(commands, operation)) return install();
    const when = momentOf(workspace.now(), state.vehicle.zone);
    const said = { ...step, vehicle, user: origin.actor.id, when };
    const foreseen = vehicleDecider.decide(said, state);
    if (isLeft(foreseen)) return foreseen;
    const before = state.vehicle.immobilization.installation;
    if (before?.method === method && before.unit === unit) {
      // The vehicle keeps its unit, and the claim on it.
      return ask(workspace)(request, { vehicle, id }, { ...step, operation: before.operation });
    }
    const claim = { kind: 'relay_unit', value: `${method} ${unit}` } as const;
    const owner = vehicleStream(origin.tenant, vehicle);
    const wanted = { ...claim, owner, subject: assetKey(vehicle), when };
    const taken = await takeClaim(workspace)(origin, wanted);
    return isLeft(taken) ? taken : install();
  };

/** The immobilizer is taken out. */
export const removeImmobilizer =
  (workspace: Workspace) =>
  (
    request: Request,
    { vehicle, installation }: { vehicle: VehicleId; installation: InstallationId },
  ): Outcome<InstallationId, VehicleRefusal> => {
    const step = { type: 'RemoveImmobilizer', installation } as const;
    return ask(workspace)(request, { vehicle, id: installation }, step);
  };

/** An engine is to be blocked. The same command is the same job. */
export const requestBlock =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly method: RelayMethod;
      readonly reason: BlockReason;
      readonly legalBasis: string | null;
      readonly waits: boolean;
    },
  ): Outcome<JobId, VehicleRefusal> => {
    const { tenant, command } = request.origin;
    const { vehicle, ...wanted } = asked;
    const loaded = await workspace.load(vehicleOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const rules = await rulesFor(workspace)(tenant, known.park);
    if (isLeft(rules)) return rules;
    const allowed = await newBlocksAllowed(workspace)(tenant);
    if (isLeft(allowed)) return allowed;
    const job = jobIdOf(vehicle, command);
    return ask(workspace)(
      request,
      { vehicle, id: job },
      {
        type: 'RequestBlock',
        job,
        ...wanted,
        rules: rules.right,
        newBlocksAllowed: allowed.right,
        basisOf: digestOf,
      },
    );
  };

interface OfJob {
  readonly vehicle: VehicleId;
  readonly job: JobId;
}

/** A second person agrees to a block; `basis` is the hash that the request showed. */
export const approveBlock =
  (workspace: Workspace) =>
  (request: Request, { vehicle, job, basis }: OfJob & { basis: Digest }) =>
    ask(workspace)(request, { vehicle, id: job }, { type: 'ApproveBlock', job, basis });

/** A block that was not sent yet is called off. */
export const cancelBlock =
  (workspace: Workspace) =>
  (request: Request, { vehicle, job, reason }: OfJob & { reason: z.infer<typeof CancelReason> }) =>
    ask(workspace)(request, { vehicle, id: job }, { type: 'CancelBlock', job, reason });

/** Somebody else says afterwards what to think of a block for theft or safety. */
export const reviewBlock =
  (workspace: Workspace) =>
  (
    request: Request,
    { vehicle, job, finding }: OfJob & { finding: 'justified' | 'not_justified' },
  ) =>
    ask(workspace)(request, { vehicle, id: job }, { type: 'ReviewBlock', job, finding });

/** An engine is to be released. */
export const requestRelease =
  (workspace: Workspace) =>
  (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly method: RelayMethod | null;
      readonly reason: ReleaseReason;
    },
  ): Outcome<JobId, VehicleRefusal> => {
    const { vehicle, ...wanted } = asked;
    const job = jobIdOf(vehicle, request.origin.command);
    return ask(workspace)(
      request,
      { vehicle, id: job },
      { type: 'RequestRelease', job, ...wanted },
    );
  };

/** A driver in an emergency gets the engine back, for as long as the ladder of the place says. */
export const grantEmergencyStart =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle }: { readonly vehicle: VehicleId },
  ): Outcome<JobId, VehicleRefusal> => {
    const { tenant, command } = request.origin;
    const loaded = await workspace.load(vehicleOf(tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const rules = await rulesFor(workspace)(tenant, loaded.right.state.vehicle?.park ?? null);
    if (isLeft(rules)) return rules;
    const for_s = rules.right.rules.ladder?.emergency_start_s ?? EMERGENCY_START_S;
    const job = jobIdOf(vehicle, command);
    const step = { type: 'GrantEmergencyStart', for_s, job } as const;
    return ask(workspace)(request, { vehicle, id: job }, step);
  };

/**
 * Where no ladder says otherwise. Source: New Jersey Stat. 56:8-206, the longer of the two that are known.
 */
const EMERGENCY_START_S = 48 * 3_600;

/** Whoever has the vehicle was told that its engine may be blocked for what is owed. */
export const giveBlockNotice =
  (workspace: Workspace) =>
  (
    request: Request,
    asked: { readonly vehicle: VehicleId } & Pick<
      Extract<PeoplesCommand, { type: 'GiveBlockNotice' }>,
      'step' | 'mode' | 'reference'
    >,
  ): Outcome<VehicleId, VehicleRefusal> => {
    const { vehicle, step, mode, reference } = asked;
    const notice = { type: 'GiveBlockNotice', step, mode, reference } as const;
    return ask(workspace)(request, { vehicle, id: vehicle }, notice);
  };
