import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { ParkId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Detection, DetectionSettings, FenceRule } from '#domain/parks/detection.ts';
import type { Fence } from '#domain/parks/fence.ts';
import { detectionOf, type ParkRefusal, type ParkState } from '#domain/parks/park.ts';
import { parkOf } from './aggregate.ts';
import { momentOf } from './localDate.ts';
import type { FenceShapes, Unavailable } from './ports.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

/** A fence to be watched, with its shape. */
export interface NewFence {
  readonly fence: Fence;
  readonly rule: z.infer<typeof FenceRule>;
}

/** Of which tenant, and in which parks, somebody may look. */
interface Who extends Pick<Request, 'mayActIn'> {
  readonly tenant: Tenant;
}

const knownPark =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (
    { tenant, mayActIn }: Who,
    park: ParkId,
  ): Promise<Either<ParkRefusal | Unavailable, Exclude<ParkState, { phase: 'unknown' }>>> => {
    const loaded = await load(parkOf(tenant, park));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    return state.phase === 'unknown' || !mayActIn(park)
      ? left({ code: 'ParkUnknown', park })
      : right(state);
  };

/**
 * Says how the vehicles of a park are judged from an instant on. The shapes of fences are kept first: what an
 * event names by its digest is there.
 */
export const configureDetection =
  (workspace: Workspace, shapes: FenceShapes) =>
  async (
    request: Request,
    asked: {
      readonly park: ParkId;
      readonly settings: DetectionSettings;
      readonly fences: readonly NewFence[];
      readonly at: Instant;
    },
  ): Outcome<ParkId, ParkRefusal> => {
    const { origin } = request;
    const { park, settings, at } = asked;
    const known = await knownPark(workspace)({ ...request, tenant: origin.tenant }, park);
    if (isLeft(known)) return known;
    const kept = await shapes.keep(
      origin.tenant,
      asked.fences.map(({ fence }) => fence),
    )();
    if (isLeft(kept)) return kept;
    const fences = asked.fences.flatMap(({ fence: { fence }, rule }, index) => {
      const digest = kept.right[index];
      return digest ? [{ fence, digest, rule }] : [];
    });
    return submitAs(workspace)(park, {
      origin,
      aggregate: parkOf(origin.tenant, park),
      command: {
        type: 'ConfigureDetection',
        park,
        settings,
        fences,
        when: momentOf(at, known.right.zone),
      },
      authorize: () => scope(request)(park),
    })();
  };

/** How the vehicles of a park were and are judged, ordered by time. */
export const detectionIn =
  (workspace: Pick<Workspace, 'load'>) =>
  async (
    who: Who,
    park: ParkId,
  ): Promise<Either<ParkRefusal | Unavailable, readonly Detection[]>> => {
    const known = await knownPark(workspace)(who, park);
    return isLeft(known) ? known : right(detectionOf(known.right));
  };
