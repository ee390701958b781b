import { type Either, left } from 'fp-ts/lib/Either.js';
import { evenGroups, groupCommit } from '#commands/groupCommit.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { newBlocksAllowed } from './rules.ts';

type Answer = Either<Unavailable, boolean>;

const GROUP_ITEMS_MAX = 1_000;
const WAITING_MAX_MS = 10_000;

/**
 * Whether new blocks may be sent for a tenant. All who ask while the streams are being read are answered by
 * reading them once more, for all together: what was switched before somebody asked is known to the answer.
 */
export const blocksAllowed = (
  workspace: Pick<Workspace, 'load'>,
): ((tenant: Tenant) => Promise<Answer>) => {
  const read = newBlocksAllowed(workspace);
  const group = groupCommit<Tenant, Answer>({
    limits: evenGroups(GROUP_ITEMS_MAX, WAITING_MAX_MS),
    commit: async (tenants) => {
      const unavailable: Answer = left({ code: 'Unavailable', detail: 'not asked' });
      const answers = new Map<Tenant, Answer>();
      for (const tenant of new Set(tenants)) answers.set(tenant, await read(tenant));
      return tenants.map((tenant) => answers.get(tenant) ?? unavailable);
    },
    refused: (detail) => left({ code: 'Unavailable', detail }),
    failed: (error) => {
      throw error;
    },
  });
  return (tenant) => group.submit(tenant, 1);
};
