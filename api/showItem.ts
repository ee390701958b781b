import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from './problem.ts';
import type { View } from './reading.ts';
import type { Refusal } from './refusals.ts';

/** What an address names: the key of a row, and what is said where the caller can see none. */
interface Named {
  readonly key: string;
  readonly unknown: Refusal;
}

/** Answers with the one row of a read model that the address names. */
export const showItem =
  <Row, Params>(view: View<Row>, named: (params: Params) => Named) =>
  async (request: FastifyRequest & { readonly params: Params }, reply: FastifyReply) => {
    const { key, unknown } = named(request.params);
    const row = await view.row(request, key);
    return row ? reply.send(view.write(row)) : refuse(reply, unknown);
  };
