import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { isDeviceIdent } from '#domain/kernel/ids.ts';
import type { Grant } from '#ingest/deviceAccess.ts';
import { LINE_MESSAGE_MAX_BYTES } from '#ingest/deviceLine.ts';
import { admit } from './admit.ts';
import type { BrokerLine } from './brokerLine.ts';
import { answerTopicOf, commandTopicOf } from './commandTopic.ts';
import { arrivalOf, deliver, type ListenerParts } from './deliver.ts';
import { topicOf } from './telemetryTopic.ts';
import { untilRight } from './untilRight.ts';

const listener = 'mqtt';

/** A device on a connection of its own to our broker. */
export interface MqttDevice {
  /** Whether it has logged in. */
  readonly isKnown: () => boolean;
  /** Right: let in. Left: whether it was refused, or nobody could tell. */
  readonly logIn: (
    username: string,
    password: string,
  ) => Promise<Either<'refused' | 'unavailable', null>>;
  /** Whether it may listen on a topic: on that of its own orders, once it has logged in. */
  readonly mayHear: (topic: string) => boolean;
  /** It listens to its orders from now on, by that way. */
  readonly listens: (write: Parameters<BrokerLine['joined']>[1]) => void;
  /** It listens no more. */
  readonly turnsAway: () => void;
  /** It has acknowledged an order. */
  readonly acknowledged: () => void;
  /** Whether a message is durable, and may be acknowledged. If not, the connection has to end. */
  readonly keep: (topic: string, raw: Buffer) => Promise<boolean>;
  /** The connection has ended: what is held back is given up. */
  readonly leave: () => void;
}

/**
 * What a device may do: log in by ident and secret, say what it has to say on its own topic, hear its orders
 * and answer them. A message is handed over again and again while the intake is away, for so long at most; an
 * answer goes to the line, which is not asked to keep it. `granted` is called when it has been let in.
 */
export const mqttDevice = (
  parts: ListenerParts,
  { hold_max_ms, line }: { readonly hold_max_ms: number; readonly line: BrokerLine },
  granted: () => void,
): MqttDevice => {
  const { access, sight } = parts;
  const gone = new AbortController();
  let grant: Grant | null = null;
  let onLine: ReturnType<BrokerLine['joined']> | null = null;

  const mayPublish = async (by: Grant): Promise<boolean> => {
    const stands = await access.stands(by)();
    if (isLeft(stands) || stands.right) return true;
    sight({ type: 'login_refused', listener, reason: 'revoked' });
    return false;
  };

  const hearAnswer = async (by: Grant, raw: Buffer): Promise<boolean> => {
    if (!(await mayPublish(by))) return false;
    if (raw.length <= LINE_MESSAGE_MAX_BYTES) line.answered(by, raw);
    else sight({ type: 'message', listener, outcome: 'too_large' });
    return true;
  };

  return {
    isKnown: () => grant !== null,
    logIn: async (username, password) => {
      if (!isDeviceIdent(username)) {
        sight({ type: 'login_refused', listener, reason: 'malformed' });
        return left('refused');
      }
      const verdict = await admit(parts)(listener, { ident: username, secret: password });
      if (isLeft(verdict)) {
        return left(verdict.left.code === 'DeviceRefused' ? 'refused' : 'unavailable');
      }
      grant = verdict.right;
      granted();
      return right(null);
    },
    mayHear: (topic) => grant !== null && topic === commandTopicOf(grant),
    listens: (write) => {
      if (grant === null || gone.signal.aborted) return;
      onLine?.left();
      onLine = line.joined(grant, write);
    },
    turnsAway: () => {
      onLine?.left();
      onLine = null;
    },
    acknowledged: () => onLine?.acknowledged(),
    keep: async (topic, raw) => {
      if (grant !== null && topic === answerTopicOf(grant)) return hearAnswer(grant, raw);
      if (grant === null || topic !== topicOf(grant)) {
        sight({ type: 'message', listener, outcome: 'foreign' });
        return false;
      }
      const { tenant, ident } = grant;
      if (!(await mayPublish(grant))) return false;
      const arrival = arrivalOf({ tenant, ident, listener, raw });
      const held = () => AbortSignal.any([gone.signal, AbortSignal.timeout(hold_max_ms)]);
      return (await untilRight(() => deliver(parts)(arrival), held)) !== null;
    },
    leave: () => {
      gone.abort();
      onLine?.left();
    },
  };
};
