import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { ActorId, BankExceptionId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type BankEvent, BankExceptionNoted, BankExceptionSettled } from './events.ts';

/** What one may ask of a line of a bank statement that fits nothing. */
export type ExceptionCommand =
  | {
      readonly type: 'NoteException';
      readonly said: z.infer<(typeof BankExceptionNoted)['data']>;
      readonly when: Moment;
    }
  | {
      readonly type: 'SettleException';
      readonly exception: BankExceptionId;
      readonly reason: string;
      readonly user: ActorId;
      readonly when: Moment;
    };

export type ExceptionRefusal = {
  readonly code: 'BankExceptionUnknown';
  readonly exception: BankExceptionId;
};

/** Whether somebody still has to look at the line. */
export type ExceptionState = 'unknown' | 'open' | 'settled';

const decide = (
  command: ExceptionCommand,
  state: ExceptionState,
): Either<ExceptionRefusal, readonly BankEvent[]> => {
  switch (command.type) {
    case 'NoteException':
      if (state !== 'unknown') return right([]);
      return right([fact(BankExceptionNoted, command.when, command.said)]);
    case 'SettleException': {
      const { exception, reason, user, when } = command;
      if (state === 'unknown') return left({ code: 'BankExceptionUnknown', exception });
      if (state === 'settled') return right([]);
      return right([fact(BankExceptionSettled, when, { exception, reason, user })]);
    }
    default:
      return unreachable(command);
  }
};

/** A line of a bank statement that fits nothing: noted once, however often it is told, and settled once. */
export const exceptionDecider: Decider<
  ExceptionCommand,
  BankEvent,
  ExceptionState,
  ExceptionRefusal
> = {
  initial: 'unknown',
  decide,
  evolve: (_, { type }) => (type === 'BankExceptionNoted' ? 'open' : 'settled'),
};
