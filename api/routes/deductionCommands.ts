import { z } from 'zod';
import { asked } from '#api/command.ts';
import { Bare, command, created } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { proposeDeduction } from '#commands/driverAccounts/deductions.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import type { Workspace } from '#commands/workspace.ts';
import { DeductionDisputeReason, PositiveMoney } from '#domain/driverAccounts/events.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { DeductionId, DriverId, EventId, RentalId } from '#domain/kernel/ids.ts';

const EVIDENCE_MAX = 20;

const tag = 'driver accounts';
const ofDriver = z.strictObject({ driver_id: DriverId });
const params = z.strictObject({ driver_id: DriverId, deduction_id: DeductionId });
const Damage = z.strictObject({
  rental_id: RentalId.meta({
    description: 'In which it happened; its plan says what may be deducted.',
  }),
  amount: PositiveMoney,
  evidence: z
    .array(EventId)
    .min(1)
    .max(EVIDENCE_MAX)
    .meta({ description: 'The events that show it, such as an incident or the end of a rental.' }),
  occurred_at: OccurredAt,
});
const Dispute = z.strictObject({ reason: DeductionDisputeReason, occurred_at: OccurredAt });
const Withdrawal = z.strictObject({
  reason: z.enum(['dispute_upheld', 'recorded_in_error', 'goodwill']),
  occurred_at: OccurredAt,
});
const Part = z.strictObject({
  amount: PositiveMoney,
  transaction: Reference.optional().meta({
    description: 'Left out: the Idempotency-Key alone tells one part from another.',
  }),
  occurred_at: OccurredAt,
});

const steps = (app: App, workspace: Workspace): void => {
  const submit = onAccount(workspace);
  app.post(
    '/drivers/:driver_id/deductions/:deduction_id/dispute',
    command({ tag, summary: 'Object to a deduction', params, body: Dispute }),
    step(workspace, (asking, { driver_id: driver, deduction_id: deduction, reason, at }) =>
      submit(asking, { driver, at, id: deduction }, (said) => ({
        ...{ ...said, type: 'DisputeDeduction', deduction, reason },
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/deductions/:deduction_id/uphold',
    command({ tag, summary: 'Decide that a disputed deduction stands', params, body: Bare }),
    step(workspace, (asking, { driver_id: driver, deduction_id: deduction, at }) =>
      submit(asking, { driver, at, id: deduction }, (said) => ({
        ...{ ...said, type: 'UpholdDeduction', deduction },
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/deductions/:deduction_id/withdraw',
    command({ tag, summary: 'Take a deduction back', params, body: Withdrawal }),
    step(workspace, (asking, { driver_id: driver, deduction_id: deduction, reason, at }) =>
      submit(asking, { driver, at, id: deduction }, (said) => ({
        ...{ ...said, type: 'WithdrawDeduction', deduction, reason, basis: null },
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/deductions/:deduction_id/make',
    command({ tag, summary: 'Deduct, all of it or a part', params, body: Part }),
    step(workspace, (asking, { driver_id: driver, deduction_id: deduction, ...part }) =>
      submit(asking, { driver, at: part.at, id: deduction }, (said) => ({
        ...{ ...said, type: 'MakeDeduction', deduction, amount: part.amount },
        transaction: part.transaction ?? asking.origin.command,
      })),
    ),
  );
};

/** Deductions for damage by hand, and what becomes of those for fines and damage. */
export const deductionCommands = (app: App, workspace: Workspace): void => {
  app.post(
    '/drivers/:driver_id/deductions',
    command({
      tag,
      summary: 'Propose that a driver pays for damage',
      makes: true,
      params: ofDriver,
      body: Damage,
    }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { rental_id: rental, amount, evidence: basis, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const asking = asked(request);
      const cause = asking.origin.command;
      const damage = { kind: 'damage', fine: null, amount, basis } as const;
      const proposed = { driver, rental, ...damage, at, happenedAt: at, cause };
      const collection = `drivers/${driver}/deductions`;
      return created(collection)(reply, await proposeDeduction(workspace)(asking, proposed));
    },
  );
  steps(app, workspace);
};
