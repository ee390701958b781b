import type { RelayAction, RelayTrace, RelayUnit } from '#commands/relay.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { answerOfText } from './deviceTexts.ts';
import type { WialonMessage } from './wialonAnswers.ts';

/** What Wialon calls our actions. */
export const COMMAND_TYPES = {
  block: 'block_engine',
  release: 'unblock_engine',
  query_position: 'query_pos',
} as const satisfies Readonly<Record<RelayAction, string>>;

/** An order that Wialon took: when it was sent, and until when it may wait there, by our clock. */
export interface TakenOrder {
  readonly action: RelayAction;
  readonly sent_ms: number;
  readonly until_ms: number;
}

/**
 * What a trace is made of. `user`: who we are at Wialon. `order`: the last one we gave, as far as it is
 * remembered. `ahead_ms`: by how much Wialon's clock is ahead of ours, at least.
 */
export interface Traced {
  readonly messages: readonly WialonMessage[];
  readonly connected: boolean | null;
  readonly user: number | null;
  readonly order: TakenOrder | null;
  readonly ahead_ms: number;
  readonly now_ms: number;
}

interface Question {
  readonly to: RelayUnit;
  readonly action: RelayAction;
  readonly since: Instant;
}

const MS_PER_S = 1_000;
/** By how much clocks may be read wrong: a second that is told whole, and the way it takes. */
const READ_WRONG_MS = 500;
/** How long an order that is not remembered is taken to wait at most. */
const QUEUE_ASSUMED_MS = 10_000;

type CommandRecord = Extract<WialonMessage, { kind: 'command' }>;

const recordOf = (traced: Traced, { action, since }: Question): RelayTrace['record'] => {
  const { order, user, ahead_ms, now_ms } = traced;
  const since_ms = epochMs(since);
  const isRemembered = order !== null && order.action === action && order.sent_ms >= since_ms;
  const isOurs = (message: WialonMessage): message is CommandRecord =>
    message.kind === 'command' &&
    message.type === COMMAND_TYPES[action] &&
    message.user === user &&
    // Told in whole seconds by Wialon's clock.
    (message.at_s + 1) * MS_PER_S + READ_WRONG_MS > since_ms + ahead_ms;
  const records = traced.messages.filter(isOurs);
  const last = records.findLast(({ executed_s }) => executed_s !== null) ?? records.at(-1);
  if (last?.executed_s) return { kind: 'executed', at: instantOf(last.executed_s * MS_PER_S) };
  const assumed_ms = (last?.at_s ?? 0) * MS_PER_S - ahead_ms + QUEUE_ASSUMED_MS;
  const mayWait = now_ms < (isRemembered ? order.until_ms : assumed_ms);
  // A record that tells of nothing done may come before the end, as far as anybody knows.
  if (mayWait && (isRemembered || last)) return { kind: 'waiting' };
  return last ? { kind: 'not_executed', at: instantOf(last.at_s * MS_PER_S) } : { kind: 'none' };
};

/**
 * What became of an order, from what Wialon told of the unit. What the device said, and its output, count
 * from the first whole second after the order: a second that began before it may have been told before it.
 */
export const traceOf = (traced: Traced, question: Question): RelayTrace => {
  const { to, action, since } = question;
  const after_ms = epochMs(since) + Math.max(0, traced.ahead_ms);
  const told = traced.messages.flatMap((each) =>
    each.kind === 'data' && each.at_s * MS_PER_S >= after_ms ? [each] : [],
  );
  const answers = told.flatMap(({ text, at_s }) => {
    const kind = text === null ? null : answerOfText(text, action);
    return kind === null ? [] : [{ kind, at: instantOf(at_s * MS_PER_S) }];
  });
  const seen = told.findLast(({ outputs }) => outputs !== null);
  const isOn = Math.floor((seen?.outputs ?? 0) / 2 ** (to.output - 1)) % 2 === 1;
  return {
    record: recordOf(traced, question),
    // A device that chats in other words has still answered in its known ones.
    answer: answers.findLast(({ kind }) => kind !== 'unrecognised') ?? answers.at(-1) ?? null,
    output: seen
      ? { blocked: isOn === to.blocksWhenOn, at: instantOf(seen.at_s * MS_PER_S) }
      : null,
    connected: traced.connected,
  };
};
