import { type DeviceIdent, isDeviceIdent, Tenant } from '#domain/kernel/ids.ts';

/** Whose messages a topic carries. */
export interface TopicOwner {
  readonly tenant: Tenant;
  readonly ident: DeviceIdent;
}

const TOPIC = /^fleet\/([a-z0-9]{1,32})\/([^/]{1,64})\/up$/;

/** The topics of all devices, as they are subscribed to. */
export const ALL_DEVICES = 'fleet/+/+/up';

/** The topic on which a device tells what it has to tell. */
export const topicOf = ({ tenant, ident }: TopicOwner): string => `fleet/${tenant}/${ident}/up`;

/** Whose a topic is; null if it is none of ours. */
export const ownerOfTopic = (topic: string): TopicOwner | null => {
  const [, tenant = '', ident = ''] = TOPIC.exec(topic) ?? [];
  const told = Tenant.safeParse(tenant);
  return told.success && isDeviceIdent(ident) ? { tenant: told.data, ident } : null;
};
