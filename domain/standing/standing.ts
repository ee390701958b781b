import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { DriverId, EventId, FineId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { addMoney, type Currency, type Money } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ArrearsStated,
  DepositStated,
  type StandingEvent,
  StandingFineCopied,
  type StandingFineStatus,
} from './events.ts';

type Status = z.infer<typeof StandingFineStatus>;

interface CopyFine {
  readonly type: 'CopyFine';
  readonly driver: DriverId;
  readonly fine: FineId;
  readonly status: Status;
  readonly amount: Money;
  readonly points: number;
  readonly basis: EventId;
  readonly when: Moment;
}

interface StateArrears {
  readonly type: 'StateArrears';
  readonly driver: DriverId;
  readonly arrears: Money;
  readonly when: Moment;
}

interface StateDeposit {
  readonly type: 'StateDeposit';
  readonly driver: DriverId;
  readonly deposit: Money;
  readonly when: Moment;
}

/** What one may write into a driver's standing. Amounts are zero or more, `basis` the event copied from. */
export type StandingCommand = CopyFine | StateArrears | StateDeposit;

/** Arrears and deposit are read as the newest statement, so one from before it comes too late. */
export type StandingRefusal = {
  readonly code: 'StatementOutdated';
  readonly driver: DriverId;
  readonly since: Instant;
};

/** A fine as its driver bears it now. `bases` are all the events it was copied from, whatever their order. */
interface StandingFine {
  readonly status: Status;
  readonly amount: Money;
  readonly points: number;
  readonly bases: ReadonlySet<EventId>;
}

/** An amount and the instant for which it was stated. */
interface Statement {
  readonly amount: Money;
  readonly at: Instant;
}

/** What is known of a driver's standing. Null where nothing was ever stated, which is not zero. */
export interface StandingState {
  readonly fines: ReadonlyMap<FineId, StandingFine>;
  readonly arrears: Statement | null;
  readonly deposit: Statement | null;
}

/** All fines of one status in one currency: how many, and their amounts and penalty points added up. */
export interface StandingLine {
  readonly status: Status;
  readonly currency: Currency;
  readonly fines: number;
  readonly points: number;
  readonly amount: Money;
}

type Decision = Either<StandingRefusal, readonly StandingEvent[]>;
const nothing: Decision = right([]);

const copyFine = (command: CopyFine, state: StandingState): Decision => {
  const { driver, fine, status, amount, points, basis, when } = command;
  if (state.fines.get(fine)?.bases.has(basis)) return nothing;
  return right([fact(StandingFineCopied, when, { driver, fine, status, amount, points, basis })]);
};

const isSame = (stated: Statement, { amount, at }: Statement): boolean =>
  stated.at === at &&
  stated.amount.amount === amount.amount &&
  stated.amount.currency === amount.currency;

/** The statement as an event, unless it stands already or a newer one does. */
const restate = (
  { driver, when }: StateArrears | StateDeposit,
  { stated, amount }: { readonly stated: Statement | null; readonly amount: Money },
  event: StandingEvent,
): Decision => {
  if (stated === null) return right([event]);
  if (when.at < stated.at) return left({ code: 'StatementOutdated', driver, since: stated.at });
  return isSame(stated, { amount, at: when.at }) ? nothing : right([event]);
};

const decide = (command: StandingCommand, state: StandingState): Decision => {
  const { driver, when } = command;
  switch (command.type) {
    case 'CopyFine':
      return copyFine(command, state);
    case 'StateArrears': {
      const { arrears } = command;
      const event = fact(ArrearsStated, when, { driver, arrears });
      return restate(command, { stated: state.arrears, amount: arrears }, event);
    }
    case 'StateDeposit': {
      const { deposit } = command;
      const event = fact(DepositStated, when, { driver, deposit });
      return restate(command, { stated: state.deposit, amount: deposit }, event);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (state: StandingState, event: StandingEvent): StandingState => {
  switch (event.type) {
    case 'StandingFineCopied': {
      const { fine, status, amount, points, basis } = event.data;
      const bases = new Set(state.fines.get(fine)?.bases).add(basis);
      return { ...state, fines: new Map(state.fines).set(fine, { status, amount, points, bases }) };
    }
    case 'ArrearsStated':
      return { ...state, arrears: { amount: event.data.arrears, at: event.when.at } };
    case 'DepositStated':
      return { ...state, deposit: { amount: event.data.deposit, at: event.when.at } };
    default:
      return unreachable(event);
  }
};

const added = (line: StandingLine | undefined, fine: StandingFine): StandingLine => {
  const { status, amount, points } = fine;
  if (!line) return { status, currency: amount.currency, fines: 1, points, amount };
  return {
    ...line,
    fines: line.fines + 1,
    points: line.points + points,
    amount: addMoney(line.amount, amount),
  };
};

/**
 * The fines of a standing, one line per status and currency that occurs, ordered by status, then currency.
 * Throws where a sum goes beyond 18 digits of minor units.
 */
export const standingSummary = ({
  fines,
}: Pick<StandingState, 'fines'>): readonly StandingLine[] => {
  const lines = new Map<string, StandingLine>();
  for (const fine of fines.values()) {
    const key = `${fine.status} ${fine.amount.currency}`;
    lines.set(key, added(lines.get(key), fine));
  }
  return [...lines].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, line]) => line);
};

/** What a driver owes, has deposited and was fined, as others state it; `decideAccess` reads it. */
export const standingDecider: Decider<
  StandingCommand,
  StandingEvent,
  StandingState,
  StandingRefusal
> = {
  initial: { fines: new Map(), arrears: null, deposit: null },
  decide,
  evolve,
};
