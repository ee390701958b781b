import { z } from 'zod';
import { asked } from '#api/command.ts';
import { Bare, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, Plate, WireVin } from '#api/fields.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { deriveUuid } from '#commands/identity.ts';
import { changePlate, moveVehicle, onVehicle, registerVehicle } from '#commands/vehicles.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Label, Odometer_m } from '#domain/kernel/fields.ts';
import { Digest, DocumentId, ParkId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import {
  RetirementReason,
  VehicleDocumentKind,
  WithdrawalReason,
} from '#domain/registry/events.ts';

const NewVehicle = z.strictObject({
  park_id: ParkId,
  owner_id: PartyId,
  vin: WireVin,
  plate: Plate.nullable().default(null),
  make: Label,
  model: Label,
  year: z.int().min(1950).max(2100),
  odometer_m: Odometer_m,
  occurred_at: OccurredAt,
});
const NewDocument = z.strictObject({
  kind: VehicleDocumentKind,
  digest: Digest.meta({ description: 'SHA-256 of the document, which itself stays outside.' }),
  expires_on: LocalDate.nullable().default(null),
  occurred_at: OccurredAt,
});

const tag = 'transport_registry';
const URL = '/transport_registry';
const params = z.strictObject({ vehicle_id: VehicleId });
const because = <Reason extends z.ZodType>(reason: Reason) =>
  z.strictObject({ reason, occurred_at: OccurredAt });

const register = (app: App, workspace: Workspace): void => {
  const personal = ['vin', 'plate'];
  app.post(
    URL,
    command({
      tag,
      summary: 'Register a vehicle',
      makes: true,
      params: NoParams,
      body: NewVehicle,
      personal,
    }),
    async (request, reply) => {
      const { park_id: park, owner_id: owner, occurred_at, ...vehicle } = request.body;
      const at = occurred_at ?? workspace.now();
      const asking = asked(request);
      const made = await registerVehicle(workspace)(asking, { park, owner, ...vehicle, at });
      return created('transport_registry')(reply, made);
    },
  );
};

const paperwork = (app: App, workspace: Workspace): void => {
  app.post(
    `${URL}/:vehicle_id/documents`,
    command({ tag, summary: 'File a document of a vehicle', params, body: NewDocument }),
    step(workspace, (asking, { vehicle_id: vehicle, kind, digest, expires_on: expiresOn, at }) => {
      const document = DocumentId.parse(deriveUuid('document', asking.origin.command));
      return onVehicle(workspace)(asking, { vehicle, id: document, at }, (_, when) => {
        const type = 'RecordVehicleDocument';
        return { type, vehicle, document, kind, digest, expiresOn, when };
      });
    }),
  );
  const PlateBody = z.strictObject({ plate: Plate, occurred_at: OccurredAt });
  const personal = ['plate'];
  app.post(
    `${URL}/:vehicle_id/plate`,
    command({ tag, summary: 'Change the licence plate', params, body: PlateBody, personal }),
    step(workspace, (asking, { vehicle_id: vehicle, plate, at }) =>
      changePlate(workspace)(asking, { vehicle, plate, at }),
    ),
  );
};

const whereabouts = (app: App, workspace: Workspace): void => {
  const submit = onVehicle(workspace);
  const Reading = z.strictObject({ odometer_m: Odometer_m, occurred_at: OccurredAt });
  app.post(
    `${URL}/:vehicle_id/odometer`,
    command({ tag, summary: 'Read the odometer', params, body: Reading }),
    step(workspace, (asking, { vehicle_id: vehicle, odometer_m, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'ReadOdometer', vehicle, odometer_m, when };
      }),
    ),
  );
  const Move = z.strictObject({ park_id: ParkId, occurred_at: OccurredAt });
  app.post(
    `${URL}/:vehicle_id/move`,
    command({ tag, summary: 'Move to another park', params, body: Move }),
    step(workspace, (asking, { vehicle_id: vehicle, park_id: to, at }) =>
      moveVehicle(workspace)(asking, { vehicle, to, at }),
    ),
  );
  const Sale = z.strictObject({ owner_id: PartyId, occurred_at: OccurredAt });
  app.post(
    `${URL}/:vehicle_id/owner`,
    command({ tag, summary: 'Change the owner', params, body: Sale }),
    step(workspace, (asking, { vehicle_id: vehicle, owner_id: to, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'ChangeVehicleOwner', vehicle, to, when };
      }),
    ),
  );
};

const intoService = (app: App, workspace: Workspace): void => {
  const submit = onVehicle(workspace);
  app.post(
    `${URL}/:vehicle_id/commission`,
    command({ tag, summary: 'End onboarding: it may be rented', params, body: Bare }),
    step(workspace, (asking, { vehicle_id: vehicle, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'CommissionVehicle', vehicle, when };
      }),
    ),
  );
  app.post(
    `${URL}/:vehicle_id/reinstate`,
    command({ tag, summary: 'Put back into service', params, body: Bare }),
    step(workspace, (asking, { vehicle_id: vehicle, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'ReinstateVehicle', vehicle, when };
      }),
    ),
  );
};

const outOfService = (app: App, workspace: Workspace): void => {
  const submit = onVehicle(workspace);
  const body = because(WithdrawalReason);
  app.post(
    `${URL}/:vehicle_id/withdraw`,
    command({ tag, summary: 'Take out of service', params, body }),
    step(workspace, (asking, { vehicle_id: vehicle, reason, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'WithdrawVehicle', vehicle, reason, when };
      }),
    ),
  );
  app.post(
    `${URL}/:vehicle_id/retire`,
    command({ tag, summary: 'Retire for good', params, body: because(RetirementReason) }),
    step(workspace, (asking, { vehicle_id: vehicle, reason, at }) =>
      submit(asking, { vehicle, id: vehicle, at }, (_, when) => {
        return { type: 'RetireVehicle', vehicle, reason, when };
      }),
    ),
  );
};

/** Everything one may ask of a vehicle's master data. */
export const vehicleCommands = (app: App, workspace: Workspace): void => {
  register(app, workspace);
  paperwork(app, workspace);
  whereabouts(app, workspace);
  intoService(app, workspace);
  outOfService(app, workspace);
};
