import { z } from 'zod';
import { asked } from '#api/command.ts';
import { command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt, WireInstant } from '#api/fields.ts';
import {
  concerning,
  inPark,
  NoQuery,
  paging,
  type Readings,
  read,
  span,
  viewOf,
} from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import type { KnownRest } from '#commands/access.ts';
import { endRental, recordRental, startRental, voidRental } from '#commands/rentals.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Rest_s } from '#domain/access/events.ts';
import { Odometer_m, Reference } from '#domain/kernel/fields.ts';
import { DriverId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { RentalEndReason, RentalVoidReason } from '#domain/rentals/events.ts';
import { RentalRow, rentals } from '#projections/rentals.ts';

const agreement = {
  vehicle_id: VehicleId,
  driver_id: DriverId,
  plan: Reference.nullable().default(null),
  rate: Reference.nullable().default(null),
};
const NewRental = z.strictObject({
  ...agreement,
  odometer_m: Odometer_m.nullable().default(null),
  rest_s: Rest_s.default(null).meta({
    description:
      'Seconds of rest the driver had in the last 24 hours; null: as far as telemetry knows.',
  }),
  occurred_at: OccurredAt,
});
const PastRental = z.strictObject({
  ...agreement,
  occurred_at: WireInstant,
  ended_at: WireInstant,
});
const Return = z.strictObject({
  reason: RentalEndReason,
  odometer_m: Odometer_m.nullable().default(null),
  occurred_at: OccurredAt,
});
const Strike = z.strictObject({ reason: RentalVoidReason, occurred_at: OccurredAt });

const tag = 'rentals';
const target = 'vehicle_id';
const params = z.strictObject({ rental_id: RentalId });

const beginnings = (app: App, workspace: Workspace, knownRest: KnownRest): void => {
  app.post(
    '/rentals',
    command({
      tag,
      summary: 'A driver takes a vehicle',
      makes: true,
      params: NoParams,
      body: NewRental,
      target,
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, driver_id: driver, occurred_at, ...rest } = request.body;
      const at = occurred_at ?? workspace.now();
      const rental = { vehicle, driver, ...rest, at };
      const started = await startRental(workspace, knownRest)(asked(request), rental);
      return created('rentals')(reply, started);
    },
  );
  app.post(
    '/rentals/record',
    command({
      tag,
      summary: 'Record a rental that is over',
      makes: true,
      params: NoParams,
      body: PastRental,
      target,
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, driver_id: driver, plan, rate } = request.body;
      const { occurred_at: at, ended_at: endedAt } = request.body;
      const rental = { vehicle, driver, plan, rate, at, endedAt };
      return created('rentals')(reply, await recordRental(workspace)(asked(request), rental));
    },
  );
};

const ends = (app: App, workspace: Workspace): void => {
  app.post(
    '/rentals/:rental_id/end',
    command({ tag, summary: 'The driver gives the vehicle back', params, body: Return }),
    step(workspace, (asking, { rental_id: rental, reason, odometer_m, at }) =>
      endRental(workspace)(asking, { rental, reason, odometer_m, at }),
    ),
  );
  app.post(
    '/rentals/:rental_id/void',
    command({ tag, summary: 'The rental never was', params, body: Strike }),
    step(workspace, (asking, { rental_id: rental, reason, at }) =>
      voidRental(workspace)(asking, { rental, reason, at }),
    ),
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, rentals, inPark);
  const reads = [rentals.name];
  const status = RentalRow.shape.status.optional();
  const Query = z.strictObject({ ...concerning, status, ...span, ...paging });
  app.get(
    '/rentals',
    read({ tag, summary: 'List rentals', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, 'started_at'),
  );
  app.get(
    '/rentals/:rental_id',
    read({ tag, summary: 'See a rental', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ rental_id: rental }) => ({
      key: rental,
      unknown: { code: 'RentalUnknown', rental },
    })),
  );
};

/** Who has which vehicle: handing over, taking back, and setting the record straight. */
export const rentalRoutes = (
  app: App,
  { workspace, readings, knownRest }: Parts & { readonly knownRest: KnownRest },
): void => {
  beginnings(app, workspace, knownRest);
  ends(app, workspace);
  views(app, readings);
};
