import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { Kept, showPersonal } from '#api/personal.ts';
import type { AccessRecords } from '#api/ports.ts';
import { refuse } from '#api/problem.ts';
import { inPark, NoQuery, paging, type Readings, read, viewOf } from '#api/reading.ts';
import { showList } from '#api/showList.ts';
import { extended, wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { DriverId, ParkId } from '#domain/kernel/ids.ts';
import { DriverRow, drivers } from '#projections/drivers.ts';
import { StandingRow, standings } from '#projections/standings.ts';
import { driverCommands } from './driverCommands.ts';
import type { Parts } from './parts.ts';
import { standingCommands } from './standingCommands.ts';

const tag = 'drivers';
const reads = [drivers.name];
const params = z.strictObject({ driver_id: DriverId });
const Query = z.strictObject({
  park_id: ParkId.optional(),
  status: DriverRow.shape.status.optional(),
  ...paging,
});
const Personal = z.strictObject({
  ...{ identity: Kept, contact: Kept, document: Kept, bank_account: Kept },
});

const list = (app: App, readings: Readings): void => {
  const view = viewOf(readings, drivers, inPark);
  app.get(
    '/drivers',
    read({ tag, summary: 'List drivers', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, null),
  );
};

const maySeePersonal = new Set(['operator', 'admin', 'driver']);

const single = (app: App, parts: Parts, accessRecords: AccessRecords): void => {
  const { workspace, readings } = parts;
  const view = viewOf(readings, drivers, inPark);
  const show = showPersonal(workspace, accessRecords);
  const Reply = extended(view.item, {
    personal: Personal.optional().meta({
      description: 'For whoever may see it; a part is null once it is erased.',
    }),
  });
  app.get(
    '/drivers/:driver_id',
    read({ tag, summary: 'See a driver', params, query: NoQuery, reply: Reply, reads }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const row = await view.row(request, driver);
      if (!row) return refuse(reply, { code: 'DriverUnknown', driver });
      if (!maySeePersonal.has(callerOf(request).role)) return reply.send(view.write(row));
      const shown = await show(request, driver, [
        'identity',
        'contact',
        'document',
        'bank_account',
      ]);
      if (isLeft(shown)) return refuse(reply, shown.left);
      const personal = {
        identity: shown.right('identity'),
        contact: shown.right('contact'),
        document: shown.right('document'),
        bank_account: shown.right('bank_account'),
      };
      return reply.send(Object.assign({}, view.write(row), { personal }));
    },
  );
};

const standing = (app: App, readings: Readings): void => {
  const view = viewOf(readings, drivers, inPark);
  const { schema, write } = wireOf(StandingRow);
  app.get(
    '/drivers/:driver_id/standing',
    read({
      tag,
      summary: 'What a driver owes, has deposited and was fined; null: nothing was stated',
      params,
      query: NoQuery,
      reply: z.strictObject({ standing: schema.nullable() }),
      reads: [drivers.name, standings.name],
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const known = await view.row(request, driver);
      if (!known) return refuse(reply, { code: 'DriverUnknown', driver });
      const { tenant } = callerOf(request);
      const row = await readings.row(standings, { tenant, key: driver });
      return reply.send({ standing: row === null ? null : write(row) });
    },
  );
};

/** Drivers: their files, their standing, and everything one may ask of them. */
export const driverRoutes = (app: App, parts: Parts, accessRecords: AccessRecords): void => {
  driverCommands(app, parts.workspace);
  standingCommands(app, parts.workspace);
  list(app, parts.readings);
  single(app, parts, accessRecords);
  standing(app, parts.readings);
};
