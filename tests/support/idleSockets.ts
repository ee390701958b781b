import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A process that opens so many connections to a port of this machine, says how many are open, and keeps them
 * without a word until it is killed. Sockets that the other side ends are let go.
 */
const [port = '', count = ''] = process.argv.slice(2);
const AT_ONCE = 200;
const open: Socket[] = [];

const one = async (): Promise<void> => {
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  open.push(socket);
};

while (open.length < Number(count)) {
  const more = Math.min(AT_ONCE, Number(count) - open.length);
  await Promise.all(Array.from({ length: more }, one));
}
process.stdout.write(`${open.length}\n`);
setInterval(() => {}, 60_000);
