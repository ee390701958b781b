import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** One client and its connection to the store behind. */
interface Pair {
  readonly client: Socket;
  readonly store: Socket;
}

/** A stretch of wire between a client and a store on loopback, on which things can go wrong. */
export interface FaultProxy {
  /** Where the clients connect to; stays the same for the proxy's life. */
  readonly port: number;
  /** Bytes that went over the wire so far, to the store and from it. */
  readonly bytes: () => { readonly sent: number; readonly received: number };
  /** The store has moved: new connections lead there. */
  readonly moveTo: (port: number) => void;
  /** Requests arrive, their answers vanish, until `heal`. */
  readonly swallowAnswers: () => void;
  /** Connections stay, and nothing goes over them until `heal`. */
  readonly freeze: () => void;
  /** Every connection breaks. */
  readonly cut: () => void;
  /** Every connection breaks, and new ones are refused until `heal`. */
  readonly refuse: () => Promise<void>;
  readonly heal: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no port');
  return address.port;
};

/** Starts a proxy before the store at a port of this machine. */
export const faultProxy = async (storePort: number): Promise<FaultProxy> => {
  const pairs = new Set<Pair>();
  const count = { sent: 0, received: 0 };
  let target = storePort;
  let swallowing = false;
  let frozen = false;

  const join = (client: Socket): void => {
    const store = connect(target, LOOPBACK);
    const pair = { client, store };
    const part = () => {
      pairs.delete(pair);
      client.destroy();
      store.destroy();
    };
    pairs.add(pair);
    client.setNoDelay(true);
    store.setNoDelay(true);
    client.on('data', (bytes) => {
      count.sent += bytes.length;
      if (!store.write(bytes)) client.pause();
    });
    store.on('data', (bytes) => {
      if (swallowing) return;
      count.received += bytes.length;
      if (!client.write(bytes)) store.pause();
    });
    store.on('drain', () => frozen || client.resume());
    client.on('drain', () => frozen || store.resume());
    for (const socket of [client, store]) socket.on('close', part).on('error', part);
    if (frozen) client.pause();
  };

  const server = createServer(join);
  const port = await listen(server, 0);

  const cut = (): void => {
    for (const { client, store } of [...pairs]) {
      client.resetAndDestroy();
      store.destroy();
    }
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  };
  return {
    port,
    bytes: () => ({ ...count }),
    moveTo: (moved) => {
      target = moved;
    },
    swallowAnswers: () => {
      swallowing = true;
    },
    freeze: () => {
      frozen = true;
      for (const { client, store } of pairs) {
        client.pause();
        store.pause();
      }
    },
    cut,
    refuse,
    heal: async () => {
      swallowing = false;
      frozen = false;
      for (const { client, store } of pairs) {
        client.resume();
        store.resume();
      }
      if (!server.listening) await listen(server, port);
    },
    close: refuse,
  };
};
