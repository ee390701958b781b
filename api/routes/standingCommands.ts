import { z } from 'zod';
import { command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { onStanding } from '#commands/standings.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DriverId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';

const tag = 'drivers';
const params = z.strictObject({ driver_id: DriverId });
const body = z.strictObject({ amount: NonNegativeMoney, occurred_at: OccurredAt });

/** Stating by hand what a driver owes and has deposited, until their account does. */
export const standingCommands = (app: App, workspace: Workspace): void => {
  const submit = onStanding(workspace);
  app.post(
    '/drivers/:driver_id/standing/arrears',
    command({ tag, summary: 'State what a driver owes, all in all', params, body }),
    step(workspace, (asking, { driver_id: driver, amount: arrears, at }) =>
      submit(asking, { driver, at, byHand: true }, (when) => ({
        type: 'StateArrears',
        driver,
        arrears,
        when,
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/standing/deposit',
    command({ tag, summary: 'State what is held of a driver’s deposit', params, body }),
    step(workspace, (asking, { driver_id: driver, amount: deposit, at }) =>
      submit(asking, { driver, at, byHand: true }, (when) => ({
        type: 'StateDeposit',
        driver,
        deposit,
        when,
      })),
    ),
  );
};
