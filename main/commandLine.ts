import { digestOf } from '#commands/digest.ts';
import { deriveUuid, freshCommandId } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import { ActorId, type Tenant } from '#domain/kernel/ids.ts';

/** Who sits at the machine is not known to the ledger, so that the command line acts in its own name. */
export const commandLineRequest = (
  tenant: Tenant,
  { content, role }: { readonly content: unknown; readonly role: string },
): Request => {
  const command = freshCommandId();
  const id = ActorId.parse(deriveUuid('actor', 'command-line'));
  const actor = { kind: 'system', id, role } as const;
  const origin = { tenant, actor, command, content: digestOf(content), correlationId: command };
  return { origin: { ...origin, causationId: null }, mayActIn: () => true };
};
