import { type Either, left } from 'fp-ts/lib/Either.js';
import { groupCommit } from '#commands/groupCommit.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { newBlocksAllowed } from './rules.ts';

type Answer = Either<Unavailable, boolean>;

const LIMITS = {
  group_items_max: 1_000,
  group_weight_max: 1_000,
  waiting_items_max: 20_000,
  waiting_max_ms: 10_000,
  flights_max: 1,
  shared_items_min: 1_000,
};

/**
 * Whether new blocks may be sent for a tenant. All who ask while the streams are being read are answered by
 * reading them once more, for all together: what was switched before somebody asked is known to the answer.
 */
export const blocksAllowed = (
  workspace: Pick<Workspace, 'load'>,
): ((tenant: Tenant) => Promise<Answer>) => {
  const read = newBlocksAllowed(workspace);
  const group = groupCommit<Tenant, Answer>({
    limits: LIMITS,
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
