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
import { onIncident, recordIncident, voidIncident } from '#commands/incidents.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DisputeReason } from '#domain/fines/events.ts';
import { IncidentKind, IncidentVoidReason, unmeasured } from '#domain/incidents/events.ts';
import { Speed_kmh } from '#domain/kernel/fields.ts';
import { DriverId, IncidentId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { IncidentRow, incidents } from '#projections/incidents.ts';

const NewIncident = z.strictObject({
  vehicle_id: VehicleId,
  driver_id: DriverId.nullable().default(null),
  kind: IncidentKind,
  trip_id: TripId.nullable().default(null),
  max_speed_kmh: Speed_kmh.nullable().default(null),
  limit_kmh: Speed_kmh.nullable().default(null),
  occurred_at: WireInstant,
  ended_at: WireInstant.optional().meta({ description: 'Left out: it ended as it began.' }),
});
const Dispute = z.strictObject({ reason: DisputeReason, occurred_at: OccurredAt });
const Void = z.strictObject({ reason: IncidentVoidReason, occurred_at: OccurredAt });

const tag = 'incidents';
const params = z.strictObject({ incident_id: IncidentId });

const record = (app: App, workspace: Workspace): void => {
  app.post(
    '/incidents',
    command({
      tag,
      summary: 'Record a violation or an incident',
      makes: true,
      params: NoParams,
      body: NewIncident,
      target: 'content',
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle, driver_id: named, trip_id: trip, kind } = request.body;
      const { max_speed_kmh, limit_kmh, occurred_at: at, ended_at } = request.body;
      const times = { at, endedAt: ended_at ?? at };
      const measured = { ...unmeasured, max_speed_kmh, limit_kmh };
      const incident = { vehicle, named, kind, trip, ...measured, ...times, concluded: null };
      return created('incidents')(reply, await recordIncident(workspace)(asked(request), incident));
    },
  );
};

const steps = (app: App, workspace: Workspace): void => {
  const submit = onIncident(workspace);
  app.post(
    '/incidents/:incident_id/dispute',
    command({ tag, summary: 'Hold the record to be wrong', params, body: Dispute }),
    step(workspace, (asking, { incident_id: incident, reason, at }) =>
      submit(asking, { incident, at }, (when) => {
        return { type: 'DisputeIncident', incident, reason, when };
      }),
    ),
  );
  app.post(
    '/incidents/:incident_id/void',
    command({ tag, summary: 'The record does not stand', params, body: Void }),
    step(workspace, (asking, { incident_id: incident, reason, at }) =>
      voidIncident(workspace)(asking, { incident, reason, at }),
    ),
  );
  app.post(
    '/incidents/:incident_id/confirm',
    command({ tag, summary: 'The record stands', params, body: Bare }),
    step(workspace, (asking, { incident_id: incident, at }) =>
      submit(asking, { incident, at }, (when) => ({ type: 'ConfirmIncident', incident, when })),
    ),
  );
};

const views = (app: App, readings: Readings): void => {
  const view = viewOf(readings, incidents, inPark);
  const reads = [incidents.name];
  const Query = z.strictObject({
    ...concerning,
    status: IncidentRow.shape.status.optional(),
    kind: IncidentKind.optional(),
    class: IncidentRow.shape.class.optional(),
    ...span,
    ...paging,
  });
  app.get(
    '/incidents',
    read({
      tag,
      summary: 'List violations and incidents',
      params: NoParams,
      query: Query,
      reply: view.page,
      reads,
    }),
    showList(view, 'started_at'),
  );
  app.get(
    '/incidents/:incident_id',
    read({ tag, summary: 'See one of them', params, query: NoQuery, reply: view.item, reads }),
    showItem(view, ({ incident_id: incident }) => ({
      key: incident,
      unknown: { code: 'IncidentUnknown', incident },
    })),
  );
};

/** Violations and incidents, from their record to their confirmation or end. */
export const incidentRoutes = (app: App, { workspace, readings }: Parts): void => {
  record(app, workspace);
  steps(app, workspace);
  views(app, readings);
};
