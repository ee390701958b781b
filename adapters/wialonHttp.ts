import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

/**
 * How a request ended. `unsent`: certainly no byte of it has left us. `unknown`: the other side may have it,
 * and may have acted upon it.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'unsent'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A way to post forms to one address. */
export interface WialonHttp {
  readonly post: (path: string, form: Readonly<Record<string, string>>) => Promise<Exchange>;
  readonly close: () => void;
}

const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
const IDLE_SOCKETS_MAX = 64;
/** An idle connection is given up before servers do so: nobody knows of what is sent on one that ends. */
const IDLE_SOCKET_MS = 4_000;

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'failed';

/** The text of an answer; fails where it is too long or breaks off. */
const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > ANSWER_MAX_BYTES) throw new Error('the answer is too long');
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const exchangeOf = async (response: IncomingMessage): Promise<Exchange> => {
  if (response.statusCode !== 200) {
    response.resume();
    return { kind: 'unknown', reason: `status ${response.statusCode}` };
  }
  try {
    return { kind: 'answered', body: JSON.parse(await textOf(response)) };
  } catch (error) {
    response.destroy();
    const reason = error instanceof SyntaxError ? 'unreadable' : reasonOf(error);
    return { kind: 'unknown', reason };
  }
};

/**
 * Posts forms, each within `timeout_ms` of real time. Whether a request was sent is told by its socket: what
 * waits for a new connection is not written before that is made. On a connection that was used before it is
 * taken to be written at once, since it may have been.
 */
export const wialonHttp = (
  base: string,
  { timeout_ms, sockets_max }: { readonly timeout_ms: number; readonly sockets_max: number },
): WialonHttp => {
  const isSecure = new URL(base).protocol === 'https:';
  const options = {
    keepAlive: true,
    timeout: Math.max(IDLE_SOCKET_MS, timeout_ms),
    maxSockets: sockets_max,
    maxFreeSockets: IDLE_SOCKETS_MAX,
  };
  const agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  const request = isSecure ? httpsRequest : httpRequest;
  const connected = isSecure ? 'secureConnect' : 'connect';

  const post: WialonHttp['post'] = (path, form) =>
    new Promise((resolve) => {
      const body = new URLSearchParams(form).toString();
      let mayBeSent = false;
      let isAnswered = false;
      const failed = (reason: string): void => {
        resolve({ kind: mayBeSent ? 'unknown' : 'unsent', reason });
      };
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      };
      const sending = request(new URL(path, base), { method: 'POST', agent, headers });
      const tooLate = setTimeout(() => {
        failed('timeout');
        sending.destroy();
      }, timeout_ms);
      sending.on('socket', (socket: Socket) => {
        if (!sending.reusedSocket && socket.connecting) {
          socket.once(connected, () => {
            mayBeSent = true;
          });
        } else mayBeSent = true;
      });
      sending.on('error', (error) => failed(reasonOf(error)));
      sending.on('response', (response) => {
        isAnswered = true;
        exchangeOf(response).then(resolve, (error: unknown) => failed(reasonOf(error)));
      });
      sending.on('close', () => {
        clearTimeout(tooLate);
        if (!isAnswered) failed('closed');
      });
      sending.end(body);
    });
  return { post, close: () => agent.destroy() };
};
