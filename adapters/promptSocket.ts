import { connect, type Socket } from 'node:net';

/** Where postgres.js wants to connect: hosts and ports in pairs, or the path of a Unix socket. */
interface Target {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/**
 * Sockets for postgres.js that send at once. Its own (3.4.9) leave Nagle's algorithm on, and as it sends a
 * statement in several pieces, the last of them may wait for the server's delayed acknowledgement of the
 * first, up to 500 ms (RFC 1122, section 4.2.3.2), on Linux mostly 40. Of several hosts each is tried in
 * turn.
 */
export const promptSockets = () => {
  let attempts = 0;
  return ({ host, port, path }: Target): Socket => {
    if (typeof path === 'string' && path !== '') return connect({ path });
    const index = attempts % host.length;
    attempts += 1;
    const name = host[index] ?? 'localhost';
    const socket = connect({ host: name, port: port[index] ?? 5432, noDelay: true });
    // What postgres.js checks a certificate against.
    return Object.assign(socket, { host: name });
  };
};
