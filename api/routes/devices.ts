import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { command, created } from '#api/commandRoute.ts';
import { OccurredAt, WireInstant } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { inPark, NoQuery, paging, type Readings, read, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { step } from '#api/step.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { fitDevice, removeDevice, voidFitting } from '#commands/devices.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DeviceRemovalReason, FittingVoidReason } from '#domain/devices/events.ts';
import { DeviceIdent, FittingId, VehicleId } from '#domain/kernel/ids.ts';
import { DeviceBindingRow, deviceBindings } from '#projections/deviceBindings.ts';
import { vehicles } from '#projections/vehicles.ts';

const ident = DeviceIdent.meta({
  description: 'What the device calls itself: an IMEI, a serial number. One over all tenants.',
});
const NewDevice = z.strictObject({ ident, occurred_at: OccurredAt });
const PastDevice = z.strictObject({
  ident,
  reason: DeviceRemovalReason,
  occurred_at: WireInstant,
  ended_at: WireInstant,
});
const Removal = z.strictObject({ reason: DeviceRemovalReason, occurred_at: OccurredAt });
const Strike = z.strictObject({ reason: FittingVoidReason, occurred_at: OccurredAt });

const tag = 'transport_registry';
const URL = '/transport_registry/:vehicle_id/devices';
const inVehicle = z.strictObject({ vehicle_id: VehicleId });
const params = z.strictObject({ vehicle_id: VehicleId, fitting_id: FittingId });
const collection = (vehicle: VehicleId) => `transport_registry/${vehicle}/devices`;

const beginnings = (app: App, workspace: Workspace): void => {
  app.post(
    URL,
    command({ tag, summary: 'Fit a device', makes: true, params: inVehicle, body: NewDevice }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { ident: device, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const fitted = { vehicle, ident: device, at, removed: null };
      const done = await fitDevice(workspace)(asked(request), fitted);
      return created(collection(vehicle))(reply, done);
    },
  );
  app.post(
    `${URL}/record`,
    command({
      tag,
      summary: 'Record a device that is out again',
      makes: true,
      params: inVehicle,
      body: PastDevice,
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { ident: device, reason, occurred_at: at, ended_at } = request.body;
      const fitted = { vehicle, ident: device, at, removed: { at: ended_at, reason } };
      const done = await fitDevice(workspace)(asked(request), fitted);
      return created(collection(vehicle))(reply, done);
    },
  );
};

const ends = (app: App, workspace: Workspace): void => {
  app.post(
    `${URL}/:fitting_id/remove`,
    command({ tag, summary: 'Remove a device', params, body: Removal }),
    step(workspace, (asking, { vehicle_id: vehicle, fitting_id: fitting, reason, at }) =>
      removeDevice(workspace)(asking, { vehicle, fitting, reason, at }),
    ),
  );
  app.post(
    `${URL}/:fitting_id/void`,
    command({ tag, summary: 'The device never was in there', params, body: Strike }),
    step(workspace, (asking, { vehicle_id: vehicle, fitting_id: fitting, reason, at }) =>
      voidFitting(workspace)(asking, { vehicle, fitting, reason, at }),
    ),
  );
};

const wire = wireOf(DeviceBindingRow);
const Page = z.strictObject({ items: z.array(wire.schema), next: z.string().nullable() });
const Query = z.strictObject({ status: DeviceBindingRow.shape.status.optional(), ...paging });

/** Devices lie where their vehicle lies now: whoever may see the vehicle sees them, and nobody else. */
const views = (app: App, readings: Readings): void => {
  const known = viewOf(readings, vehicles, inPark);
  const reads = [deviceBindings.name, vehicles.name];
  app.get(
    URL,
    read({ tag, summary: 'List devices', params: inVehicle, query: Query, reply: Page, reads }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const { status, after, limit } = request.query;
      if (!(await known.row(request, vehicle))) {
        return refuse(reply, { code: 'VehicleUnknown', vehicle });
      }
      const found = await readings.page(deviceBindings, {
        tenant: callerOf(request).tenant,
        filters: [
          { column: 'vehicle', is: vehicle },
          ...(status === undefined ? [] : [{ column: 'status', is: status }]),
        ],
        order: { column: 'fitted_at', direction: 'falling' },
        cursor: after ?? null,
        limit,
      });
      const items = found.rows.map(({ row }) => wire.write(row));
      return reply.send({ items, next: found.next });
    },
  );
  app.get(
    `${URL}/:fitting_id`,
    read({ tag, summary: 'See a device', params, query: NoQuery, reply: wire.schema, reads }),
    async (request, reply) => {
      const { vehicle_id: vehicle, fitting_id: fitting } = request.params;
      const { tenant } = callerOf(request);
      const visible = await known.row(request, vehicle);
      const row = visible && (await readings.row(deviceBindings, { tenant, key: fitting }));
      return row?.vehicle === vehicle
        ? reply.send(wire.write(row))
        : refuse(reply, { code: 'FittingUnknown', fitting });
    },
  );
};

/** The devices in a vehicle: trackers and whatever else tells where it is and how it does. */
export const deviceRoutes = (app: App, { workspace, readings }: Parts): void => {
  beginnings(app, workspace);
  ends(app, workspace);
  views(app, readings);
};
