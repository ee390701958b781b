import { z } from 'zod';
import { asked } from '#api/command.ts';
import { Bare, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { inPark, NoQuery, paging, type Readings, read, span, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import {
  addRepairCost,
  cancelRepair,
  completeRepair,
  openRepair,
  reportRepair,
} from '#commands/repairs.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Odometer_m } from '#domain/kernel/fields.ts';
import { ParkId, RepairId, VehicleId } from '#domain/kernel/ids.ts';
import {
  CostLine,
  RepairCancelReason,
  RepairReason,
  Severity,
} from '#domain/maintenance/events.ts';
import { RepairRow, repairs } from '#projections/repairs.ts';

const NewRepair = z.strictObject({
  vehicle_id: VehicleId,
  reason: RepairReason,
  severity: Severity,
  begun: z.boolean().default(false).meta({ description: 'Whether work on it has begun.' }),
  occurred_at: OccurredAt,
});
const Cost = z.strictObject({ ...CostLine.shape, occurred_at: OccurredAt });
const Completion = z.strictObject({
  odometer_m: Odometer_m.nullable().default(null),
  occurred_at: OccurredAt,
});
const Cancellation = z.strictObject({ reason: RepairCancelReason, occurred_at: OccurredAt });

const tag = 'repairs';
const params = z.strictObject({ repair_id: RepairId });

const beginnings = (app: App, workspace: Workspace): void => {
  app.post(
    '/repairs',
    command({
      tag,
      summary: 'Report a defect; with begun, open the repair at once',
      makes: true,
      params: NoParams,
      body: NewRepair,
      target: 'vehicle_id',
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, occurred_at, ...found } = request.body;
      const at = occurred_at ?? workspace.now();
      const reported = await reportRepair(workspace)(asked(request), { vehicle, ...found, at });
      return created('repairs')(reply, reported);
    },
  );
  app.post(
    '/repairs/:repair_id/open',
    command({ tag, summary: 'Begin the work', params, body: Bare }),
    step(workspace, (asking, { repair_id: repair, at }) =>
      openRepair(workspace)(asking, { repair, at }),
    ),
  );
  app.post(
    '/repairs/:repair_id/costs',
    command({ tag, summary: 'Add a part or labour', params, body: Cost }),
    step(workspace, (asking, { repair_id: repair, occurred_at: _, at, ...line }) =>
      addRepairCost(workspace)(asking, { repair, line, at }),
    ),
  );
};

const ends = (app: App, workspace: Workspace): void => {
  app.post(
    '/repairs/:repair_id/complete',
    command({ tag, summary: 'The work is done', params, body: Completion }),
    step(workspace, (asking, { repair_id: repair, odometer_m, at }) =>
      completeRepair(workspace)(asking, { repair, odometer_m, at }),
    ),
  );
  app.post(
    '/repairs/:repair_id/cancel',
    command({ tag, summary: 'The repair is not carried out', params, body: Cancellation }),
    step(workspace, (asking, { repair_id: repair, reason, at }) =>
      cancelRepair(workspace)(asking, { repair, reason, at }),
    ),
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, repairs, inPark);
  const reads = [repairs.name];
  const Query = z.strictObject({
    vehicle_id: VehicleId.optional(),
    park_id: ParkId.optional(),
    status: RepairRow.shape.status.optional(),
    severity: Severity.optional(),
    ...span,
    ...paging,
  });
  app.get(
    '/repairs',
    read({ tag, summary: 'List repairs', params: NoParams, query: Query, reply: view.page, reads }),
    showList(view, 'reported_at'),
  );
  app.get(
    '/repairs/:repair_id',
    read({ tag, summary: 'See a repair', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ repair_id: repair }) => ({
      key: repair,
      unknown: { code: 'RepairUnknown', repair },
    })),
  );
};

/** Repairs, from the defect to the last cost line. */
export const repairRoutes = (app: App, { workspace, readings }: Parts): void => {
  beginnings(app, workspace);
  ends(app, workspace);
  views(app, readings);
};
