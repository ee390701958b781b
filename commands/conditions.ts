import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { ConditionCommand, ConditionRefusal } from '#domain/conditions/condition.ts';
import type {
  ConditionAmendReason,
  ConditionKind,
  ConditionVoidReason,
} from '#domain/conditions/events.ts';
import {
  type ConclusionId,
  ConditionId,
  type DeviceIdent,
  type Digest,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import { conditionOf, lateDataOf } from './aggregate.ts';
import { attribute, type CustodyRefused } from './custody.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

export type ConditionFailure = ConditionRefusal | CustodyRefused;

export interface NewCondition {
  /** The conclusion that it was drawn from, with the digest of its readings. */
  readonly concluded: { readonly id: ConclusionId; readonly evidence: Digest | null };
  readonly vehicle: VehicleId;
  readonly kind: z.infer<typeof ConditionKind>;
  /** The fence or the trouble code, null where there is none. */
  readonly matter: string | null;
  readonly ident: DeviceIdent | null;
  readonly at: Instant;
  readonly endedAt: Instant | null;
}

/** The id of the condition that a detector's conclusion becomes. */
export const concludedCondition = (tenant: Tenant, conclusion: ConclusionId): ConditionId =>
  ConditionId.parse(deriveUuid('concluded-condition', tenant, conclusion));

/** Notes what telemetry shows of a vehicle. The same conclusion told again writes nothing. */
export const noteCondition =
  (workspace: Workspace) =>
  async (request: Request, asked: NewCondition): Outcome<ConditionId, ConditionFailure> => {
    const { origin } = request;
    const { concluded, vehicle: id, kind, matter, ident, at, endedAt } = asked;
    const attributed = await attribute(workspace)(request, { vehicle: id, at, named: null });
    if (isLeft(attributed)) return attributed;
    const { vehicle, driver, rental } = attributed.right;
    const condition = concludedCondition(origin.tenant, concluded.id);
    return submitAs(workspace)(condition, {
      origin,
      aggregate: conditionOf(origin.tenant, condition),
      command: {
        type: 'NoteCondition',
        condition,
        vehicle: id,
        park: vehicle.park,
        driver,
        rental,
        kind,
        matter,
        ident,
        endedAt,
        evidence: concluded.evidence,
        when: momentOf(at, vehicle.zone),
      },
      authorize: () => scope(request)(vehicle.park),
    })();
  };

/** Submits a step of a condition that is there and in the caller's scope. */
const onCondition =
  (workspace: Workspace) =>
  async (
    request: Request,
    condition: ConditionId,
    build: (zone: Zone) => ConditionCommand,
  ): Outcome<ConditionId, ConditionRefusal> => {
    const { origin } = request;
    const aggregate = conditionOf(origin.tenant, condition);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'ConditionUnknown', condition });
    }
    return submitAs(workspace)(condition, {
      origin,
      aggregate,
      command: build(state.when.zone),
      authorize: () => scope(request)(state.park),
    })();
  };

/**
 * A condition went on, ended, or was otherwise than was thought: it lasted from `at` to `endedAt`, null while
 * it goes on. `evidence` is the digest of the readings that show it; null leaves what is there.
 */
export const amendCondition =
  (workspace: Workspace) =>
  (
    request: Request,
    asked: {
      readonly condition: ConditionId;
      readonly at: Instant;
      readonly endedAt: Instant | null;
      readonly evidence: Digest | null;
      readonly reason: z.infer<typeof ConditionAmendReason>;
    },
  ): Outcome<ConditionId, ConditionRefusal> => {
    const { condition, at, ...told } = asked;
    return onCondition(workspace)(request, condition, (zone) => {
      return { type: 'AmendCondition', condition, ...told, when: momentOf(at, zone) };
    });
  };

/** Strikes out a condition that never was. */
export const voidCondition =
  (workspace: Workspace) =>
  (
    request: Request,
    asked: {
      readonly condition: ConditionId;
      readonly reason: z.infer<typeof ConditionVoidReason>;
    },
  ): Outcome<ConditionId, ConditionRefusal> =>
    onCondition(workspace)(request, asked.condition, () => ({ type: 'VoidCondition', ...asked }));

/**
 * Says that readings of a device came too late for anything to be concluded from them. Said twice it is said
 * once; its id follows from what is said.
 */
export const ignoreLateData =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly ident: DeviceIdent;
      readonly from: Instant;
      readonly to: Instant;
      readonly readings: number;
    },
  ): Outcome<string, CustodyRefused> => {
    const { origin } = request;
    const { vehicle: id, ident, from, to, readings } = asked;
    const attributed = await attribute(workspace)(request, { vehicle: id, at: from, named: null });
    if (isLeft(attributed)) return attributed;
    const { park, zone } = attributed.right.vehicle;
    const said = [id, ident, from, to, String(readings)];
    const lateData = deriveUuid('late-data', origin.tenant, ...said);
    const when = momentOf(from, zone);
    return submitAs(workspace)(lateData, {
      origin,
      aggregate: lateDataOf(origin.tenant, lateData),
      command: { type: 'IgnoreLateData', vehicle: id, park, ident, to, readings, when },
      authorize: () => scope(request)(park),
    })();
  };
