import type { Actor } from '#domain/kernel/event.ts';
import type { CommandId, Digest, EventId, Tenant } from '#domain/kernel/ids.ts';

/**
 * Who asks, and under which command: the same `command` with the same `content` is the same request again.
 */
export interface Origin {
  readonly tenant: Tenant;
  readonly actor: Actor;
  readonly command: CommandId;
  readonly content: Digest;
  readonly correlationId: string;
  readonly causationId: EventId | null;
}
