import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Ambiguous, NotDelivered, RelayOrder } from '#commands/relay.ts';
import type { Clock } from '#ingest/clock.ts';
import { Commands } from './wialonAnswers.ts';
import type { CallOutcome, WialonSession } from './wialonSession.ts';
import { COMMAND_TYPES } from './wialonTrace.ts';

type Sent = Either<NotDelivered | Ambiguous, null>;

/** How long an order may take until it is on its way; then it is not sent any more. */
const SEND_WITHIN_MS = 2_000;
/** 0x80000: the commands that are defined for a unit; 1: its name and number. */
const COMMAND_FLAGS = 0x80001;
const NO_SERVICE = 2;

/**
 * Errors by which Wialon says that it did not take an order, and whether the same order may be taken later.
 * Any other leaves that open. Source: Wialon's documentation of the remote API, "Errors".
 */
const REFUSALS: ReadonlyMap<number, boolean> = new Map([
  [1, true],
  [1011, true],
  [10, true],
  [1003, true],
  [2, false],
  [4, false],
  [5, false],
  [7, false],
  [8, false],
  [9, false],
]);

const notDelivered = (reason: string, again: boolean): Sent =>
  left({ code: 'NotDelivered', reason, again });
const ambiguous = (reason: string): Sent => left({ code: 'Ambiguous', reason });

/** The number of a unit; null where the text is none. */
export const unitNumber = (unit: string): number | null => {
  const parsed = z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number)
    .pipe(z.int())
    .safeParse(unit);
  return parsed.success ? parsed.data : null;
};

/** What the end of a call says of the order that it carried. */
const sentBy = (outcome: CallOutcome): Sent => {
  switch (outcome.kind) {
    case 'done':
      // What is taken is answered by an object that says nothing.
      return z.object({}).safeParse(outcome.body).success ? right(null) : ambiguous('unreadable');
    case 'error': {
      const again = REFUSALS.get(outcome.code);
      const reason = `error ${outcome.code}`;
      return again === undefined ? ambiguous(reason) : notDelivered(reason, again);
    }
    case 'unsent': {
      const again = outcome.code === null || (REFUSALS.get(outcome.code) ?? true);
      return notDelivered(outcome.reason, again);
    }
    default:
      return ambiguous(outcome.reason);
  }
};

const leastBusy = (sessions: readonly WialonSession[]): WialonSession | null =>
  sessions
    .filter((session) => !session.isResting())
    .toSorted((one, other) => one.load() - other.load())[0] ?? null;

/**
 * Gives orders over several sessions, each at most once. By `unit/send_cmd`; where Wialon has no such
 * service, by `unit/exec_cmd` under the name that somebody gave to the command.
 */
export const wialonSend = (sessions: readonly WialonSession[], clock: Clock) => {
  let hasSendCmd = true;

  const nameOf = async (
    session: WialonSession,
    unit: number,
    type: string,
    notAfter_ms: number,
  ): Promise<Either<NotDelivered, string>> => {
    const params = { id: unit, flags: COMMAND_FLAGS };
    const outcome = await session.call('core/search_item', params, notAfter_ms);
    const told = Commands.safeParse(outcome.kind === 'done' ? outcome.body : null);
    if (!told.success) {
      const again = outcome.kind !== 'error' || (REFUSALS.get(outcome.code) ?? true);
      return left({ code: 'NotDelivered', reason: 'commands unreadable', again });
    }
    const defined = Object.values(told.data.item.cml).find(({ c }) => c === type);
    if (defined) return right(defined.n);
    return left({ code: 'NotDelivered', reason: `no command ${type}`, again: false });
  };

  return async (unit: number, { action, queue_s }: RelayOrder): Promise<Sent> => {
    const type = COMMAND_TYPES[action];
    // A timeout of 0 would be none at all.
    const timeout = Math.floor(queue_s);
    if (timeout < 1) return notDelivered('queue below a second', false);
    const session = leastBusy(sessions);
    if (session === null) return notDelivered('busy', true);
    const notAfter_ms = clock.now_ms() + SEND_WITHIN_MS;
    const order = { itemId: unit, linkType: '', param: '', timeout, flags: 0 };
    if (hasSendCmd) {
      const params = { ...order, commandType: type };
      const outcome = await session.call('unit/send_cmd', params, notAfter_ms);
      const isUnknown = outcome.kind === 'error' && outcome.code === NO_SERVICE;
      if (!isUnknown) return sentBy(outcome);
      hasSendCmd = false;
    }
    const name = await nameOf(session, unit, type, notAfter_ms);
    if (isLeft(name)) return name;
    const params = { ...order, commandName: name.right };
    return sentBy(await session.call('unit/exec_cmd', params, notAfter_ms));
  };
};
