import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { command, created } from '#api/commandRoute.ts';
import { OccurredAt, WireInstant } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { inPark, paging, read, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { step } from '#api/step.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { onDriver } from '#commands/drivers.ts';
import { lockOutDriver } from '#commands/lockouts.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Code } from '#domain/kernel/fields.ts';
import { DriverId, LockoutId } from '#domain/kernel/ids.ts';
import { drivers } from '#projections/drivers.ts';
import { lockouts } from '#projections/lockouts.ts';

const tag = 'access';
const URL = '/access/:driver_id/lockouts';
const params = z.strictObject({ driver_id: DriverId });
const NewLockout = z.strictObject({
  reason_code: Code,
  until: WireInstant.nullable()
    .default(null)
    .meta({ description: 'When it ends by itself; null: when it is lifted.' }),
  occurred_at: OccurredAt,
});
const Lift = z.strictObject({ reason_code: Code, occurred_at: OccurredAt });

const commands = (app: App, workspace: Workspace): void => {
  app.post(
    URL,
    command({ tag, summary: 'Lock a driver out', makes: true, params, body: NewLockout }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { reason_code: reason, until, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const lockout = { driver, reason, until, at };
      const outcome = await lockOutDriver(workspace)(asked(request), lockout);
      return created(`access/${driver}/lockouts`)(reply, outcome);
    },
  );
  const single = z.strictObject({ driver_id: DriverId, lockout_id: LockoutId });
  app.post(
    `${URL}/:lockout_id/lift`,
    command({ tag, summary: 'Lift a lockout', params: single, body: Lift }),
    step(workspace, (asking, { driver_id: driver, lockout_id: lockout, reason_code, at }) =>
      onDriver(workspace)(asking, { driver, id: lockout, at }, (when) => {
        return { type: 'LiftLockout', driver, lockout, reason: reason_code, when };
      }),
    ),
  );
};

/** Keeping drivers from driving, letting go of them again, and the log of both. */
export const lockoutRoutes = (app: App, { workspace, readings }: Parts): void => {
  commands(app, workspace);
  const file = viewOf(readings, drivers, inPark);
  const wire = wireOf(lockouts.row);
  const Reply = z.strictObject({
    driver_id: DriverId,
    lockout_log: z.array(wire.schema),
    next: z.string().nullable(),
  });
  app.get(
    URL,
    read({
      tag,
      summary: 'The lockouts of a driver, the newest first',
      params,
      query: z.strictObject(paging),
      reply: Reply,
      reads: [drivers.name, lockouts.name],
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const known = await file.row(request, driver);
      if (!known) return refuse(reply, { code: 'DriverUnknown', driver });
      const { after, limit } = request.query;
      const filters = [{ column: 'driver', is: driver }];
      const order = { column: 'started_at', direction: 'falling' } as const;
      // Who may see a driver may see all of it, also what a park did that had them before.
      const { tenant } = callerOf(request);
      const page = { tenant, filters, order, cursor: after ?? null, limit };
      const { rows, next } = await readings.page(lockouts, page);
      const log = rows.map(({ row }) => wire.write(row));
      return reply.send({ driver_id: driver, lockout_log: log, next });
    },
  );
};
