import type { DeviceLine, LineOutcome } from '#ingest/deviceLine.ts';
import { commandTopicOf } from './commandTopic.ts';
import type { TopicOwner } from './telemetryTopic.ts';

/** Writes a message of QoS 1 to a device; false where it could not be written. */
type Write = (topic: string, message: Buffer) => Promise<boolean>;

/** The side of the line that the broker sees to. */
export interface BrokerLine {
  readonly line: DeviceLine;
  /** A device listens from now on; answers what to call on each acknowledgement, and at the end. */
  readonly joined: (
    owner: TopicOwner,
    write: Write,
  ) => { readonly acknowledged: () => void; readonly left: () => void };
  readonly answered: (owner: TopicOwner, message: Buffer) => void;
}

interface Listening {
  readonly write: Write;
  /** Who waits for acknowledgements, in the order of what was sent: they come in that order. */
  readonly waiting: ((outcome: LineOutcome) => void)[];
}

const ACKNOWLEDGED_WITHIN_MS = 2_000;
const WAITING_MAX = 16;
const ANSWERS_MAX = 20_000;

/** The line over our own broker. What a device answered last is kept for whoever listens later. */
export const brokerLine = (): BrokerLine => {
  const devices = new Map<string, Listening>();
  const answers = new Map<string, { readonly owner: TopicOwner; readonly message: Buffer }>();
  const hearers = new Set<(from: TopicOwner, message: Buffer) => void>();

  const order: DeviceLine['order'] = (to, message) => {
    const topic = commandTopicOf(to);
    const device = devices.get(topic);
    if (!device || device.waiting.length >= WAITING_MAX) return Promise.resolve('nobody');
    return new Promise((resolve) => {
      const tooLate = setTimeout(() => resolve('unknown'), ACKNOWLEDGED_WITHIN_MS);
      device.waiting.push((outcome) => {
        clearTimeout(tooLate);
        resolve(outcome);
      });
      device.write(topic, message).then(
        (isWritten) => {
          if (!isWritten) resolve('unknown');
        },
        () => resolve('unknown'),
      );
    });
  };

  return {
    line: {
      order,
      isConnected: (to) => devices.has(commandTopicOf(to)),
      listen: (hear) => {
        for (const { owner, message } of answers.values()) hear(owner, message);
        hearers.add(hear);
        return () => {
          hearers.delete(hear);
        };
      },
    },
    joined: (owner, write) => {
      const topic = commandTopicOf(owner);
      const listening: Listening = { write, waiting: [] };
      devices.set(topic, listening);
      return {
        acknowledged: () => listening.waiting.shift()?.('taken'),
        left: () => {
          if (devices.get(topic) === listening) devices.delete(topic);
          for (const settle of listening.waiting.splice(0)) settle('unknown');
        },
      };
    },
    answered: (owner, message) => {
      const topic = commandTopicOf(owner);
      answers.delete(topic);
      answers.set(topic, { owner, message });
      const [oldest] = answers.keys();
      if (answers.size > ANSWERS_MAX && oldest !== undefined) answers.delete(oldest);
      for (const hear of hearers) hear(owner, message);
    },
  };
};
