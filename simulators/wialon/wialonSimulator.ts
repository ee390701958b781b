import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { type Clock, wallClock } from '#ingest/clock.ts';
import { answerCall, type Call, type CallParts, type Reply } from './calls.ts';
import { type Controls, control } from './control.ts';
import { type Faults, faultList } from './faults.ts';
import { type Retranslator, retranslator } from './retranslate.ts';
import type { Token } from './services.ts';
import { FOLLOWS, sessionTable, type Violations } from './sessions.ts';
import { type Tracker, tracker } from './tracker.ts';
import { UnitSettings } from './unit.ts';

const BODY_MAX_BYTES = 1024 * 1024;
const HOST = '127.0.0.1';
const LATE_ANSWER_MS = 5_000;
const SESSION_LIFE_MS = 300_000;
const UNREADABLE = '<html>Bad gateway';

/** The token and the user of a simulator of which nothing else is said. It opens nothing anywhere else. */
export const SIMULATED_TOKEN = 'simulated'.repeat(8);
export const SIMULATED_USER = 17;

/** How a simulator is to be. `service_ms`: how long a call takes, in real time. */
export interface SimulatorOptions {
  readonly port?: number;
  readonly clock?: Clock;
  readonly seed?: string;
  readonly tokens?: readonly Token[];
  readonly sessionLife_ms?: number;
  readonly service_ms?: number;
  readonly hasSendCmd?: boolean;
}

/** A simulator that runs. */
export interface WialonSimulator {
  readonly url: string;
  readonly units: ReadonlyMap<number, Tracker>;
  readonly add: (unit: z.input<typeof UnitSettings>) => Tracker;
  readonly faults: Faults;
  readonly violations: Violations;
  /** How often each service was asked for. */
  readonly counts: ReadonlyMap<string, number>;
  /** Every session is gone and every connection cut; what waits in queues is kept, or lost. */
  readonly restart: (queue: 'kept' | 'lost') => void;
  /** Listens no more, until `up`. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The body of a request; null where it is larger than allowed. */
const bodyOf = async (request: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > BODY_MAX_BYTES) return null;
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const say = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
};

const replied = (clock: Clock, response: ServerResponse, reply: Reply): void => {
  if (reply.kind === 'reset') response.socket?.destroy();
  else if (reply.kind === 'status') say(response, reply.status, '');
  else if (reply.kind === 'unreadable') say(response, 200, UNREADABLE);
  else if (reply.late) {
    clock.after(LATE_ANSWER_MS, () => say(response, 200, JSON.stringify(reply.body)));
  } else say(response, 200, JSON.stringify(reply.body));
};

/** The call that a request makes; null if it makes none. Fields come with the address or as a form. */
const callOf = (url: URL, body: string): Call | null => {
  const form = new URLSearchParams(body);
  const field = (name: string): string => form.get(name) ?? url.searchParams.get(name) ?? '';
  const sid = field('sid');
  if (url.pathname === '/avl_evts') return { service: 'avl_evts', sid, params: {} };
  if (url.pathname !== '/wialon/ajax.html') return null;
  return { service: field('svc'), sid, params: jsonOf(field('params')) };
};

const handler =
  (parts: CallParts, controls: Controls) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', 'http://simulator');
    const body = await bodyOf(request);
    if (body === null) return say(response, 413, '');
    if (url.pathname.startsWith('/simulator/')) {
      const asked = { method, path: url.pathname, body: body === '' ? null : jsonOf(body) };
      const controlled = control(controls, asked);
      return say(response, controlled.status, JSON.stringify(controlled.body));
    }
    const call = callOf(url, body);
    if (call === null) return say(response, 404, '');
    if (method !== 'POST') return say(response, 405, '');
    replied(parts.world.clock, response, await answerCall(parts, call));
  };

const portOf = (server: Server): number => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
};

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen({ host: HOST, port });
  await once(server, 'listening');
  return portOf(server);
};

const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The units of a simulator, and what becomes of what they tell. */
const fleetOf = (
  { clock, seed, faults }: { clock: Clock; seed: string; faults: Faults },
  sessions: ReturnType<typeof sessionTable>,
) => {
  const units = new Map<number, Tracker>();
  const passing = new Map<string, Retranslator>();
  const wayOf = (destination: NonNullable<UnitSettings['destination']>): Retranslator => {
    const key = `${destination.host}:${destination.port}:${destination.ident}`;
    const way = passing.get(key) ?? retranslator(destination);
    passing.set(key, way);
    return way;
  };
  return {
    units,
    add: (given: z.input<typeof UnitSettings>): Tracker => {
      const settings = UnitSettings.parse(given);
      const added = tracker(settings, {
        ...{ clock, seed, faults },
        tell: (id, message) => {
          sessions.tell(FOLLOWS.messages, { i: id, t: 'm', d: message });
          const destination = (units.get(id)?.settings() ?? settings).destination;
          if (destination && message.tp === 'ud') wayOf(destination).pass(message);
        },
        connectionChanged: (id, isConnected) =>
          sessions.tell(FOLLOWS.connection, { i: id, t: 'u', d: { netconn: isConnected ? 1 : 0 } }),
      });
      units.set(settings.id, added);
      return added;
    },
    stop: async (): Promise<void> => {
      for (const unit of units.values()) unit.stop();
      await Promise.all([...passing.values()].map((way) => way.close()));
    },
  };
};

/**
 * Something that behaves as Wialon's remote API does, with units that behave as trackers do, over HTTP and
 * on loopback only: for tests, the demo and measurements. What it can do is in docs/RELAY.md.
 */
export const wialonSimulator = async (options: SimulatorOptions = {}): Promise<WialonSimulator> => {
  const { clock = wallClock, seed = 'wialon' } = options;
  const usual = { token: SIMULATED_TOKEN, user: SIMULATED_USER, activeFrom_ms: 0 };
  const sessions = sessionTable(clock, options.sessionLife_ms ?? SESSION_LIFE_MS);
  const faults = faultList();
  const fleet = fleetOf({ clock, seed, faults }, sessions);
  const counts = new Map<string, number>();
  const { units, add } = fleet;
  const tokens = options.tokens ?? [usual];
  const world = { clock, tokens, units, sessions, hasSendCmd: options.hasSendCmd ?? true };
  const begin = (queue: 'kept' | 'lost'): void => {
    sessions.clear();
    for (const unit of units.values()) unit.restart(queue);
  };
  const parts: CallParts = { world, faults, counts, service_ms: options.service_ms ?? 0 };
  const handle = handler(parts, { units, faults, sessions, add, restart: begin });
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.socket?.destroy());
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}`,
    ...{ units, add, faults, counts, violations: sessions.violations },
    restart: (queue) => {
      begin(queue);
      server.closeAllConnections();
    },
    down: () => shut(server),
    up: async () => {
      await listen(server, port);
    },
    stop: async () => {
      await fleet.stop();
      await shut(server);
    },
  };
};
