import { ActorId, Tenant } from '#domain/kernel/ids.ts';
import { deriveUuid } from './identity.ts';

/** The tenant that is the installation itself: what belongs to no customer, or is one over all of them. */
export const platformTenant = Tenant.parse('platform');

/** The actor of what the installation does of its own accord. */
export const platformActor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'platform')),
  role: 'platform',
} as const;
