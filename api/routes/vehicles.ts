import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { NoParams } from '#api/commandRoute.ts';
import { Kept, showPersonal } from '#api/personal.ts';
import type { AccessRecords } from '#api/ports.ts';
import { refuse } from '#api/problem.ts';
import { inPark, NoQuery, paging, type Readings, read, viewOf } from '#api/reading.ts';
import { showList } from '#api/showList.ts';
import { extended } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { ParkId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { VehicleRow, vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';
import { vehicleCommands } from './vehicleCommands.ts';

const tag = 'transport_registry';
const URL = '/transport_registry';
const reads = [vehicles.name];
const Query = z.strictObject({
  park_id: ParkId.optional(),
  status: VehicleRow.shape.status.optional(),
  owner_id: PartyId.optional(),
  ...paging,
});

const list = (app: App, readings: Readings): void => {
  const view = viewOf(readings, vehicles, inPark);
  app.get(
    URL,
    read({
      tag,
      summary: 'List vehicles',
      params: NoParams,
      query: Query,
      reply: view.page,
      reads,
    }),
    showList(view, null),
  );
};

const single = (app: App, parts: Parts, accessRecords: AccessRecords): void => {
  const { workspace, readings } = parts;
  const view = viewOf(readings, vehicles, inPark);
  const show = showPersonal(workspace, accessRecords);
  const Reply = extended(view.item, {
    identity: Kept.optional().meta({
      description: 'VIN and plate, for whoever may see them; null once they are erased.',
    }),
  });
  const params = z.strictObject({ vehicle_id: VehicleId });
  app.get(
    `${URL}/:vehicle_id`,
    read({ tag, summary: 'See a vehicle', params, query: NoQuery, reply: Reply, reads }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const row = await view.row(request, vehicle);
      if (!row) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const { role } = callerOf(request);
      if (role !== 'operator' && role !== 'admin') return reply.send(view.write(row));
      const shown = await show(request, vehicle, ['vehicle_identity']);
      if (isLeft(shown)) return refuse(reply, shown.left);
      const identity = shown.right('vehicle_identity');
      return reply.send(Object.assign({}, view.write(row), { identity }));
    },
  );
};

/** The transport registry: what is known of vehicles, and everything one may ask of them. */
export const vehicleRoutes = (app: App, parts: Parts, accessRecords: AccessRecords): void => {
  vehicleCommands(app, parts.workspace);
  list(app, parts.readings);
  single(app, parts, accessRecords);
};
