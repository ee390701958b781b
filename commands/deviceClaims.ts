import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { HeldStretch, TimedClaimRefusal } from '#domain/claims/timedClaim.ts';
import { type CommandId, type DeviceIdent, FittingId, type VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { timedClaimOf } from './aggregate.ts';
import { settle } from './claimHolder.ts';
import type { HandleFailure } from './handle.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import type { Origin } from './origin.ts';
import { platformTenant } from './platform.ts';
import { everywhere, followUp, type Workspace } from './workspace.ts';

/** As often as that a stretch that stands in the way may turn out to be over, and something else then be. */
const TAKE_ATTEMPTS_MAX = 8;
const kind = 'device_ident';

type Failure = HandleFailure | TimedClaimRefusal | { readonly code: 'OperationAbandoned' };

/** A device's ident, wanted for a vehicle from `when` until then; `until: null` is until further notice. */
export interface WantedIdent {
  readonly ident: DeviceIdent;
  readonly owner: StreamName;
  readonly subject: SubjectKey;
  readonly when: Moment;
  readonly until: Instant | null;
}

/**
 * The id of the fitting that a command begins: it names the operation, so a claim's holder can be looked up.
 */
export const fittingIdOf = (vehicle: VehicleId, operation: CommandId): FittingId =>
  FittingId.parse(`${vehicle}~${deriveUuid('fitting', operation)}`);

/** The claim on an ident: one over all tenants, since two of them must not own one device. */
const identClaim = ({ claimHash }: Workspace, ident: DeviceIdent) =>
  timedClaimOf(platformTenant, claimHash.of({ kind, value: ident }));

const step = (origin: Origin, ...words: readonly string[]): Origin => ({
  ...followUp(origin, ...words),
  tenant: platformTenant,
});

/**
 * From when on a stretch that is claimed is not held any more, by the stream of its owner; null while it is
 * held in earnest. What never began or was struck out was never held.
 */
const endOf =
  (workspace: Workspace) =>
  async (
    stretch: HeldStretch,
    origin: Origin,
    when: Moment,
  ): Promise<Either<HandleFailure, Instant | null>> => {
    const settled = await settle(workspace)(stretch, origin, when);
    if (isLeft(settled)) return settled;
    if (settled.right === null) return right(null);
    const { began, vehicle } = settled.right;
    if (!began || vehicle === null) return right(stretch.from);
    const fitting = vehicle.fittings.get(fittingIdOf(vehicle.vehicle, stretch.operation));
    return right(!fitting || fitting.voided ? stretch.from : fitting.to);
  };

/**
 * Gives an ident back from a moment on, as far as `operation` holds it. Failing is no harm: what is not given
 * back heals when somebody wants it. Answers whether anything was given back.
 */
export const releaseIdent =
  (workspace: Workspace) =>
  async (
    origin: Origin,
    released: {
      readonly ident: DeviceIdent;
      readonly operation: CommandId;
      readonly when: Moment;
    },
  ): Promise<boolean> => {
    const { ident, operation, when } = released;
    const done = await workspace.submit({
      origin: step(origin, 'release', kind, operation),
      aggregate: identClaim(workspace, ident),
      command: { type: 'ReleaseStretch', operation, when },
      authorize: everywhere,
    })();
    return !isLeft(done) && done.right.events.length > 0;
  };

/**
 * A request that comes again finds its claim as it left it: should it have been given back since, nothing may
 * begin on the strength of it any more.
 */
const stillTaken =
  (workspace: Workspace) =>
  async ({ command }: Origin, ident: DeviceIdent): Promise<Either<Failure, null>> => {
    const claim = await workspace.load(identClaim(workspace, ident));
    if (isLeft(claim)) return claim;
    const { stretches } = claim.right.state;
    return stretches.has(command) ? right(null) : left({ code: 'OperationAbandoned' });
  };

/**
 * Claims an ident for a stretch of time and the operation of `origin`. What stands in the way heals where its
 * operation ended or never began, whichever tenant it is of. Refuses with ClaimHeld and the holder where the
 * device is elsewhere for a part of that time.
 */
export const takeIdent =
  (workspace: Workspace) =>
  async (origin: Origin, wanted: WantedIdent): Promise<Either<Failure, null>> => {
    const { ident, owner, subject, when, until } = wanted;
    const held = { kind, owner, operation: origin.command, subject } as const;
    for (let attempt = 0; attempt < TAKE_ATTEMPTS_MAX; attempt += 1) {
      const taken = await workspace.submit({
        origin: step(origin, 'claim', kind),
        aggregate: identClaim(workspace, ident),
        command: { type: 'TakeStretch', ...held, until, when },
        authorize: everywhere,
      })();
      if (!isLeft(taken)) return stillTaken(workspace)(origin, ident);
      if (taken.left.code !== 'ClaimHeld') return taken;
      const { holder } = taken.left;
      const end = await endOf(workspace)(holder, origin, when);
      if (isLeft(end)) return end;
      if (end.right === null) return left(taken.left);
      const { operation } = holder;
      const over = momentOf(end.right, when.zone);
      const freed = await releaseIdent(workspace)(origin, { ident, operation, when: over });
      if (!freed) return left(taken.left);
    }
    return left({ code: 'TooManyConflicts' });
  };
