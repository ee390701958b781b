import { z } from 'zod';
import { mosquitto, mosquittoPath } from '#tests/support/mosquitto.ts';
import { copyPeer } from './ingestCopy.ts';
import {
  benchProcess,
  type LoadAsked,
  Ready,
  type ServerAsked,
  ServerFigures,
  type ServerSetup,
} from './ingestProcess.ts';
import { boundedFigure, comparedFigure, type Figure, interleaved, perSecond } from './measure.ts';
import type { Rig } from './rig.ts';

const BENCH = 'ingest';
const DEVICES = 32;
const MESSAGES_A_ROUND = 16_000;
const ROWS_A_ROUND = 60_000;
const READINGS_EACH = 50;
const STEADY_S = 6;
const WARM_S = 2;
const MEMORY_RATE = 2_000;
const MEMORY_LOOK_S = 5;
/** A heap grows until it has seen what there is to do. */
const MEMORY_WARM_S = 45;

const RATES = { mqtt: 12_000, rows: 60_000, ips: 15_000 } as const;
const LATENCY_MAX_MS = 2_000;
const SHARE_OF_BROKER = 0.6;
/** How much more of its memory a process may hold in the last third than in the first. */
const GROWTH_MAX_PCT = 10;

const Port = z.coerce.number().int();

/** The product's side and the load's side, each a process of its own, over one way in. */
const contest = async (setup: Omit<ServerSetup, 'devices'>) => {
  const server = await benchProcess<ServerAsked>('ingestServer.ts', { ...setup, devices: DEVICES });
  try {
    const { port, logins } = Ready.parse(server.ready);
    const load = await benchProcess<LoadAsked>('ingestLoad.ts', {
      shape: setup.way === 'ips' ? 'ips' : 'flespi',
      port: setup.broker === null ? port : Port.parse(new URL(setup.broker).port),
      logins,
    });
    const figures = async () => ServerFigures.parse(await server.ask({ ask: 'figures' }));
    return {
      /** Messages a second, from the first byte sent until the last is kept. */
      rate: async (messages: number, readings_each: number, writes: boolean): Promise<number> => {
        await load.ask({ ask: 'prepare', messages, readings_each });
        await server.ask({ ask: 'begin', writes });
        return perSecond(messages, async () => {
          const kept = server.ask({ ask: 'reached', messages });
          await Promise.all([load.ask({ ask: 'send' }), kept]);
        });
      },
      /** What came of a steady rate, once it has run for a while. */
      steady: async (a_second: number, seconds: number): Promise<ServerFigures> => {
        await load.ask({ ask: 'steadily', a_second, seconds: WARM_S });
        await server.ask({ ask: 'begin', writes: true });
        await load.ask({ ask: 'steadily', a_second, seconds });
        await server.ask({ ask: 'reached', messages: Math.floor(a_second * seconds) });
        return figures();
      },
      /** How much memory the product's side holds after so long. */
      held_mib: async (a_second: number, seconds: number): Promise<number> => {
        await server.ask({ ask: 'begin', writes: true });
        await load.ask({ ask: 'steadily', a_second, seconds });
        return (await figures()).rss_mib;
      },
      end: () => Promise.all([load.end(), server.end()]),
    };
  } catch (error) {
    await server.end();
    throw error;
  }
};

type Contest = Awaited<ReturnType<typeof contest>>;

const rateFigure = (name: string, unit: string, value: number, bound: number): Figure =>
  boundedFigure({ bench: BENCH, case: name, unit, value, bound, sense: 'at least' });

const latencyFigure = async (ground: Contest, name: string, a_second: number): Promise<Figure> => {
  const { p99_ms: value } = await ground.steady(a_second, STEADY_S);
  const about = { bench: BENCH, case: `${name}, due to durable at ${a_second}/s, p99`, unit: 'ms' };
  return boundedFigure({ ...about, value, bound: LATENCY_MAX_MS, sense: 'at most' });
};

/** One point a message: ours beside the same subscriber that acknowledges at once and writes nothing. */
const mqttFigures = async (ground: Contest, name: string): Promise<readonly Figure[]> => {
  const run = await interleaved({
    ours: () => ground.rate(MESSAGES_A_ROUND, 1, true),
    peer: () => ground.rate(MESSAGES_A_ROUND, 1, false),
  });
  const value = run['ours'] ?? 0;
  const measured = { value, peer: 'without our writer', peer_value: run['peer'] ?? 0 };
  const about = { bench: BENCH, case: `${name}, one point a message`, unit: 'messages/s' };
  return [
    comparedFigure({ ...about, ...measured, atLeast: SHARE_OF_BROKER }),
    rateFigure(about.case, about.unit, value, RATES.mqtt),
    await latencyFigure(ground, name, RATES.mqtt / 2),
  ];
};

const batchFigure = async (ground: Contest, url: string): Promise<Figure> => {
  const raw = await copyPeer(url);
  const messages = ROWS_A_ROUND / READINGS_EACH;
  try {
    const run = await interleaved({
      ours: async () => (await ground.rate(messages, READINGS_EACH, true)) * READINGS_EACH,
      copy: () => raw.copy(ROWS_A_ROUND),
    });
    return boundedFigure({
      ...{ bench: BENCH, case: `own broker, ${READINGS_EACH} points a message`, unit: 'rows/s' },
      ...{ value: run['ours'] ?? 0, bound: RATES.rows, sense: 'at least' },
      peer: { name: 'raw COPY', value: run['copy'] ?? 0 },
    });
  } finally {
    await raw.end();
  }
};

const ipsFigures = async (ground: Contest): Promise<readonly Figure[]> => {
  const name = 'Wialon IPS over TCP';
  const run = await interleaved({
    ours: () => ground.rate(MESSAGES_A_ROUND, 1, true),
    peer: () => ground.rate(MESSAGES_A_ROUND, 1, false),
  });
  return [
    boundedFigure({
      ...{ bench: BENCH, case: `${name}, one record a frame`, unit: 'frames/s' },
      ...{ value: run['ours'] ?? 0, bound: RATES.ips, sense: 'at least' },
      peer: { name: 'without our writer', value: run['peer'] ?? 0 },
    }),
    await latencyFigure(ground, name, RATES.ips / 2),
  ];
};

const within = async <Result>(
  setup: Omit<ServerSetup, 'devices'>,
  work: (ground: Contest) => Promise<Result>,
): Promise<Result> => {
  const ground = await contest(setup);
  try {
    return await work(ground);
  } finally {
    await ground.end();
  }
};

const behindMosquitto = async (url: string): Promise<readonly Figure[]> => {
  if (mosquittoPath === null) return [];
  const broker = await mosquitto();
  try {
    const setup = { url, way: 'client', broker: broker.url } as const;
    return await within(setup, (ground) => mqttFigures(ground, 'client at Mosquitto'));
  } finally {
    await broker.close();
  }
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The memory of the process that takes telemetry, over so many minutes of a steady rate. */
const memoryFigures = async (url: string, minutes: number): Promise<readonly Figure[]> =>
  within({ url, way: 'broker', broker: null }, async (ground) => {
    const looks = Math.floor((minutes * 60) / MEMORY_LOOK_S);
    const seen_mib: number[] = [];
    await ground.held_mib(MEMORY_RATE, MEMORY_WARM_S);
    for (let look = 0; look < looks; look += 1) {
      seen_mib.push(await ground.held_mib(MEMORY_RATE, MEMORY_LOOK_S));
    }
    const third = Math.max(1, Math.floor(seen_mib.length / 3));
    const [first, last] = [mean(seen_mib.slice(0, third)), mean(seen_mib.slice(-third))];
    const apart_min = ((seen_mib.length - third) * MEMORY_LOOK_S) / 60;
    const slope = apart_min === 0 ? 0 : (last - first) / apart_min;
    const at = `${MEMORY_RATE} messages/s for ${minutes} min`;
    const bound = Math.round(first * (1 + GROWTH_MAX_PCT / 100));
    return [
      boundedFigure({
        ...{ bench: BENCH, case: `memory at ${at}, last third`, unit: 'MiB', value: last, bound },
        ...{ sense: 'at most', peer: { name: 'first third', value: first } },
      }),
      boundedFigure({
        ...{ bench: BENCH, case: `memory at ${at}, slope`, unit: 'MiB/min', value: slope },
        ...{ bound: (first * GROWTH_MAX_PCT) / 100 / Math.max(1, apart_min), sense: 'at most' },
      }),
    ];
  });

/**
 * Telemetry from a device to a durable row: how much a second, how long it takes at half of that, and, asked
 * for by minutes, how much memory it needs. The load is a process of its own and takes its share of the
 * machine: what is said is what is left of it.
 */
export const ingestBench = async (
  { ledgerDatabase }: Rig,
  minutes: number | null,
): Promise<readonly Figure[]> => {
  const url = await ledgerDatabase();
  if (minutes !== null) return memoryFigures(url, minutes);
  process.stderr.write('load, broker, product and database share the cores of this machine\n');
  return [
    ...(await within({ url, way: 'broker', broker: null }, async (ground) => [
      ...(await mqttFigures(ground, 'own broker')),
      await batchFigure(ground, url),
    ])),
    ...(await behindMosquitto(url)),
    ...(await within({ url, way: 'ips', broker: null }, ipsFigures)),
  ];
};
