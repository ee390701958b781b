import { randomUUID } from 'node:crypto';
import { left, right } from 'fp-ts/lib/Either.js';
import type { Relay, RelayAction, RelayTrace } from '#commands/relay.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { type Clock, wallClock } from '#ingest/clock.ts';
import { DeviceAnswer, type DeviceLine, type DeviceOrder } from '#ingest/deviceLine.ts';
import { ownerOfUnit } from '#ingest/listeners/commandTopic.ts';
import { leastRecentlyUsed } from './leastRecentlyUsed.ts';

interface GivenOrder {
  readonly id: string;
  readonly action: RelayAction;
  readonly sent_ms: number;
  /** Until when it may still be carried out; null: it may never have been taken. */
  readonly until_ms: number | null;
}

const UNITS_MAX = 20_000;
const ANSWERS_MAX = 16;
const MS_PER_S = 1_000;
/** By how much a device's clock may be ahead. */
const AHEAD_MAX_MS = 5_000;

const answerKind = (result: string): NonNullable<RelayTrace['answer']>['kind'] => {
  if (result === 'executed') return 'done';
  return result === 'refused_fix' || result === 'refused_speed' ? result : 'unrecognised';
};

const recordOf = (
  given: GivenOrder | null,
  answers: readonly DeviceAnswer[],
  now_ms: number,
): RelayTrace['record'] => {
  if (given === null) return { kind: 'none' };
  const done = answers.find(({ order, result }) => order === given.id && result === 'executed');
  if (done) return { kind: 'executed', at: done.at };
  const isAnswered = answers.some(({ order }) => order === given.id);
  const mayWait = given.until_ms !== null && now_ms < given.until_ms;
  return mayWait && !isAnswered ? { kind: 'waiting' } : { kind: 'none' };
};

const outputOf = (
  answers: readonly DeviceAnswer[],
  { output, blocksWhenOn }: { readonly output: number; readonly blocksWhenOn: boolean },
): RelayTrace['output'] => {
  const told = answers.findLast(({ dout }) => dout !== null);
  if (!told) return null;
  const isOn = Math.floor((told.dout ?? 0) / 2 ** (output - 1)) % 2 === 1;
  return { blocked: isOn === blocksWhenOn, at: told.at };
};

const answerOf = (answers: readonly DeviceAnswer[], action: RelayAction): RelayTrace['answer'] => {
  const last = answers.findLast((each) => each.action === action);
  return last ? { kind: answerKind(last.result), at: last.at } : null;
};

const parsed = (message: Buffer): DeviceAnswer | null => {
  try {
    return DeviceAnswer.safeParse(JSON.parse(message.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
};

/**
 * The relay to devices that speak MQTT to us. A unit is `<tenant>/<ident>`. An order has an id, by which the
 * device does it once, and a time by which the device drops it; what became of it is what the device answers.
 * A broker keeps no account of its own, so an order without an answer is not known to have failed.
 */
export const mqttRelay = (line: DeviceLine, clock: Clock = wallClock): Relay => {
  const answers = leastRecentlyUsed<readonly DeviceAnswer[]>(UNITS_MAX);
  const orders = leastRecentlyUsed<GivenOrder>(UNITS_MAX);
  const stop = line.listen(({ tenant, ident }, message) => {
    const answer = parsed(message);
    // What is dated after now could be taken for newer than an order that it knows nothing of.
    if (answer === null || epochMs(answer.at) > clock.now_ms() + AHEAD_MAX_MS) return;
    const unit = `${tenant}/${ident}`;
    const known = answers.get(unit) ?? [];
    const fresh = [...known, answer].toSorted((one, other) => epochMs(one.at) - epochMs(other.at));
    answers.put(unit, fresh.slice(-ANSWERS_MAX));
  });
  const since = (unit: string, from: Instant): readonly DeviceAnswer[] =>
    (answers.get(unit) ?? []).filter(({ at }) => at >= from);

  return {
    send:
      ({ to, action, queue_s }) =>
      async () => {
        const owner = ownerOfUnit(to.unit);
        if (owner === null) {
          return left({ code: 'NotDelivered', reason: 'no name of a device', again: false });
        }
        const sent_ms = clock.now_ms();
        const until_ms = sent_ms + queue_s * MS_PER_S;
        const id = randomUUID();
        const expires_at = instantOf(until_ms);
        const order: DeviceOrder = { order: id, action, output: to.output, expires_at };
        // The answer may come before the acknowledgement.
        orders.put(to.unit, { id, action, sent_ms, until_ms: null });
        const outcome = await line.order(owner, Buffer.from(JSON.stringify(order)), queue_s);
        if (outcome === 'unknown') return left({ code: 'Ambiguous', reason: 'not acknowledged' });
        if (outcome === 'taken') {
          orders.put(to.unit, { id, action, sent_ms, until_ms });
          return right(null);
        }
        orders.drop(to.unit);
        const reason = outcome === 'nobody' ? 'offline' : 'broker away';
        return left({ code: 'NotDelivered', reason, again: true });
      },
    trace: (question) => async () => {
      const { unit, output, blocksWhenOn } = question.to;
      const owner = ownerOfUnit(unit);
      if (owner === null) return left({ code: 'Unavailable', detail: 'no name of a device' });
      const told = since(unit, question.since);
      const given = orders.get(unit) ?? null;
      const isAsked = given?.action === question.action && given.sent_ms >= epochMs(question.since);
      return right({
        record: recordOf(isAsked ? given : null, told, clock.now_ms()),
        answer: answerOf(told, question.action),
        output: outputOf(told, { output, blocksWhenOn }),
        connected: line.isConnected(owner),
      });
    },
    close: async () => stop(),
  };
};
