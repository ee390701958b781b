import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { loginFrame } from '#ingest/formats/wialonIps/encode.ts';
import type { Answer, DeviceLogin, Uplink } from './uplink.ts';

const LOGIN_MAX_MS = 10_000;
const CLOSE_MAX_MS = 2_000;
const KEPT = /^#A(?:(?:SD|D|M)#1|B#[1-9]\d*)$/;
/** The protocol says by the same numbers that a frame could not be kept, and that its structure is wrong. */
const NOT_KEPT = /^#A(?:(?:SD|D)#-1|[BM]#0)$/;

const answerOf = (line: string): Answer => {
  if (KEPT.test(line)) return 'acknowledged';
  return NOT_KEPT.test(line) ? 'postponed' : 'refused';
};

/** Calls with every line that comes, without its end. */
const readLines = (socket: Socket, take: (line: string) => void): void => {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
};

/**
 * A device that speaks Wialon IPS 2.0 over TCP. Frames may go out before the ones before them are answered;
 * answers come in their order, so a frame that the protocol does not answer must not be sent. Throws if the
 * device is not let in.
 */
export const ipsUplink = async (
  { host, port }: { readonly host: string; readonly port: number },
  { ident, secret }: DeviceLogin,
): Promise<Uplink> => {
  const socket = connect({ host, port, noDelay: true });
  const waiting: ((line: string | null) => void)[] = [];
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const settle of waiting.splice(0)) settle(null);
  });
  readLines(socket, (line) => waiting.shift()?.(line));
  const say = (frame: Buffer): Promise<string | null> =>
    new Promise((resolve) => {
      if (!socket.writable) return resolve(null);
      waiting.push(resolve);
      socket.write(frame);
    });
  const tooLate = setTimeout(() => socket.destroy(), LOGIN_MAX_MS);
  const login = await say(loginFrame({ version: '2.0', ident, password: secret }));
  clearTimeout(tooLate);
  if (login !== '#AL#1') {
    socket.destroy();
    throw new Error(`Wialon IPS: ${login ?? 'no answer to the login'}`);
  }
  return {
    send: async (message) => {
      const line = await say(message);
      return line === null ? 'lost' : answerOf(line);
    },
    cut: () => {
      socket.destroy();
    },
    close: async () => {
      if (socket.destroyed) return;
      const closed = once(socket, 'close');
      const forced = setTimeout(() => socket.destroy(), CLOSE_MAX_MS);
      socket.end();
      await closed;
      clearTimeout(forced);
    },
  };
};
