import { z } from 'zod';
import { asked } from '#api/command.ts';
import { answer, command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import type { App } from '#api/zod.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DriverId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';

const tag = 'drivers';
const params = z.strictObject({ driver_id: DriverId });
const body = z.strictObject({ amount: NonNegativeMoney, occurred_at: OccurredAt });

/** Stating by hand what a driver owes and has deposited, until the books do. */
export const standingCommands = (app: App, workspace: Workspace): void => {
  app.post(
    '/drivers/:driver_id/standing/arrears',
    command({ tag, summary: 'State what a driver owes, all in all', params, body }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { amount: arrears, occurred_at } = request.body;
      const about = { driver, at: occurred_at ?? workspace.now() };
      const outcome = await onStanding(workspace)(asked(request), about, (when) => {
        return { type: 'StateArrears', driver, arrears, when };
      });
      return answer(reply, outcome);
    },
  );
  app.post(
    '/drivers/:driver_id/standing/deposit',
    command({ tag, summary: 'State what is held of a driver’s deposit', params, body }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { amount: deposit, occurred_at } = request.body;
      const about = { driver, at: occurred_at ?? workspace.now() };
      const outcome = await onStanding(workspace)(asked(request), about, (when) => {
        return { type: 'StateDeposit', driver, deposit, when };
      });
      return answer(reply, outcome);
    },
  );
};
