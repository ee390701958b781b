import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { parkOf, vehicleOf } from '#commands/aggregate.ts';
import type { FenceShapes, Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import {
  type Detection,
  defaultSettings,
  detectionAt,
  type FenceRule,
} from '#domain/parks/detection.ts';
import { detectionOf } from '#domain/parks/park.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { epochUs } from '#ingest/microInstant.ts';
import type { WatchKey } from './watch.ts';
import type { Timeline } from './watchSettings.ts';
import { watchSettingsOf } from './watchSettingsOf.ts';

interface Deps {
  readonly workspace: Pick<Workspace, 'load'>;
  readonly shapes: Pick<FenceShapes, 'read'>;
}

/** What held for a vehicle from an instant on, wherever it was; null: nothing was ever said. */
interface Held {
  readonly from: Instant;
  readonly detection: Detection | null;
}

/** What held one after another, in every park that the vehicle was in while it was there. */
const heldFor = async (
  { workspace }: Deps,
  tenant: Tenant,
  vehicle: Vehicle,
): Promise<Either<Unavailable, readonly Held[]>> => {
  const held: Held[] = [];
  const stays = vehicle.parks.toSorted((one, other) => epochMs(one.from) - epochMs(other.from));
  for (const [index, { park, from }] of stays.entries()) {
    const until = stays[index + 1]?.from ?? null;
    const loaded = await workspace.load(parkOf(tenant, park));
    if (isLeft(loaded)) return loaded;
    const sequence = detectionOf(loaded.right.state);
    held.push({ from, detection: detectionAt(sequence, from) });
    for (const detection of sequence) {
      const within = detection.from > from && (until === null || detection.from < until);
      if (within) held.push({ from: detection.from, detection });
    }
  }
  return right(held);
};

/**
 * The settings by which a watch is judged, one after another: those of the vehicle's park, while it was in
 * it. A fence whose shape is not there any more is not watched.
 */
export const vehicleTimeline =
  (deps: Deps) =>
  async ({ tenant, vehicle: id }: WatchKey): Promise<Either<Unavailable, Timeline>> => {
    const loaded = await deps.workspace.load(vehicleOf(tenant, id));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    const found = vehicle ? await heldFor(deps, tenant, vehicle) : right([]);
    if (isLeft(found)) return found;
    const digests = found.right.flatMap(
      ({ detection }) => detection?.fences.map(({ digest }) => digest) ?? [],
    );
    const shapes =
      digests.length === 0
        ? right(new Map())
        : await deps.shapes.read(tenant, [...new Set(digests)])();
    if (isLeft(shapes)) return shapes;
    const settingsOf = (detection: Detection | null) => {
      const fences =
        detection?.fences.flatMap(({ digest }) => shapes.right.get(digest) ?? []) ?? [];
      return watchSettingsOf(detection?.settings ?? defaultSettings, fences, vehicle);
    };
    const [first, ...others] = found.right;
    return right([
      { from_us: 0, settings: settingsOf(first?.detection ?? null) },
      ...others.map(({ from, detection }) => ({
        from_us: epochUs(from),
        settings: settingsOf(detection),
      })),
    ]);
  };

/** What a stay in a fence meant to a vehicle at an instant; null where the fence was not watched. */
export const fenceRuleAt =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (
    tenant: Tenant,
    { parks }: Vehicle,
    { fence, at }: { readonly fence: string; readonly at: Instant },
  ): Promise<Either<Unavailable, z.infer<typeof FenceRule> | null>> => {
    const stay = parks.findLast(({ from }) => from <= at) ?? parks[0];
    if (!stay) return right(null);
    const park = await load(parkOf(tenant, stay.park));
    if (isLeft(park)) return park;
    const detection = detectionAt(detectionOf(park.right.state), at);
    return right(detection?.fences.find((each) => each.fence === fence)?.rule ?? null);
  };
