import { right } from 'fp-ts/lib/Either.js';
import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { accountOf } from '#commands/driverAccounts/aggregates.ts';
import { orderPayments, paymentFile } from '#commands/runs/orderPayments.ts';
import { postRun, proposeRun } from '#commands/runs/runs.ts';
import { onRun, runAsItIs } from '#commands/runs/slot.ts';
import { takeStatement } from '#commands/runs/takeStatement.ts';
import { everywhere } from '#commands/workspace.ts';
import { balanceIn } from '#domain/driverAccounts/accountState.ts';
import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import { Iban } from '#domain/finance/iban.ts';
import { Period } from '#domain/finance/period.ts';
import type { StatementLine } from '#domain/finance/statement.ts';
import { ChargeId, type DriverId, type PartyId, RentalId, RunId } from '#domain/kernel/ids.ts';
import type { RunKind } from '#domain/runs/events.ts';
import { allEvents, requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme, day, digest, euro, moment, money, uuid8 } from '#tests/support/samples.ts';
import { checker, payoutScene, requestBy } from './payoutScene.ts';

export const january = Period.parse('2026-01');
export const february = Period.parse('2026-02');
export const IBAN = 'DE89370400440532013000';
export const debtor = { name: 'Fleet', iban: Iban.parse(IBAN), bic: null };
export const executionDate = day('2026-03-05');
const told = { plan: 'STD', planVersion: 1 };

/** A park in which a driver earns shares of fares and owes, with the steps of runs. */
export const openRunScene = async () => {
  const seen = await payoutScene();
  const { park, vehicle, ann, drivers } = seen;
  const vault = memoryVault(memoryVaultData(), { isLogged: async (events) => new Set(events) });
  const ledger = { ...seen.ledger, vault };
  const parts = { ...seen.parts, workspace: ledger };
  drivers.add(ann);
  const rental = RentalId.parse(`${vehicle}~${uuid8(0x60)}`);
  const postedRuns = async () =>
    right(
      (await allEvents(seen.store)).flatMap(({ type, data }) =>
        type === 'RunPosted' ? [RunId.parse(data['run'])] : [],
      ),
    );
  const onAccount = async (driver: DriverId, command: AccountCommand) =>
    rightOf(
      await ledger.submit({
        origin: requestOf(command).origin,
        aggregate: accountOf(acme, driver),
        command,
        authorize: everywhere,
      })(),
    );
  const about = { driver: ann, park, vehicle, rental, home: euro };
  return {
    ...{ ...seen, ledger, parts },
    fare: (date: string, driverShare: string, transaction = `F-${date}`) =>
      onAccount(ann, {
        ...{ type: 'CreditFare', ...about, transaction, ...told },
        ...{ amount: money('100000'), driverShare: money(driverShare) },
        when: moment(`${date}T12:00:00.000Z`),
      }),
    charge: async (date: string, total: string) => {
      const when = moment(`${date}T12:00:00.000Z`);
      const amounts = { net: money(total), tax: money('0'), total: money(total) };
      const span = { from: when.at, to: when.at };
      const priced = { kind: 'day', span, quantity_milli: 1_000, ...amounts, ...told } as const;
      const due = [{ charge: ChargeId.parse(uuid8(0xc1)), when, ...priced }];
      const asked = { ...about, due, voided: false, basis: null, when } as const;
      return onAccount(ann, { type: 'SettleCharges', ...asked });
    },
    pay: (date: string, amount: string) =>
      onAccount(ann, {
        ...{ type: 'ReceivePayment', ...about, transaction: `P-${date}`, via: 'bank' },
        ...{ amount: money(amount), when: moment(`${date}T12:00:00.000Z`) },
      }),
    account: async () => {
      await seen.posted();
      const { state } = rightOf(await ledger.load(accountOf(acme, ann)));
      return balanceIn(state, euro);
    },
    run: async (kind: RunKind, period: Period, payee: PartyId | null = null) => {
      const asked = { kind, park, period, payee };
      return proposeRun(parts)(requestOf(asked), asked);
    },
    agreeAndPost: async (run: RunId) => {
      const { inputs } = rightOf(await runAsItIs(ledger)(acme, run));
      const step = { type: 'ApproveRun', inputs, user: checker } as const;
      rightOf(await onRun(ledger)(requestBy(checker), run, step));
      return postRun(parts)(requestOf({ post: run }), run);
    },
    lineOf: async (run: RunId) => rightOf(await runAsItIs(ledger)(acme, run)).lines,
    order: async (run: RunId) =>
      rightOf(
        await orderPayments(parts, debtor)(requestOf({ order: run }), { run, executionDate }),
      ),
    file: async (run: RunId, message: string) =>
      rightOf(
        await paymentFile(parts, debtor)({ tenant: acme, mayActIn: () => true }, { run, message }),
      ),
    /** The bank tells of a payment: that it was made, or that it came back. */
    statement: async (id: string, amount: string, direction: 'debit' | 'credit') => {
      const details = [{ endToEndId: id, amount: money(amount), returnReason: null }];
      const line: StatementLine = {
        ...{ ref: `R-${direction}`, servicerRef: null, direction, reversal: false, details },
        ...{ amount: money(amount), bookedOn: day('2026-03-01'), valueOn: null },
      };
      const statement = digest(direction === 'debit' ? 1 : 2);
      const using = { ...parts, postedRuns };
      return rightOf(
        await takeStatement(using)(requestOf({ id, direction }), { lines: [line], statement }),
      );
    },
    closeAll: async () => {
      rightOf(await seen.close(january));
      rightOf(await seen.close(february));
    },
  };
};

/** Shares of two months, and a debt of the first. */
export const earned = async () => {
  const seen = await openRunScene();
  await seen.fare('2026-01-10', '8000');
  await seen.charge('2026-01-20', '2975');
  await seen.fare('2026-02-03', '1000');
  await seen.posted();
  return seen;
};
