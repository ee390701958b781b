import { deriveUuid } from '#commands/identity.ts';
import type { RunParts } from '#commands/runs/reckoner.ts';
import { postRun, proposeRun } from '#commands/runs/runs.ts';
import { onRun, runAsItIs } from '#commands/runs/slot.ts';
import type { Request } from '#commands/workspace.ts';
import type { Period } from '#domain/finance/period.ts';
import { ActorId, type ParkId, type PartyId, type RunId, type Tenant } from '#domain/kernel/ids.ts';
import type { RunKind } from '#domain/runs/events.ts';
import { type Ask, must } from './cast.ts';

/** Somebody else agrees to what the demo proposes. */
const bySecond = (request: Request): Request => {
  const actor = { ...request.origin.actor, id: ActorId.parse(deriveUuid('actor', 'demo-checker')) };
  return { ...request, origin: { ...request.origin, actor } };
};

/** Proposes a run, has a second person agree to it, and posts it. The same commands each time. */
export const carryOut =
  (parts: RunParts, tenant: Tenant, ask: Ask) =>
  async (asked: {
    readonly kind: RunKind;
    readonly park: ParkId;
    readonly period: Period;
    readonly payee: PartyId | null;
  }): Promise<RunId> => {
    const { workspace } = parts;
    const { kind, period } = asked;
    const { id: run } = must(await proposeRun(parts)(ask(asked), asked), asked);
    const { inputs } = must(await runAsItIs(workspace)(tenant, run), run);
    const approval = bySecond(ask({ approve: kind, period }));
    const user = approval.origin.actor.id;
    must(await onRun(workspace)(approval, run, { type: 'ApproveRun', inputs, user }), run);
    must(await postRun(parts)(ask({ post: kind, period }), run), run);
    return run;
  };
