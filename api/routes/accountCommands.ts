import { z } from 'zod';
import { asked } from '#api/command.ts';
import { answer, command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { step } from '#api/step.ts';
import type { App } from '#api/zod.ts';
import { creditFare } from '#commands/driverAccounts/fares.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Channel, DepositUse, PositiveMoney } from '#domain/driverAccounts/events.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { ChargeId, DriverId, RentalId } from '#domain/kernel/ids.ts';

const tag = 'driver accounts';
const params = z.strictObject({ driver_id: DriverId });
const Transaction = Reference.meta({
  description: 'By which the bank or provider names it. The same is taken once, whatever the key.',
});
/** What moves without a bank needs no name of its own: then it goes by the command. */
const OwnTransaction = Reference.optional().meta({
  description: 'Left out: the Idempotency-Key alone tells one from another.',
});
const ComingIn = z.strictObject({
  amount: PositiveMoney,
  via: Channel,
  transaction: Transaction,
  occurred_at: OccurredAt,
});
const Use = z.strictObject({
  amount: PositiveMoney,
  to: DepositUse,
  transaction: OwnTransaction,
  occurred_at: OccurredAt,
});
const Refund = z.strictObject({
  amount: PositiveMoney,
  transaction: Transaction,
  occurred_at: OccurredAt,
});
const Fare = z.strictObject({
  rental_id: RentalId,
  amount: PositiveMoney.meta({ description: 'What the passenger paid.' }),
  transaction: Transaction,
  occurred_at: OccurredAt,
});
const Waiver = z.strictObject({
  reason: z.enum(['goodwill', 'charged_in_error']),
  occurred_at: OccurredAt,
});

const deposits = (app: App, workspace: Workspace): void => {
  const submit = onAccount(workspace);
  app.post(
    '/drivers/:driver_id/deposits',
    command({ tag, summary: 'Take a deposit', params, body: ComingIn }),
    step(workspace, (asking, { driver_id: driver, at, amount, via, transaction }) =>
      submit(asking, { driver, at, id: driver }, (said) => ({
        ...{ ...said, type: 'TakeDeposit', amount, via, transaction },
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/deposits/apply',
    command({ tag, summary: 'Settle what a driver owes out of the deposit', params, body: Use }),
    step(workspace, (asking, { driver_id: driver, at, amount, to, transaction }) =>
      submit(asking, { driver, at, id: driver }, (said) => ({
        ...{ ...said, type: 'ApplyDeposit', amount, to },
        transaction: transaction ?? asking.origin.command,
      })),
    ),
  );
  app.post(
    '/drivers/:driver_id/deposits/refund',
    command({ tag, summary: 'Give a deposit back', params, body: Refund }),
    step(workspace, (asking, { driver_id: driver, at, amount, transaction }) =>
      submit(asking, { driver, at, id: driver }, (said) => ({
        ...{ ...said, type: 'RefundDeposit', amount, transaction },
      })),
    ),
  );
};

/** What moves money in a driver's account: payments, deposits, fares, and charges that are waived. */
export const accountCommands = (app: App, workspace: Workspace): void => {
  const submit = onAccount(workspace);
  app.post(
    '/drivers/:driver_id/payments',
    command({ tag, summary: 'Record that a driver paid', params, body: ComingIn }),
    step(workspace, (asking, { driver_id: driver, at, amount, via, transaction }) =>
      submit(asking, { driver, at, id: driver }, (said) => ({
        ...{ ...said, type: 'ReceivePayment', amount, via, transaction },
      })),
    ),
  );
  deposits(app, workspace);
  app.post(
    '/drivers/:driver_id/fares',
    command({ tag, summary: 'Credit a driver with the share of a fare', params, body: Fare }),
    async (request, reply) => {
      const { driver_id: driver } = request.params;
      const { rental_id: rental, amount, transaction, occurred_at } = request.body;
      const at = occurred_at ?? workspace.now();
      const fare = { driver, rental, amount, transaction, at };
      return answer(reply, await creditFare(workspace)(asked(request), fare));
    },
  );
  app.post(
    '/drivers/:driver_id/charges/:charge_id/reverse',
    command({
      tag,
      summary: 'Waive a charge; it is not charged again',
      params: z.strictObject({ driver_id: DriverId, charge_id: ChargeId }),
      body: Waiver,
    }),
    step(workspace, (asking, { driver_id: driver, charge_id: charge, reason, at }) =>
      submit(asking, { driver, at, id: charge }, (said) => ({
        ...{ ...said, type: 'ReverseCharge', charge, reason },
      })),
    ),
  );
};
