import { holding } from '#commands/aggregate.ts';
import { assetDecider } from '#domain/assets/asset.ts';
import { assetEvents } from '#domain/assets/events.ts';
import type { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { valuationStream } from '#domain/kernel/streams.ts';

const isAssetEvent = holding(assetEvents);

/** A vehicle as an asset. */
export const assetOf = (tenant: Tenant, id: VehicleId) => ({
  decider: assetDecider,
  streamOf: () => valuationStream(tenant, id),
  owns: isAssetEvent,
});
