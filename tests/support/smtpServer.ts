import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * What a mail server in a test does. `greets`: its first line, null for silence; `answers`: other answers
 * to commands, by their first word; `afterText`: its answer to the end of a mail, `cut` for none.
 */
export interface SmtpManner {
  readonly greets: string | null;
  readonly answers: Readonly<Record<string, string>>;
  readonly afterText: string;
}

const KIND: SmtpManner = { greets: '220 here', answers: {}, afterText: '250 taken' };
const USUAL: Readonly<Record<string, string>> = {
  ...{ EHLO: '250-here\r\n250 AUTH PLAIN', DATA: '354 go on', QUIT: '221 bye', AUTH: '235 yes' },
};

const serve = (socket: Socket, manner: SmtpManner, taken: string[], heard: string[]): void => {
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  let rest = '';
  let text: string | null = null;
  socket.on('error', () => {});
  if (manner.greets !== null) say(manner.greets);
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (;;) {
      const end = text === null ? '\r\n' : '\r\n.\r\n';
      const place = rest.indexOf(end);
      if (place === -1) return;
      const part = rest.slice(0, place);
      rest = rest.slice(place + end.length);
      if (text !== null) {
        text = null;
        if (manner.afterText === 'cut') return void socket.destroy();
        if (manner.afterText.startsWith('2')) taken.push(part.replaceAll('\r\n..', '\r\n.'));
        say(manner.afterText);
      } else {
        heard.push(part);
        const word = part.split(' ')[0]?.toUpperCase() ?? '';
        const answer = manner.answers[word] ?? USUAL[word] ?? '250 fine';
        if (answer === 'cut') return void socket.destroy();
        if (answer.startsWith('354')) text = '';
        say(answer);
      }
    }
  });
};

/** A mail server on a free port of this machine, with the mails that it took and the commands it heard. */
export const smtpServer = async (change: Partial<SmtpManner> = {}) => {
  const taken: string[] = [];
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, { ...KIND, ...change }, taken, heard);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('there is no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    port: address.port,
    taken,
    heard,
    close: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
