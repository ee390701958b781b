import type { FastifyReply } from 'fastify';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Done as Written } from '#commands/handle.ts';
import type { CommandRoute } from './command.ts';
import { Done, OccurredAt } from './fields.ts';
import { problems, refuse } from './problem.ts';
import type { Refusal } from './refusals.ts';

/** An address that names nothing. */
export const NoParams = z.strictObject({});

/** The body of a command that needs no more words than its address. */
export const Bare = z.strictObject({ occurred_at: OccurredAt });

const Headers = z.looseObject({
  'idempotency-key': z.string().optional().meta({
    description: 'A request sent again with the same key and body is carried out once.',
  }),
});

/** What a command's route looks like to the framework: its words, its schemas, and that it commands. */
export const command = <Params extends z.ZodType, Body extends z.ZodType>(
  route: CommandRoute & {
    readonly tag: string;
    readonly summary: string;
    readonly params: Params;
    readonly body: Body;
    /** Whether it makes something new: then it answers 201. */
    readonly makes?: boolean;
  },
) => ({
  config: { command: route },
  schema: {
    tags: [route.tag],
    summary: route.summary,
    params: route.params,
    body: route.body,
    headers: Headers,
    response: { [route.makes ? 201 : 200]: Done, default: problems },
  },
});

type Outcome = Either<Refusal, Written & { readonly id: string }>;

const told = ({ id, revision, position }: Written & { readonly id: string }): Done => ({
  id,
  revision: revision === null ? null : String(revision),
  position: position === null ? null : String(position),
});

/** Answers a command that changes something: 200, or why not. */
export const answer = (reply: FastifyReply, outcome: Outcome): FastifyReply =>
  isLeft(outcome) ? refuse(reply, outcome.left) : reply.code(200).send(told(outcome.right));

/** Answers a command that makes something: 201 and where it is to be seen, or why not. */
export const created =
  (collection: string) =>
  (reply: FastifyReply, outcome: Outcome): FastifyReply => {
    if (isLeft(outcome)) return refuse(reply, outcome.left);
    reply.header('location', `/api/v1/${collection}/${outcome.right.id}`);
    return reply.code(201).send(told(outcome.right));
  };
