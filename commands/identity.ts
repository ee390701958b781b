import { createHash, randomUUID } from 'node:crypto';
import { CommandId, EventId } from '#domain/kernel/ids.ts';

/**
 * A UUID of version 8 from the SHA-256 of some texts, told apart by their lengths. The same texts give the
 * same id, and nobody can choose texts that give another's. Source: RFC 9562, section 5.8.
 */
export const deriveUuid = (...texts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`);
  const hex = hash.digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
};

/** The id of a command that may come again: the same tenant, actor, route and key name the same command. */
export const commandIdOf = (origin: {
  readonly tenant: string;
  readonly actor: string;
  readonly route: string;
  readonly key: string;
}): CommandId =>
  CommandId.parse(deriveUuid('command', origin.tenant, origin.actor, origin.route, origin.key));

/** The id of a command that nobody will repeat by key. */
export const freshCommandId = (): CommandId => CommandId.parse(deriveUuid('fresh', randomUUID()));

/** The id of the n-th event, from 0, of a command. */
export const eventIdOf = (command: CommandId, index: number): EventId =>
  EventId.parse(deriveUuid('event', command, String(index)));
