import { z } from 'zod';
import { callerOf, isUnbound } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, NoParams } from '#api/commandRoute.ts';
import { refuse } from '#api/problem.ts';
import { paging, read } from '#api/reading.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { settleException } from '#commands/finance/bankExceptions.ts';
import { Code } from '#domain/kernel/fields.ts';
import { BankExceptionId } from '#domain/kernel/ids.ts';
import { BankExceptionRow, bankExceptions } from '#projections/bankExceptions.ts';
import type { Parts } from './parts.ts';

const tag = 'runs';
const URL = '/finance/statements/exceptions';

/** Lines of bank statements that fit nothing. They are of no park, so who is bound to some sees none. */
export const bankExceptionRoutes = (app: App, { workspace, readings }: Parts): void => {
  const wire = wireOf(BankExceptionRow);
  const page = z.strictObject({ items: z.array(wire.schema), next: z.string().nullable() });
  const Query = z.strictObject({ status: BankExceptionRow.shape.status.optional(), ...paging });
  app.get(
    URL,
    read({
      ...{ tag, summary: 'List lines of bank statements that fit nothing, newest first' },
      ...{ params: NoParams, query: Query, reply: page, reads: [bankExceptions.name] },
    }),
    async (request, reply) => {
      const caller = callerOf(request);
      if (!isUnbound(caller)) return reply.send({ items: [], next: null });
      const { status, after = null, limit } = request.query;
      const filters = status === undefined ? [] : [{ column: 'status', is: status }];
      const order = { column: 'noted_at', direction: 'falling' } as const;
      const asking = { tenant: caller.tenant, filters, order, cursor: after, limit };
      const { rows, next } = await readings.page(bankExceptions, asking);
      return reply.send({ items: rows.map(({ row }) => wire.write(row)), next });
    },
  );
  app.post(
    `${URL}/:exception_id/settle`,
    command({
      ...{ tag, summary: 'Say that somebody has dealt with such a line' },
      params: z.strictObject({ exception_id: BankExceptionId }),
      body: z.strictObject({ reason: Code }),
    }),
    async (request, reply) => {
      const { exception_id: exception } = request.params;
      if (!isUnbound(callerOf(request))) {
        return refuse(reply, { code: 'BankExceptionUnknown', exception });
      }
      const { reason } = request.body;
      return answer(reply, await settleException(workspace)(asked(request), exception, reason));
    },
  );
};
