import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, lookerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { NoParams } from '#api/commandRoute.ts';
import type { AccessRecords } from '#api/ports.ts';
import { problems, refuse } from '#api/problem.ts';
import type { Readings } from '#api/reading.ts';
import type { App } from '#api/zod.ts';
import type { Openings } from '#commands/ports.ts';
import { orderPayments, paymentFile } from '#commands/runs/orderPayments.ts';
import type { Debtor } from '#commands/runs/payee.ts';
import { type StatementParts, takeStatement } from '#commands/runs/takeStatement.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { RunId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import { runKey } from '#domain/kernel/subjects.ts';
import type { CsvMapping } from '#ingest/bank/csvMapping.ts';
import { pain001 } from '#ingest/bank/pain001.ts';
import { readStatement } from '#ingest/bank/readStatement.ts';
import { transfersCsv } from '#ingest/bank/transfersCsv.ts';
import { runs } from '#projections/runs.ts';
import type { Parts } from './parts.ts';

const FILE_MAX_BYTES = 16 * 1024 * 1024;
const RUNS_PER_PAGE = 200;
const RUNS_WAIT_MS = 2_000;

const tag = 'runs';

/**
 * The account that payouts are paid from, null where none is configured, and how the bank writes tables, null
 * where it gives out none.
 */
export interface Bank {
  readonly debtor: Debtor | null;
  readonly csv: CsvMapping | null;
}

interface BankParts {
  readonly openings: Openings;
  readonly accessRecords: AccessRecords;
  readonly bank: Bank;
}

/** The runs that are posted, from their read model, as soon as it has got as far as the log. */
const postedRuns =
  ({ workspace, readings }: Parts): StatementParts['postedRuns'] =>
  async (tenant) => {
    const head = await workspace.store.head()();
    if (isLeft(head)) return head;
    if (head.right === null) return right([]);
    const until = { readModel: runs.name, position: head.right, timeout_ms: RUNS_WAIT_MS };
    const reached = await readings.waitFor(until);
    if (isLeft(reached)) return left({ code: 'Unavailable', detail: 'runs are behind the log' });
    const found: RunId[] = [];
    const filters = [{ column: 'phase', is: 'posted' }];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Readings['page']>> = await readings.page(runs, {
        ...{ tenant, filters, order: null, cursor, limit: RUNS_PER_PAGE },
      });
      found.push(...page.rows.map(({ key }) => RunId.parse(key)));
      cursor = page.next;
    } while (cursor !== null);
    return right(found);
  };

const Ordered = z
  .strictObject({
    message: z.string().nullable(),
    count: z.int(),
    sum: Money,
    waiting: z.int(),
    unpayable: z.array(
      z.strictObject({
        line: z.int(),
        payee_id: z.string().meta({ description: 'The party, or the driver.' }),
        code: z.string(),
      }),
    ),
    unpayable_count: z.int(),
  })
  .meta({ id: 'OrderedPayments' });

const order = (app: App, { workspace }: Parts, { openings, bank }: BankParts): void => {
  app.post(
    '/finance/runs/:run_id/payments',
    {
      config: { command: {} },
      schema: {
        tags: [tag],
        summary: 'Ask the bank to pay the lines of a posted run that are owed',
        params: z.strictObject({ run_id: RunId }),
        body: z.strictObject({ execution_date: LocalDate }),
        response: { 200: Ordered, default: problems },
      },
    },
    async (request, reply) => {
      if (!bank.debtor) return refuse(reply, { code: 'BankAccountMissing' });
      const wanted = { run: request.params.run_id, executionDate: request.body.execution_date };
      const parts = { workspace, openings };
      const ordered = await orderPayments(parts, bank.debtor)(asked(request), wanted);
      if (isLeft(ordered)) return refuse(reply, ordered.left);
      const unpayable = ordered.right.unpayable.map(({ line, payee, code }) => ({
        ...{ line, payee_id: payee, code: snakeCase(code) },
      }));
      return reply.send({ ...ordered.right, unpayable });
    },
  );
};

const file = (app: App, { workspace }: Parts, parts: BankParts): void => {
  const { openings, bank, accessRecords } = parts;
  app.get(
    '/finance/runs/:run_id/payments/:message',
    {
      schema: {
        tags: [tag],
        summary: 'Fetch a payment file, as `pain.001.001.09` or as a table',
        params: z.strictObject({ run_id: RunId, message: Reference }),
        querystring: z.strictObject({ format: z.enum(['xml', 'csv']).default('xml') }),
        response: { 200: z.string(), default: problems },
      },
    },
    async (request, reply) => {
      if (!bank.debtor) return refuse(reply, { code: 'BankAccountMissing' });
      const { run_id: run, message } = request.params;
      const { tenant, actor, role } = callerOf(request);
      const recorded = await accessRecords.record({
        ...{ tenant, actor, role, subject: runKey(run), classes: ['identity', 'bank_account'] },
        ...{ purpose: 'payment_file_read', requestId: request.id, at: workspace.now() },
      })();
      if (isLeft(recorded)) return refuse(reply, recorded.left);
      const made = await paymentFile({ workspace, openings }, bank.debtor)(lookerOf(request), {
        run,
        message,
      });
      if (isLeft(made)) return refuse(reply, made.left);
      const { format } = request.query;
      const text = format === 'xml' ? pain001(made.right) : transfersCsv(made.right);
      if (isLeft(text)) return refuse(reply, { code: 'BatchRefused', why: text.left.code });
      const type = format === 'xml' ? 'application/xml' : 'text/csv';
      return reply.type(`${type}; charset=utf-8`).send(text.right);
    },
  );
};

const Taken = z
  .strictObject({
    confirmed: z.int(),
    returned: z.int(),
    exceptions: z.array(
      z.strictObject({
        code: z.string(),
        ref: z.string(),
        end_to_end_id: z.string().nullable(),
        direction: z.enum(['credit', 'debit']),
        on: LocalDate,
        amount: Money,
      }),
    ),
  })
  .meta({ id: 'TakenStatement' });
const Statement = z.strictObject({ format: z.enum(['camt053', 'csv']), text: z.string() });

const statements = (app: App, parts: Parts, { openings, bank }: BankParts): void => {
  const { workspace } = parts;
  const whole = { parseAs: 'string', bodyLimit: FILE_MAX_BYTES } as const;
  app.addContentTypeParser(['application/xml', 'text/xml'], whole, (_request, text, done) =>
    done(null, { format: 'camt053', text }),
  );
  app.addContentTypeParser('text/csv', whole, (_request, text, done) =>
    done(null, { format: 'csv', text }),
  );
  app.post(
    '/finance/statements',
    {
      bodyLimit: FILE_MAX_BYTES,
      config: { command: { target: 'content' } },
      schema: {
        tags: [tag],
        summary: 'Take a bank statement in, bare as XML (camt.053.001.08) or CSV, or within JSON',
        params: NoParams,
        body: Statement,
        response: { 200: Taken, default: problems },
      },
    },
    async (request, reply) => {
      if (!bank.debtor) return refuse(reply, { code: 'BankAccountMissing' });
      const read = readStatement({ iban: bank.debtor.iban, csv: bank.csv })(request.body);
      if (isLeft(read)) {
        const { why, at } = read.left;
        return refuse(reply, { code: 'StatementRefused', why: snakeCase(why), at });
      }
      const using = { workspace, openings, postedRuns: postedRuns(parts) };
      const taken = await takeStatement(using)(asked(request), read.right);
      if (isLeft(taken)) return refuse(reply, taken.left);
      const exceptions = taken.right.exceptions.map((each) => {
        const { code, ref, endToEndId, direction, on, amount } = each;
        return { code: snakeCase(code), ref, end_to_end_id: endToEndId, direction, on, amount };
      });
      return reply.send({ ...taken.right, exceptions });
    },
  );
};

/** What goes to the bank and comes back from it: payments of runs, and statements. */
export const bankRoutes = (app: App, parts: Parts, bankParts: BankParts): void => {
  order(app, parts, bankParts);
  file(app, parts, bankParts);
  app.register(async (scope) =>
    statements(scope.withTypeProvider<ZodTypeProvider>(), parts, bankParts),
  );
};
