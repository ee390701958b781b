import { createServer, type Server } from 'node:net';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import type { ListenerParts } from './deliver.ts';
import { type IpsBounds, type IpsConnection, ipsConnection } from './ipsConnection.ts';
import { listen, type OpenListener } from './openListener.ts';
import { strangers } from './strangers.ts';

const listener = 'ips_tcp';
const LOOK_MS = 1_000;
const KEEP_ALIVE_MS = 300_000;
const FINISH_MAX_MS = 5_000;

/** How a listener of Wialon IPS is bounded, beside its connections. */
interface Bounds extends IpsBounds {
  readonly connections_max: number;
  /** Connections on which nobody has logged in; one more, and the oldest of them has to go. */
  readonly strangers_max: number;
}

const BOUNDS: Bounds = {
  connections_max: 20_000,
  strangers_max: 2_000,
  login_ms: 30_000,
  frame_ms: 300_000,
  idle_ms: 1_800_000,
  refused_pause_ms: 1_000,
  frames_waiting_max: 16,
};

/** The connections there are; each device has one, and its last one counts. */
const switchboard = (strangers_max: number) => {
  const all = new Set<IpsConnection>();
  const unknown = strangers<IpsConnection>(strangers_max, (oldest) => oldest.hangUp('too_many'));
  const byIdent = new Map<DeviceIdent, IpsConnection>();
  return {
    all,
    enter: (connection: IpsConnection): void => {
      all.add(connection);
      unknown.enter(connection);
    },
    know: (connection: IpsConnection, ident: DeviceIdent): void => {
      unknown.leave(connection);
      const before = byIdent.get(ident);
      if (before !== connection) before?.hangUp(null);
      byIdent.set(ident, connection);
    },
    leave: (connection: IpsConnection, ident: DeviceIdent | null): void => {
      all.delete(connection);
      unknown.leave(connection);
      if (ident !== null && byIdent.get(ident) === connection) byIdent.delete(ident);
    },
  };
};

type Switchboard = ReturnType<typeof switchboard>;

const serverOf = (parts: ListenerParts, bounds: Bounds, board: Switchboard): Server => {
  const server = createServer(
    { allowHalfOpen: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    (socket) => {
      let ident: DeviceIdent | null = null;
      const connection: IpsConnection = ipsConnection(parts, bounds, socket, {
        granted: (grant) => {
          ident = grant.ident;
          board.know(connection, grant.ident);
        },
      });
      parts.sight({ type: 'connections', listener, change: 1 });
      board.enter(connection);
      socket.on('close', () => {
        parts.sight({ type: 'connections', listener, change: -1 });
        board.leave(connection, ident);
      });
    },
  );
  server.maxConnections = bounds.connections_max;
  server.on('drop', () => parts.sight({ type: 'login_refused', listener, reason: 'too_many' }));
  return server;
};

/**
 * Listens for devices that speak Wialon IPS 1.1 or 2.0 over TCP. One clock looks after all connections, so
 * that thousands of idle ones cost nothing.
 */
export const ipsTcp = async (
  parts: ListenerParts,
  at: { readonly host: string; readonly port: number },
  changed: Partial<Bounds> = {},
): Promise<OpenListener> => {
  const bounds = { ...BOUNDS, ...changed };
  const board = switchboard(bounds.strangers_max);
  const server = serverOf(parts, bounds, board);
  const clock = setInterval(
    () => {
      const at_ms = Date.now();
      for (const connection of board.all) connection.look(at_ms);
    },
    Math.min(LOOK_MS, bounds.login_ms),
  );
  const port = await listen(server, at);
  return {
    port,
    stop: async () => {
      clearInterval(clock);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const finished = Promise.allSettled([...board.all].map((each) => each.finish()));
      await Promise.race([
        finished,
        new Promise((done) => setTimeout(done, FINISH_MAX_MS).unref()),
      ]);
      for (const connection of board.all) connection.hangUp(null);
      await closed;
    },
  };
};
