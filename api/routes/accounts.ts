import type { FastifyRequest } from 'fastify';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, isUnbound } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, Bare, command, NoParams } from '#api/commandRoute.ts';
import { refuse } from '#api/problem.ts';
import { NoQuery, read } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import type { App } from '#api/zod.ts';
import { accountsOf, changeAccount, type IsUsed } from '#commands/finance/accounts.ts';
import { AccountCode, AccountType, typeOfClass } from '#domain/finance/accounts.ts';
import { Label } from '#domain/kernel/fields.ts';
import { accountDays } from '#projections/accountDays.ts';

const JOURNAL_WAIT_MS = 2_000;
const tag = 'finance';
const params = z.strictObject({ code: AccountCode });
const Body = z.strictObject({
  name: Label,
  type: AccountType.optional().meta({ description: 'Left out: what the first digit says.' }),
});
const Chart = z
  .strictObject({
    accounts: z.array(z.strictObject({ account: AccountCode, name: Label, type: AccountType })),
  })
  .meta({ id: 'ChartOfAccounts' });

/** Asks the sums of days, as soon as they have got as far as the log. */
const usedBy =
  ({ workspace, readings }: Parts): IsUsed =>
  async (tenant, code) => {
    const head = await workspace.store.head()();
    if (isLeft(head)) return head;
    if (head.right === null) return right(false);
    const until = { readModel: accountDays.name, position: head.right };
    const reached = await readings.waitFor({ ...until, timeout_ms: JOURNAL_WAIT_MS });
    if (isLeft(reached)) return left({ code: 'Unavailable', detail: 'sums are behind the log' });
    const filters = [{ column: 'account', is: code }];
    const wanted = { tenant, filters, order: null, cursor: null, limit: 1 };
    return right((await readings.page(accountDays, wanted)).rows.length > 0);
  };

/** The chart of accounts is the whole tenant's: whoever is bound to parks may not change it. */
const isAllowed = (request: FastifyRequest): boolean => isUnbound(callerOf(request));

/** The chart of accounts: what entries may name. */
export const accountRoutes = (app: App, parts: Parts): void => {
  const { workspace } = parts;
  const isUsed = usedBy(parts);
  app.get(
    '/finance/accounts',
    read({
      ...{ tag, summary: 'The chart of accounts', params: NoParams, query: NoQuery },
      ...{ reply: Chart, reads: [] },
    }),
    async (request, reply) => {
      const found = await accountsOf(workspace)(callerOf(request).tenant);
      if (isLeft(found)) return refuse(reply, found.left);
      const accounts = found.right.map(({ code, name, type }) => ({ account: code, name, type }));
      return reply.send({ accounts });
    },
  );
  app.put(
    '/finance/accounts/:code',
    command({
      ...{ tag, summary: 'Put an account into the chart, or rename one that no entry touched' },
      ...{ params, body: Body },
    }),
    async (request, reply) => {
      if (!isAllowed(request)) return refuse(reply, { code: 'RoleNotAllowed' });
      const { code } = request.params;
      const { name, type = typeOfClass(code) } = request.body;
      const change = { type: 'DefineAccount', account: { code, name, type } } as const;
      return answer(reply, await changeAccount(workspace, isUsed)(asked(request), change));
    },
  );
  app.delete(
    '/finance/accounts/:code',
    command({
      ...{ tag, summary: 'Take an account that no entry touched out of the chart' },
      ...{ params, body: Bare },
    }),
    async (request, reply) => {
      if (!isAllowed(request)) return refuse(reply, { code: 'RoleNotAllowed' });
      const change = { type: 'RemoveAccount', code: request.params.code } as const;
      return answer(reply, await changeAccount(workspace, isUsed)(asked(request), change));
    },
  );
};
