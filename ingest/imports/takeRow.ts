import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { digestOf } from '#commands/digest.ts';
import { onAccount } from '#commands/driverAccounts/onAccount.ts';
import { postByHand } from '#commands/finance/byHand.ts';
import { deriveUuid } from '#commands/identity.ts';
import { onStock } from '#commands/inventory/stock.ts';
import { hourOfDay } from '#commands/localDate.ts';
import { addRepairCost, completeRepair, reportRepair } from '#commands/repairs.ts';
import type { Request, Workspace } from '#commands/workspace.ts';
import { ACCOUNTS, type AccountCode } from '#domain/finance/accounts.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { CommandId, RepairId, type Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { snakeCase } from '#domain/kernel/snakeCase.ts';
import type { ImportedBy } from './ports.ts';
import type { Said } from './saidBy.ts';

/** Noon in UTC is of the same day nearly everywhere. */
const NOON = 12;

/** So far ahead of UTC is no zone: what is later there is to come everywhere. */
const AHEAD_MAX_MS = 14 * 3_600_000;

/** "Not now": the row is as good as before, and asked for again. */
const PASSING = new Set(['Unavailable', 'Unknown', 'TooManyConflicts']);

/** Why a row was not taken. `again`: it may be, later. */
export interface RowRefusal {
  readonly code: string;
  readonly again: boolean;
}

/** The command of a row, by the file's own name for it: the same row in any file is the same command. */
const commandOf = (tenant: Tenant, { type, transaction }: Pick<Said, 'type' | 'transaction'>) =>
  CommandId.parse(deriveUuid('import', tenant, type, transaction));

/** The repair that a row of type `repair` opened, as its use case names it. */
const repairOf = (tenant: Tenant, vehicle: VehicleId, transaction: string): RepairId => {
  const local = deriveUuid('repair', commandOf(tenant, { type: 'repair', transaction }));
  return RepairId.parse(`${vehicle}~${local}`);
};

type Taken = Either<{ readonly code: string }, { readonly events: readonly LedgerEvent[] }>;

const named = (code: AccountCode) => ({ ...ACCOUNTS.bank, code });

const carryOut = (
  workspace: Workspace,
  request: Request,
  said: Said,
  at: Instant,
): Promise<Taken> => {
  const { tenant } = request.origin;
  const { date, transaction } = said;
  switch (said.type) {
    case 'entry': {
      const { park, vehicle, reason, amount } = said;
      const lines = [debit(named(said.debit), amount), credit(named(said.credit), amount)];
      const book = { park, vehicle };
      const entry = { book, date, transaction, reason, lines, exchange: null };
      return postByHand(workspace)(request, entry);
    }
    case 'payment': {
      const { driver, amount, via } = said;
      return onAccount(workspace)(request, { driver, at, id: driver }, (told) => ({
        ...{ ...told, type: 'ReceivePayment', amount, via, transaction },
      }));
    }
    case 'repair': {
      const { vehicle, reason, severity } = said;
      return reportRepair(workspace)(request, { vehicle, reason, severity, begun: true, at });
    }
    case 'cost': {
      const { vehicle, line: kind, part: reference, quantity: quantity_milli, amount } = said;
      const line = { kind, reference, quantity_milli, amount };
      const repair = repairOf(tenant, vehicle, said.repair);
      return addRepairCost(workspace)(request, { repair, line, at });
    }
    case 'completion': {
      const repair = repairOf(tenant, said.vehicle, said.repair);
      return completeRepair(workspace)(request, { repair, odometer_m: null, at });
    }
    case 'receipt': {
      const { park, part, quantity: quantity_milli, amount } = said;
      const receipt = { quantity_milli, amount, transaction };
      return onStock(workspace)(request, { park, part, at }, { type: 'ReceiveParts', ...receipt });
    }
    case 'count': {
      const { park, part, quantity: quantity_milli, amount: value, reason } = said;
      const count = { quantity_milli, value, reason, transaction };
      return onStock(workspace)(request, { park, part, at }, { type: 'CountParts', ...count });
    }
    default:
      return unreachable(said);
  }
};

/**
 * Takes a row into the ledger, by the use case that a request would take. What the file's own transaction has
 * brought about before is there already, whatever file said so.
 */
export const takeRow =
  (workspace: Workspace, tenant: Tenant, { actor, parks }: ImportedBy, correlationId: string) =>
  async (said: Said): Promise<Either<RowRefusal, 'taken' | 'known'>> => {
    const noon = hourOfDay(said.date, workspace.platformZone, NOON);
    const now = workspace.now();
    const latest = instantOf(epochMs(now) + AHEAD_MAX_MS).slice(0, said.date.length);
    if (said.date > latest) {
      return left({ code: 'date_in_the_future', again: false });
    }
    const request: Request = {
      origin: {
        ...{ tenant, actor, correlationId, causationId: null },
        ...{ command: commandOf(tenant, said), content: digestOf(said) },
      },
      mayActIn: (park) => parks === '*' || parks.includes(park),
    };
    const [at = now] = [noon, now].sort();
    const done = await carryOut(workspace, request, said, at);
    if (!isLeft(done)) return right(done.right.events.length > 0 ? 'taken' : 'known');
    const { code } = done.left;
    // The ledger speaks of keys; of a file it is the transaction that was used for something else.
    const told = code === 'IdempotencyKeyReused' ? 'TransactionReused' : code;
    return left({ code: snakeCase(told), again: PASSING.has(code) });
  };
