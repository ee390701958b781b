import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Outcome, Request, Workspace } from '#commands/workspace.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { asked } from './command.ts';
import { answer } from './commandRoute.ts';
import type { Refusal } from './refusals.ts';

/** A body that may say when it happened. */
interface Timed {
  readonly occurred_at?: Instant | undefined;
}

/**
 * Carries out a step in the life of what the address names, with the words of address and body and the time
 * `at` of the step: now, where the body does not tell it.
 */
export const step =
  <Params, Body extends Timed>(
    { now }: Workspace,
    take: (
      asking: Request,
      said: Params & Body & { readonly at: Instant },
    ) => Outcome<string, Refusal>,
  ) =>
  async (
    request: FastifyRequest & { readonly params: Params; readonly body: Body },
    reply: FastifyReply,
  ) => {
    const { params, body } = request;
    const at = body.occurred_at ?? now();
    return answer(reply, await take(asked(request), { ...params, ...body, at }));
  };
