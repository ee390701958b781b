import { isDeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { TopicOwner } from './telemetryTopic.ts';

const ANSWER = /^commands\/([a-z0-9]{1,32})\/([^/]{1,64})\/answer$/;
const UNIT = /^([a-z0-9]{1,32})\/([^/]{1,64})$/;

/** The topics on which devices answer, as they are subscribed to. */
export const ALL_ANSWERS = 'commands/+/+/answer';

/** The topic on which a device, and nobody else, hears what it is to do. Only the product speaks there. */
export const commandTopicOf = ({ tenant, ident }: TopicOwner): string =>
  `commands/${tenant}/${ident}`;

/** The topic on which a device tells what it has done. */
export const answerTopicOf = (owner: TopicOwner): string => `${commandTopicOf(owner)}/answer`;

const ownerIn = (text: string, pattern: RegExp): TopicOwner | null => {
  const [, tenant = '', ident = ''] = pattern.exec(text) ?? [];
  const told = Tenant.safeParse(tenant);
  return told.success && isDeviceIdent(ident) ? { tenant: told.data, ident } : null;
};

/** Whose answers a topic carries; null if it is none of theirs. */
export const ownerOfAnswers = (topic: string): TopicOwner | null => ownerIn(topic, ANSWER);

/** The device that a text `<tenant>/<ident>` names; null if it names none. */
export const ownerOfUnit = (unit: string): TopicOwner | null => ownerIn(unit, UNIT);
