import { z } from 'zod';
import { asked } from '#api/command.ts';
import { Bare, command, created, NoParams } from '#api/commandRoute.ts';
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
import { issueFine, onFine } from '#commands/fines.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DisputeReason, FineVoidReason } from '#domain/fines/events.ts';
import { Code, PenaltyPoints, Reference } from '#domain/kernel/fields.ts';
import { DriverId, FineId, VehicleId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { FineRow, fines } from '#projections/fines.ts';

const NewFine = z.strictObject({
  vehicle_id: VehicleId,
  driver_id: DriverId.nullable()
    .default(null)
    .meta({ description: 'Whom the authority names; the fine goes to whoever had the vehicle.' }),
  offence: Code,
  reference: Reference,
  amount: NonNegativeMoney,
  points: PenaltyPoints.default(0),
  occurred_at: WireInstant.meta({ description: 'When the offence happened.' }),
});
const Dispute = z.strictObject({ reason: DisputeReason, occurred_at: OccurredAt });
const Void = z.strictObject({ reason: FineVoidReason, occurred_at: OccurredAt });

const tag = 'fines';
const params = z.strictObject({ fine_id: FineId });

const issue = (app: App, workspace: Workspace): void => {
  app.post(
    '/fines',
    command({
      tag,
      summary: 'Record a fine',
      makes: true,
      params: NoParams,
      body: NewFine,
      target: 'content',
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, driver_id: named, occurred_at: at, ...rest } = request.body;
      const fine = { vehicle, named, ...rest, at };
      return created('fines')(reply, await issueFine(workspace)(asked(request), fine));
    },
  );
};

const steps = (app: App, workspace: Workspace): void => {
  const submit = onFine(workspace);
  app.post(
    '/fines/:fine_id/dispute',
    command({ tag, summary: 'Hold a fine to be wrong', params, body: Dispute }),
    step(workspace, (asking, { fine_id: fine, reason, at }) =>
      submit(asking, { fine, at }, (when) => ({ type: 'DisputeFine', fine, reason, when })),
    ),
  );
  app.post(
    '/fines/:fine_id/void',
    command({ tag, summary: 'The fine does not stand', params, body: Void }),
    step(workspace, (asking, { fine_id: fine, reason, at }) =>
      submit(asking, { fine, at }, (when) => ({ type: 'VoidFine', fine, reason, when })),
    ),
  );
  app.post(
    '/fines/:fine_id/confirm',
    command({ tag, summary: 'The fine stands', params, body: Bare }),
    step(workspace, (asking, { fine_id: fine, at }) =>
      submit(asking, { fine, at }, (when) => ({ type: 'ConfirmFine', fine, when })),
    ),
  );
  app.post(
    '/fines/:fine_id/pay',
    command({ tag, summary: 'The authority has its money', params, body: Bare }),
    step(workspace, (asking, { fine_id: fine, at }) =>
      submit(asking, { fine, at }, (when) => ({ type: 'PayFine', fine, when })),
    ),
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, fines, inPark);
  const reads = [fines.name];
  const status = FineRow.shape.status.optional();
  const reference = FineRow.shape.reference.optional();
  const Query = z.strictObject({ ...concerning, status, reference, ...span, ...paging });
  app.get(
    '/fines',
    read({ tag, summary: 'List fines', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, 'offence_at'),
  );
  app.get(
    '/fines/:fine_id',
    read({ tag, summary: 'See a fine', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ fine_id: fine }) => ({ key: fine, unknown: { code: 'FineUnknown', fine } })),
  );
};

/** Fines, from the authority's letter to payment or end. */
export const fineRoutes = (app: App, { workspace, readings }: Parts): void => {
  issue(app, workspace);
  steps(app, workspace);
  views(app, readings);
};
