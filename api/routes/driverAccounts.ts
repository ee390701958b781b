import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { refuse } from '#api/problem.ts';
import { inPark, paging, type Readings, read, viewOf } from '#api/reading.ts';
import { StatementReply, statementOf } from '#api/statement.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { Period } from '#domain/finance/period.ts';
import { DriverId, ParkId } from '#domain/kernel/ids.ts';
import { DriverAccountEntryRow, driverAccountEntries } from '#projections/driverAccountEntries.ts';
import { DriverAccountRow, driverAccounts } from '#projections/driverAccounts.ts';
import { drivers } from '#projections/drivers.ts';
import { accountCommands } from './accountCommands.ts';
import { deductionCommands } from './deductionCommands.ts';
import type { Parts } from './parts.ts';

const tag = 'driver accounts';
const params = z.strictObject({ driver_id: DriverId });
const account = wireOf(DriverAccountRow);
const entry = wireOf(DriverAccountEntryRow);
const Reply = z.strictObject({
  account: account.schema.nullable(),
  entries: z.strictObject({ items: z.array(entry.schema), next: z.string().nullable() }),
});

const single = (app: App, readings: Readings): void => {
  const files = viewOf(readings, drivers, inPark);
  const reads = [drivers.name, driverAccounts.name, driverAccountEntries.name];
  app.get(
    '/drivers/:driver_id/account',
    read({
      tag,
      summary:
        'What a driver owes, has deposited and earned, with the newest entries; null: nothing yet',
      params,
      query: z.strictObject(paging),
      reply: Reply,
      reads,
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      if (!(await files.row(request, driver)))
        return refuse(reply, { code: 'DriverUnknown', driver });
      const { tenant } = callerOf(request);
      const row = await readings.row(driverAccounts, { tenant, key: driver });
      const { after, limit } = request.query;
      const page = await readings.page(driverAccountEntries, {
        tenant,
        filters: [{ column: 'driver', is: driver }],
        order: { column: 'occurred_at', direction: 'falling' },
        cursor: after ?? null,
        limit,
      });
      const items = page.rows.map((each) => entry.write(each.row));
      return reply.send({
        account: row === null ? null : account.write(row),
        entries: { items, next: page.next },
      });
    },
  );
  app.get(
    '/drivers/:driver_id/account/statement',
    read({
      tag,
      summary: 'A month of a driver’s account: what it began with, every entry, what it ended with',
      params,
      query: z.strictObject({ period: Period }),
      reply: StatementReply,
      reads,
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      if (!(await files.row(request, driver)))
        return refuse(reply, { code: 'DriverUnknown', driver });
      const { tenant } = callerOf(request);
      return reply.send(
        await statementOf(readings)({ tenant, driver, period: request.query.period }),
      );
    },
  );
};

const deposits = (app: App, readings: Readings): void => {
  const view = viewOf(readings, driverAccounts, inPark);
  const Query = z.strictObject({ park_id: ParkId.optional(), ...paging });
  app.get(
    '/finance/deposits',
    read({
      tag: 'finance',
      summary: 'List the accounts of drivers of whom a deposit is held',
      params: NoParams,
      query: Query,
      reply: view.page,
      reads: [driverAccounts.name],
    }),
    async (request) => {
      const { park_id: park, after, limit } = request.query;
      const held = { column: 'holds_deposit', is: 'true' };
      const filters = park === undefined ? [held] : [held, { column: 'park', is: park }];
      return view.list(request, { filters, order: null, after, limit });
    },
  );
};

/** Drivers' accounts: what moves money in them, deductions, and what they come to. */
export const driverAccountRoutes = (app: App, { workspace, readings }: Parts): void => {
  accountCommands(app, workspace);
  deductionCommands(app, workspace);
  single(app, readings);
  deposits(app, readings);
};
