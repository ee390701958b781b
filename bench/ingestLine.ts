import { once } from 'node:events';
import { connect } from 'node:net';
import { generate } from 'mqtt-packet';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { loginFrame } from '#ingest/formats/wialonIps/encode.ts';

const WINDOW = 128;
const IDS_MAX = 65_535;
/** PUBACK, and `#AD#1` with its end of line: every good answer has that length, and no other has. */
const ANSWER_BYTES = { flespi: 4, ips: 7 } as const;

interface Login {
  readonly ident: string;
  readonly secret: string;
}

type Shape = keyof typeof ANSWER_BYTES;

/** A message as it goes over the wire; those of MQTT are numbered in turn, which takes two bytes each. */
const numbered = (message: Buffer, id_at: number, number: number): Buffer => {
  message.writeUInt16BE((number % IDS_MAX) + 1, id_at);
  return message;
};

/** A message to be published at QoS 1, and where its id stands. */
const publish = (
  ident: string,
  payload: Buffer,
): { readonly bytes: Buffer; readonly id_at: number } => {
  const topic = `fleet/bench/${ident}/up`;
  const bytes = generate({
    ...{ cmd: 'publish', topic, payload, qos: 1, messageId: 1, dup: false, retain: false },
  });
  return { bytes, id_at: bytes.length - payload.length - 2 };
};

/**
 * A device on a bare socket, as cheap as can be: it writes bytes that are there already, keeps so many
 * messages unanswered at most, and counts its answers by their length.
 */
export const benchLine = async (shape: Shape, port: number, { ident, secret }: Login) => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(
    shape === 'ips'
      ? loginFrame({ version: '2.0', ident: DeviceIdent.parse(ident), password: secret })
      : generate({
          ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
          ...{ clientId: ident, username: ident, password: Buffer.from(secret) },
        }),
  );
  await once(socket, 'data');
  const answer_bytes = ANSWER_BYTES[shape];
  let queue: readonly Buffer[] = [];
  let [sent, heard_bytes, next] = [0, 0, 0];
  let done: (() => void) | null = null;
  let failed: ((error: Error) => void) | null = null;

  const fill = (): void => {
    const room = WINDOW - (sent - Math.floor(heard_bytes / answer_bytes));
    const more = queue.slice(next, next + room);
    next += more.length;
    sent += more.length;
    socket.cork();
    for (const bytes of more) socket.write(bytes);
    socket.uncork();
    if (next >= queue.length && heard_bytes >= sent * answer_bytes) done?.();
  };
  socket.on('data', (chunk: Buffer) => {
    heard_bytes += chunk.length;
    fill();
  });
  socket.on('close', () => failed?.(new Error('a device of the load was hung up on')));

  return {
    /** A message in the bytes of this line. */
    packed: (payload: Buffer, number: number): Buffer => {
      if (shape === 'ips') return payload;
      const { bytes, id_at } = publish(ident, payload);
      return numbered(bytes, id_at, number);
    },
    /** Sends all of it, and ends when the last is answered. */
    sendAll: (messages: readonly Buffer[]): Promise<void> =>
      new Promise((resolve, reject) => {
        [queue, next, done, failed] = [messages, 0, resolve, reject];
        fill();
      }),
    /** Sends one message, whatever waits. */
    sendOne: (message: Buffer): void => {
      sent += 1;
      socket.write(message);
    },
    isAnswered: (): boolean => heard_bytes >= sent * answer_bytes,
  };
};
